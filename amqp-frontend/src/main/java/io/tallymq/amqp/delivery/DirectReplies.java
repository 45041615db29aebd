package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.Names;
import io.tallymq.amqp.channel.Permits;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.SessionListener.DirectReply;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.DirectReplyTo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Direct reply-to on a channel: the one consumer of {@code amq.rabbitmq.reply-to}, by which name others reach it, and what they send. A
 * consumer's token is random, so that only who was asked can answer, and another one each time. Event loop only.
 */
public final class DirectReplies {
    /** One consumer, from basic.consume to basic.cancel-ok. */
    static final class Consumer {
        private final String tag;
        private final String token;
        final byte[] tagOctets;
        final byte[] nameOctets;
        /** What came before consume-ok was written; null from then on. */
        private List<Pending.Replied> early = new ArrayList<>();

        private Consumer(String tag, String token) {
            this.tag = tag;
            this.token = token;
            this.tagOctets = tag.getBytes(StandardCharsets.UTF_8);
            this.nameOctets = DirectReplyTo.name(token).getBytes(StandardCharsets.UTF_8);
        }
    }

    private final ChannelContext channel;
    private final DeliveryPump pump;
    private final ConnectionContext connection;
    /** Null for none. */
    private Consumer current;
    /** The current one, and those whose end the broker has not heard of yet. */
    private final Map<String, Consumer> byToken = new HashMap<>();

    /** @param pump of the channel */
    public DirectReplies(ChannelContext channel, DeliveryPump pump) {
        this.channel = channel;
        this.pump = pump;
        this.connection = channel.connection();
    }

    /** What reply-to becomes in what the channel publishes; null while it has no consumer. */
    public String address() {
        return current == null ? null : DirectReplyTo.name(current.token);
    }

    /** Whether the tag is the consumer's. */
    boolean has(String tag) {
        return current != null && current.tag.equals(tag);
    }

    /** basic.consume; an error, or null. */
    AmqpError consume(BasicMethod.Consume m, String tag) {
        if (!m.noAck()) {
            return AmqpError.of(ReplyCode.PRECONDITION_FAILED, "reply consumer cannot acknowledge", m.id());
        }
        if (current != null) {
            return AmqpError.of(ReplyCode.PRECONDITION_FAILED, "reply consumer already set", m.id());
        }
        Consumer consumer = new Consumer(tag, Names.random(connection.random(), ""));
        current = consumer;
        byToken.put(consumer.token, consumer);
        channel.noteKnown();
        ReplyQueue.Slot slot = channel.replies().open();
        channel.submit(command(consumer.token), reply -> {
            if (reply instanceof Reply.Rejected why) {
                channel.refused(slot, AmqpError.of(why, MethodId.BASIC_CONSUME));
            } else {
                channel.replies().complete(slot, () -> start(consumer, m.noWait()));
            }
        });
        return null;
    }

    private ConsumeReplies command(String token) {
        return new ConsumeReplies(connection.session().id(), channel.number(), token);
    }

    private void start(Consumer consumer, boolean noWait) {
        if (!noWait) {
            channel.writer().method(new BasicMethod.ConsumeOk(consumer.tag));
        }
        List<Pending.Replied> waiting = consumer.early;
        consumer.early = null;
        waiting.forEach(pump::add);
        lookAt(connection.permits()); // rights may have changed since it was asked for
    }

    /** Rights have changed: who may not be here any more gets no replies either. As with other consumers, a client that would not hear of it loses the channel. */
    void lookAt(Permits permits) {
        if (current == null || current.early != null || !channel.isOpen() || permits.mayEnter()) {
            return;
        }
        if (connection.terms().capabilities().consumerCancelNotify()) {
            cancel(new BasicMethod.Cancel(current.tag, true));
        } else {
            channel.refused(channel.replies().open(), permits.notHere(MethodId.BASIC_CONSUME));
        }
    }

    /** The consumer ends: cancel-ok, or the server's cancel, follows the last reply. */
    void cancel(Method ok) {
        Consumer consumer = current;
        current = null;
        ReplyQueue.Slot slot = channel.replies().open();
        connection.submit(command(""), reply -> {
            byToken.remove(consumer.token);
            channel.replies().inTurn(slot, () -> pump.then(() -> channel.complete(slot, ok)));
        });
    }

    /** One for a consumer of this channel, or of an earlier one with its number. */
    public void deliver(DirectReply message, Runnable written) {
        Consumer consumer = byToken.get(message.token());
        if (consumer == null) {
            written.run();
            return;
        }
        Pending.Replied reply = new Pending.Replied(message, consumer, channel::isOpen, written);
        if (consumer.early != null) {
            consumer.early.add(reply);
        } else {
            pump.add(reply);
        }
    }

    /** The channel ends: those that no consume-ok has let out are not delivered any more. */
    public void close() {
        current = null;
        for (Consumer consumer : byToken.values()) {
            if (consumer.early != null) {
                consumer.early.forEach(Pending.Replied::end);
                consumer.early.clear();
            }
        }
        byToken.clear();
    }
}
