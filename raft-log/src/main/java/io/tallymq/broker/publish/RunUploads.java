package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.SharedBodies;

/** The bodies of a run's messages that came before it, in parts. */
final class RunUploads {
    private static final Reply.Rejected INCOMPLETE = new Reply.Rejected(
            541, Reply.Reason.INTERNAL, "the body did not arrive in all its parts; publish the message again");

    private final Uploads uploads;
    private final SharedBodies sharedBodies;

    RunUploads(Uploads uploads, SharedBodies sharedBodies) {
        this.uploads = uploads;
        this.sharedBodies = sharedBodies;
    }

    /** Whether message {@code i} has such a body. */
    static boolean has(PublishRun run, int i) {
        return MessageRecord.isExternal(run.bytes(), run.at(i));
    }

    /** The number of the body of message {@code i}, which {@link #has} one. */
    static long number(PublishRun run, int i) {
        return MessageRecord.externalId(run.bytes(), run.at(i));
    }

    /** Whether message {@code i} has such a body, and not all of it came. */
    boolean isIncomplete(PublishRun run, int i, String node) {
        if (!has(run, i)) {
            return false;
        }
        Uploads.Upload u = uploads.find(node, number(run, i));
        return u == null || u.bytes() != MessageRecord.bodyLength(run.bytes(), run.at(i));
    }

    /** Why message {@code i} is refused, whose body {@link #isIncomplete}. */
    Reply.Rejected incomplete(PublishRun run, int i, String node) {
        return uploads.areLimited() && uploads.find(node, number(run, i)) == null ? uploads.missing() : INCOMPLETE;
    }

    /** Message {@code i} is refused for it: from level 5 on what came of its body goes. */
    void dropIncomplete(PublishRun run, int i, String node) {
        if (uploads.areLimited()) {
            drop(run, i, node);
        }
    }

    /** Takes the body of message {@code i} out of those that wait for theirs; null when it stands in the record. */
    Uploads.Upload take(PublishRun run, int i, String node) {
        return has(run, i) ? uploads.take(node, number(run, i)) : null;
    }

    /** Message {@code i} goes nowhere: so does the body that came before it. */
    void drop(PublishRun run, int i, String node) {
        Uploads.Upload u = take(run, i, node);
        if (u != null) {
            uploads.drop(u);
        }
    }

    /** Nothing of these publishes happens: the bodies that came before them go. */
    void dropAll(Publish p, String node) {
        byte[] bytes = p.bytes();
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(bytes, at)) {
            Uploads.Upload u = MessageRecord.isExternal(bytes, at)
                    ? uploads.take(node, MessageRecord.externalId(bytes, at))
                    : null;
            if (u != null) {
                uploads.drop(u);
            }
        }
    }

    /** Message {@code i}, whose body is complete, goes to these queues: a chunk of its own in each. */
    void place(PublishRun run, int i, String node, RoutingTarget[] targets, Placement placement) {
        Uploads.Upload u = take(run, i, node);
        sharedBodies.add(u.shared(), u.parts());
        placement.addStored(i, targets, u.shared(), u.bytes());
    }
}
