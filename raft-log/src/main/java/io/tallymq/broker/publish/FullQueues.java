package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.moving.DeadLettering;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.moving.Reporting;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whether queues have room for the messages of a run, and where what they have no room for goes: x-max-length, x-max-length-bytes and x-overflow. */
final class FullQueues {
    private final DeadLettering deadLettering;
    private final Placement placement;
    private final AuditRoom audits;
    /** Those that were looked at last: mostly they are the next message's, too. */
    private RoutingTarget[] looked = Placement.NOWHERE;

    private RoutingTarget[] limited = Placement.NOWHERE;
    /** The queue that had no room for the message looked at last. */
    private Queue refusing;

    private record Refused(int message, Queue queue) {}

    /** Messages of the slice in hand that had no room and are to go on as dead letters. */
    private final List<Refused> refused = new ArrayList<>();
    /** Bytes of their records. */
    private long bytes;

    FullQueues(DeadLettering deadLettering, Placement placement, Reporting reporting) {
        this.deadLettering = deadLettering;
        this.placement = placement;
        this.audits = new AuditRoom(reporting);
    }

    /** Another run. */
    void begin() {
        audits.begin();
        looked = Placement.NOWHERE;
        limited = Placement.NOWHERE;
    }

    /** Why there is no room for message {@code i} of a run in these queues; null when there is. */
    Reply.Rejected refusal(PublishRun run, int i, RoutingTarget[] targets) {
        Reply.Rejected why = audits.refusal(targets);
        RoutingTarget[] some = limited(targets);
        if (why == null && some.length > 0) {
            placement.place(i); // so that the queues know what comes before it
            why = refusal(some, MessageRecord.bodyLength(run.bytes(), run.at(i)));
            if (why != null) {
                refused(run, i);
            }
        }
        return why;
    }

    /** The same for a message of a transaction, which takes the room. */
    Reply.Rejected refusal(TxRoom room, PublishRun run, int i, RoutingTarget[] targets) {
        Reply.Rejected why = audits.take(targets);
        RoutingTarget[] some = limited(targets);
        return why == null && some.length > 0 ? room.take(some, MessageRecord.bodyLength(run.bytes(), run.at(i))) : why;
    }

    /** Those of them that may refuse a publish: mostly none. */
    private RoutingTarget[] limited(RoutingTarget[] targets) {
        if (targets != looked) {
            looked = targets;
            limited = mayBeFull(targets) ? some(targets) : Placement.NOWHERE;
        }
        return limited;
    }

    private static boolean mayBeFull(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).limit().refuses()) {
                return true;
            }
        }
        return false;
    }

    private static RoutingTarget[] some(RoutingTarget[] targets) {
        return Arrays.stream(targets).filter(t -> ((Queue) t).limit().refuses()).toArray(RoutingTarget[]::new);
    }

    /** Of several queues one without room is enough: a fan-out is in all of them or in none. */
    private Reply.Rejected refusal(RoutingTarget[] targets, long bodyBytes) {
        for (RoutingTarget t : targets) {
            refusing = (Queue) t;
            Reply.Rejected full = refusing.limit().refusal(bodyBytes);
            if (full != null) {
                return full;
            }
        }
        return null;
    }

    /** A message was refused by the queue that was full: with reject-publish-dlx it goes to its dead letters. */
    private void refused(PublishRun run, int message) {
        if (refusing.settings().refusedAreDeadLetters() && !RunUploads.has(run, message)) {
            refused.add(new Refused(message, refusing));
            bytes += run.at(message + 1) - run.at(message);
        }
    }

    /** Whether so many are to go on as dead letters that the slice ends here. */
    boolean haveMany() {
        return refused.size() >= DeadLettering.RUN || bytes >= DeadLettering.RUN_BYTES;
    }

    /** They go, neighbours of one queue together. Returns the units of work. */
    long sendRefused(PublishRun run, Stamp e, Effects effects) {
        long units = 0;
        for (int i = 0; i < refused.size(); ) {
            Queue q = refused.get(i).queue;
            List<Integer> messages = new ArrayList<>();
            for (; i < refused.size() && refused.get(i).queue == q; i++) {
                messages.add(refused.get(i).message);
            }
            units += deadLettering.refused(run, messages, q, e, effects);
        }
        refused.clear();
        bytes = 0;
        return units;
    }
}
