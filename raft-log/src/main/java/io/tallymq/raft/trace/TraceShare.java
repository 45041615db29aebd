package io.tallymq.raft.trace;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one node knows of a traced message, each by its own clock. Durations in nanoseconds, times in microseconds since 1970.
 *
 * @param term of the entry
 * @param flushed null when the node does not know
 * @param lead null of a node that did not lead
 * @param publish null of a node that did not take the message from its publisher
 */
public record TraceShare(TraceId id, long term, Flushed flushed, Lead lead, Publish publish) {
    /** What is not known, or has not come yet. */
    public static final long UNKNOWN = -1;

    private static final int FLUSHED = TaggedFields.OPTIONAL;
    private static final int LEAD = TaggedFields.OPTIONAL + 1;
    private static final int PUBLISH = TaggedFields.OPTIONAL + 2;

    /**
     * The flush that made the entry durable on the node.
     *
     * @param at when it was done
     */
    public record Flushed(long at, long took) {}

    /**
     * What the leader saw.
     *
     * @param queue from the batch's arrival until its entry was handed to Raft
     * @param replicate from there until a majority had flushed it and its turn to be applied had come
     * @param flushedAfter when its own flush was done, from the handing over on
     * @param learnt when it learnt that a follower had flushed the entry, from the handing over on; by the nodes' ids
     */
    public record Lead(long queue, long replicate, long flushedAfter, Map<String, Long> learnt) {}

    /**
     * What the publisher's node saw.
     *
     * @param at when the message had come, complete
     * @param queues those it went to, the first ones
     * @param moreQueues how many else; {@link #UNKNOWN} when none is known: bodies over a mebibyte
     * @param outcome what became of it, in a word or two
     * @param gather until its batch was sent
     * @param journey from there until the entry with it began to be applied
     * @param apply from there until who waits was told
     * @param write from there until its confirm was given to the socket; {@link #UNKNOWN} before, or when the client is gone
     * @param held the confirm waited for consumers, which is in {@code write}
     */
    public record Publish(
            Names names,
            long at,
            List<String> queues,
            long moreQueues,
            String outcome,
            long gather,
            long journey,
            long apply,
            long write,
            boolean held) {}

    /**
     * What the message says of itself.
     *
     * @param user who published it; empty when an older program tells of it
     */
    public record Names(
            String vhost, String exchange, String routingKey, String messageId, String correlationId, String user) {
        private Names by(String whom) {
            return new Names(vhost, exchange, routingKey, messageId, correlationId, whom);
        }
    }

    void write(ByteWriter w) {
        ByteWriter own = new ByteWriter(256);
        id.write(own);
        own.int64(term);
        if (flushed != null) {
            TaggedFields.write(
                    own,
                    FLUSHED,
                    new ByteWriter(16).int64(flushed.at).int64(flushed.took).toBytes());
        }
        if (lead != null) {
            ByteWriter l = new ByteWriter(64);
            l.int64(lead.queue).int64(lead.replicate).int64(lead.flushedAfter).varint(lead.learnt.size());
            lead.learnt.forEach((node, after) -> l.string(node).int64(after));
            TaggedFields.write(own, LEAD, l.toBytes());
        }
        if (publish != null) {
            TaggedFields.write(own, PUBLISH, bytes(publish));
        }
        w.bytes(own.toBytes());
    }

    private static byte[] bytes(Publish p) {
        ByteWriter w = new ByteWriter(256);
        w.string(p.names.vhost).string(p.names.exchange).string(p.names.routingKey);
        w.string(p.names.messageId).string(p.names.correlationId).int64(p.at).varint(p.queues.size());
        p.queues.forEach(w::string);
        w.varint(p.moreQueues).string(p.outcome);
        w.int64(p.gather).int64(p.journey).int64(p.apply).int64(p.write).bool(p.held);
        w.string(p.names.user); // behind the rest: older programs pass it over
        return w.toBytes();
    }

    static TraceShare read(ByteReader from) {
        int length = (int) from.varint();
        ByteReader r = new ByteReader(from.array(), from.skip(length), length);
        TraceId id = TraceId.read(r);
        long term = r.int64();
        Parts parts = new Parts();
        TaggedFields.readRecord(r, parts::take);
        return new TraceShare(id, term, parts.flushed, parts.lead, parts.publish);
    }

    private static final class Parts {
        private Flushed flushed;
        private Lead lead;
        private Publish publish;

        boolean take(int tag, ByteReader r) {
            switch (tag) {
                case FLUSHED -> flushed = new Flushed(r.int64(), r.int64());
                case LEAD -> lead = lead(r);
                case PUBLISH -> publish = publish(r);
                default -> {
                    return false;
                }
            }
            return true;
        }

        private static Lead lead(ByteReader r) {
            long queue = r.int64();
            long replicate = r.int64();
            long flushedAfter = r.int64();
            Map<String, Long> learnt = new TreeMap<>();
            for (long n = r.varint(); n > 0; n--) {
                learnt.put(r.string(), r.int64());
            }
            return new Lead(queue, replicate, flushedAfter, learnt);
        }

        private static Publish publish(ByteReader r) {
            Names names = new Names(r.string(), r.string(), r.string(), r.string(), r.string(), "");
            long at = r.int64();
            List<String> queues = new ArrayList<>();
            for (long n = r.varint(); n > 0; n--) {
                queues.add(r.string());
            }
            long moreQueues = r.varint();
            String outcome = r.string();
            long[] times = {r.int64(), r.int64(), r.int64(), r.int64()};
            boolean held = r.bool();
            Names by = r.hasRemaining() ? names.by(r.string()) : names;
            return new Publish(by, at, queues, moreQueues, outcome, times[0], times[1], times[2], times[3], held);
        }
    }
}
