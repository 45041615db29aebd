package io.tallymq.broker.processing;

import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.ReplyConsumers;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ReplyConsumer;

/** Direct reply-to: channels that can be sent to without a queue. */
public final class ReplyCommands {
    private final Connections connections;
    private final ReplyConsumers consumers;
    private final StateLimits limits;

    public ReplyCommands(Connections connections, StateLimits limits) {
        this.connections = connections;
        this.consumers = connections.replies();
        this.limits = limits;
    }

    /** A channel begins to consume replies, or ends to. */
    public Reply consume(ConsumeReplies c) {
        if (connections.get(c.connection()) == null) {
            return Fenced.REPLY;
        }
        if (c.token().isEmpty()) {
            consumers.remove(c.connection(), c.channel());
            return Reply.OK;
        }
        if (consumers.of(c.connection(), c.channel()) != null || consumers.find(c.token()) != null) {
            return Reply.precondition(Reply.Reason.IN_USE, "reply consumer already set");
        }
        if (consumers.count() >= limits.of(StateLimit.CONSUMERS)) {
            return Reply.limit("reply consumers", limits.of(StateLimit.CONSUMERS));
        }
        consumers.add(new ReplyConsumer(c.connection(), c.channel(), c.token()));
        return Reply.OK;
    }

    /** queue.declare of such a name, passive or not, tells whether the requester is still there. */
    public Reply declare(DeclareQueue d) {
        if (connections.get(d.connection()) == null) {
            return Fenced.REPLY;
        }
        boolean there = d.name().equals(DirectReplyTo.QUEUE) || find(d.vhost(), d.name()) != null;
        return there ? new Reply.QueueDeclared(d.name(), 0, 1) : QueueCommands.notFound(d.vhost(), d.name());
    }

    /** Who is reached by this name, or null; another vhost's never is. */
    public ReplyConsumer find(String vhost, String name) {
        String token = DirectReplyTo.token(name);
        ReplyConsumer found = token == null ? null : consumers.find(token);
        return found != null && connections.infoOf(found.connection()).vhost().equals(vhost) && hears(found)
                ? found
                : null;
    }

    /** Not once an error has ended its channel. */
    public boolean hears(ReplyConsumer consumer) {
        return !connections.hasEnded(consumer.connection(), consumer.channel());
    }
}
