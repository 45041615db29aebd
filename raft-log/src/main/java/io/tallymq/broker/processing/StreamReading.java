package io.tallymq.broker.processing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.effect.StreamStart;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.settings.Age;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.List;

/** Who may read a stream, and where it begins: consume argument x-stream-offset. Reading itself is its node's, and costs no entry. */
final class StreamReading {
    private StreamReading() {}

    /** 406 for arguments of readers at a queue that is no stream: they would mean nothing. */
    static Reply.Rejected foreign(Queue q, ConsumerSpec spec) {
        for (String name : spec.arguments().values().keySet()) {
            if (name.startsWith("x-stream-")) {
                return invalid(name, QueueArguments.resource(q), "only streams have it: consume without it");
            }
        }
        return null;
    }

    /** Why a stream can't be read so; null when it can. */
    static Reply.Rejected refusal(Queue q, ConsumerSpec spec) {
        String resource = QueueArguments.resource(q);
        if (spec.noAck()) {
            return Reply.notImplemented("automatic acknowledgement not supported by stream " + resource
                    + ": consume with acks, they are what makes room for more");
        }
        if (spec.prefetch() == 0) {
            return Reply.precondition(
                    Reply.Reason.INVALID_ARGUMENT,
                    "consumer prefetch count is not set for " + resource + ": call basic.qos before");
        }
        Arguments a = spec.arguments();
        Object offset = a.get(ArgumentTable.STREAM_OFFSET);
        if (a.values().containsKey(ArgumentTable.STREAM_OFFSET) && !isOffset(offset)) {
            return invalid(
                    ArgumentTable.STREAM_OFFSET,
                    resource,
                    "first, last, next, an offset, a timestamp, or how long ago (such as 1h) expected");
        }
        Object filter = a.get(ArgumentTable.STREAM_FILTER);
        boolean texts = filter instanceof List<?> l && l.stream().allMatch(String.class::isInstance);
        return filter == null || filter instanceof String || texts
                ? null
                : invalid(ArgumentTable.STREAM_FILTER, resource, "a text or a list of texts expected");
    }

    private static Reply.Rejected invalid(String name, String resource, String why) {
        return Reply.precondition(
                Reply.Reason.INVALID_ARGUMENT, "invalid arg '" + name + "' for a consumer of " + resource + ": " + why);
    }

    private static boolean isOffset(Object o) {
        return o instanceof Long
                || o instanceof Arguments.Timestamp
                || o instanceof String s && (List.of("first", "last", "next").contains(s) || Age.millis(s) >= 0);
    }

    /**
     * Of a consumer that was not refused. What is no longer kept is not where it begins, even if the store still has it; nor is what is not there yet: a
     * reader that remembers where it was in an earlier stream of this name would wait for it, and miss all that comes before.
     */
    static StreamStart start(Queue q, ConsumerSpec spec, long now) {
        Object o = spec.arguments().get(ArgumentTable.STREAM_OFFSET);
        long head = q.lanes().streamHead();
        long tail = q.lanes().tail();
        boolean goesOn = o == null && Boolean.TRUE.equals(spec.arguments().get(ArgumentTable.STREAM_TRACKING));
        long before = goesOn ? q.streamOffsets().of(spec.tag()) : -1;
        if (before >= 0) {
            return new StreamStart(q.number(), Math.min(tail, Math.max(head, before)), false, 0, tail);
        }
        if (o instanceof Long n) {
            long from = Math.max(head, n >= 0 ? n : tail + n);
            return new StreamStart(q.number(), Math.min(tail, from), false, 0, tail);
        } else if (o instanceof Arguments.Timestamp t) {
            long seconds = Math.min(t.seconds(), Long.MAX_VALUE / 1_000);
            return new StreamStart(q.number(), head, false, seconds <= 0 ? 1 : seconds * 1_000, tail);
        } else if ("first".equals(o)) {
            return new StreamStart(q.number(), head, false, 0, tail);
        } else if ("last".equals(o) && tail > head) {
            return new StreamStart(q.number(), tail - 1, true, 0, tail);
        } else if (o instanceof String s && Age.millis(s) >= 0) {
            return new StreamStart(q.number(), head, false, Math.max(1, now - Age.millis(s)), tail);
        }
        return new StreamStart(q.number(), tail, false, 0, tail);
    }
}
