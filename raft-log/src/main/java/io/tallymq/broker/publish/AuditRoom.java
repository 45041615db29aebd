package io.tallymq.broker.publish;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.moving.Reporting;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.RoutingTarget;

/** What comes to audited queues waits for nobody, but it is refused while so much is to be told that the stream of receipts does not follow. */
final class AuditRoom {
    private static final Reply.Rejected FULL = new Reply.Rejected(
            506,
            Reply.Reason.LIMIT,
            "too many receipts wait to be told in " + ReportQueue.FEED
                    + ": publish again in a moment, fewer messages at a time, or audit fewer queues (x-receipts)");

    private final Reporting reporting;
    /** Those that were counted last: mostly they are the next message's, too. */
    private RoutingTarget[] counted = Placement.NOWHERE;

    private int copies;
    /** Copies of the transaction in hand. */
    private long foreseen;

    AuditRoom(Reporting reporting) {
        this.reporting = reporting;
    }

    /** Another run. */
    void begin() {
        counted = Placement.NOWHERE;
        copies = 0;
        foreseen = 0;
    }

    /** Why a message to these queues is refused; null: it is not. */
    Reply.Rejected refusal(RoutingTarget[] targets) {
        return reporting.isFull(foreseen) && copies(targets) > 0 ? FULL : null;
    }

    /** The same for a message of a transaction, which takes room from those behind it. */
    Reply.Rejected take(RoutingTarget[] targets) {
        Reply.Rejected refusal = refusal(targets);
        foreseen += copies(targets);
        return refusal;
    }

    private int copies(RoutingTarget[] targets) {
        if (targets != counted) {
            counted = targets;
            copies = 0;
            for (RoutingTarget t : targets) {
                copies += ((Queue) t).isAudited() ? 1 : 0;
            }
        }
        return copies;
    }
}
