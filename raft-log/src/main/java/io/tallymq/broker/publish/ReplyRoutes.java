package io.tallymq.broker.publish;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.processing.ReplyCommands;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ReplyConsumer;

/** Which routes of a run of publishes lead to channels that consume direct replies; of most runs none does. */
final class ReplyRoutes {
    static final Reply.Rejected ALSO_TO_QUEUES = new Reply.Rejected(
            312,
            Reply.Reason.UNROUTABLE,
            "a reply whose body comes in parts can not go to queues (CC, BCC) as well: publish it to those by itself");

    private final ReplyCommands commands;
    private final Uploads uploads;
    /** By the routes' numbers; null while there are none. */
    private ReplyConsumer[] consumers;

    ReplyRoutes(ReplyCommands commands, Uploads uploads) {
        this.commands = commands;
        this.uploads = uploads;
    }

    /** Another run begins. */
    void clear() {
        consumers = null;
    }

    /** Looks at one of the run's routes. */
    void resolve(int number, Route route, int routes) {
        if (!route.exchange().equals(DirectReplyTo.EXCHANGE)) {
            return;
        }
        ReplyConsumer found = commands.find(route.vhost(), route.routingKey());
        if (found != null) {
            consumers = consumers == null ? new ReplyConsumer[routes] : consumers;
            consumers[number] = found;
        }
    }

    /** Who gets what goes this way, or null. */
    ReplyConsumer to(int route) {
        ReplyConsumer found = consumers == null ? null : consumers[route];
        return found != null && commands.hears(found) ? found : null;
    }

    /** The message goes out of the broker's hands. */
    void send(int ordinal, ReplyConsumer to, Effects effects) {
        effects.directReply(ordinal, to, 0, 0);
    }

    /** As {@link #send}; the body in parts is the receiver's from now on, whose node drops it when it was written. */
    void sendUpload(int ordinal, ReplyConsumer to, String node, long upload, Effects effects) {
        Uploads.Upload body = uploads.find(node, upload);
        effects.directReply(ordinal, to, uploads.handOver(node, upload, to.connection()), body.shared());
    }
}
