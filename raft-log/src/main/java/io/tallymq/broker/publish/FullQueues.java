package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.processing.DeadLettering;
import io.tallymq.broker.processing.Placement;
import io.tallymq.broker.processing.Reporting;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayList;
import java.util.List;

/** Whether queues have room for the messages of a run, and where what they have no room for goes: x-max-length, x-max-length-bytes and x-overflow. */
final class FullQueues {
    private final DeadLettering deadLettering;
    private final Placement placement;
    private final AuditRoom audits;
    /** The queue that had no room for the message looked at last. */
    private Queue refusing;

    private record Refused(int message, Queue queue) {}

    /** Messages of the slice in hand that had no room. */
    private final List<Refused> refused = new ArrayList<>();

    FullQueues(DeadLettering deadLettering, Placement placement, Reporting reporting) {
        this.deadLettering = deadLettering;
        this.placement = placement;
        this.audits = new AuditRoom(reporting);
    }

    /** Another run. */
    void begin() {
        audits.begin();
    }

    /** Why there is no room for message {@code i} of a run in these queues; null when there is. */
    Reply.Rejected refusal(PublishRun run, int i, RoutingTarget[] targets) {
        Reply.Rejected why = audits.refusal(targets);
        if (why == null && mayBeFull(targets)) {
            placement.place(i); // so that the queues know what comes before it
            why = refusal(targets, MessageRecord.bodyLength(run.bytes(), run.at(i)));
            if (why != null) {
                refused.add(new Refused(i, refusing));
            }
        }
        return why;
    }

    /** The same for a message of a transaction, which takes the room. */
    Reply.Rejected refusal(TxRoom room, PublishRun run, int i, RoutingTarget[] targets) {
        Reply.Rejected why = audits.take(targets);
        return why == null && mayBeFull(targets)
                ? room.take(targets, MessageRecord.bodyLength(run.bytes(), run.at(i)))
                : why;
    }

    private static boolean mayBeFull(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).limit().refuses()) {
                return true;
            }
        }
        return false;
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

    /** What the queues with reject-publish-dlx had no room for goes to their dead letters. Returns the units of work. */
    long sendRefused(PublishRun run, Stamp e, Effects effects) {
        long units = 0;
        for (Refused r : refused) {
            if (r.queue.settings().refusedAreDeadLetters() && !RunUploads.has(run, r.message)) {
                units += deadLettering.refused(run, r.message, r.queue, e, effects);
            }
        }
        refused.clear();
        return units;
    }
}
