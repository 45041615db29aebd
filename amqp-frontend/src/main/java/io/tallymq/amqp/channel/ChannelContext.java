package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.Method;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.effect.Reply;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the methods of a channel work with: they ask the broker, and the client is answered in the order of its questions. Event
 * loop only.
 */
public final class ChannelContext {
    private final ConnectionContext connection;
    private final int number;
    private final ChannelLife life;
    private final ChannelWriter writer;
    private final ChannelCounts counts = new ChannelCounts();
    private final Confirms confirms;
    private final ReplyQueue replies;
    private final LastQueue lastQueue = new LastQueue();
    private boolean known;

    /** @param lastPublish number of the last publish of an earlier channel with this number, 0 for none */
    public ChannelContext(ConnectionContext connection, int number, long lastPublish, ChannelLife life) {
        this.connection = connection;
        this.number = number;
        this.life = life;
        this.writer = new ChannelWriter(connection.outbox(), number);
        this.confirms = new Confirms(writer, lastPublish, connection.totals(), counts);
        this.replies = new ReplyQueue(confirms, connection.due());
    }

    /** What it shares with the other channels of its connection. */
    public ConnectionContext connection() {
        return connection;
    }

    /** The client's number for it. */
    public int number() {
        return number;
    }

    /** Writes its methods. What answers a question has to go through {@link #replies}. */
    public ChannelWriter writer() {
        return writer;
    }

    /** What it did with messages. */
    public ChannelCounts counts() {
        return counts;
    }

    /** What becomes of its publishes. */
    public Confirms confirms() {
        return confirms;
    }

    /** The answers that are due, in order. */
    public ReplyQueue replies() {
        return replies;
    }

    /** What an empty queue name means. */
    public LastQueue lastQueue() {
        return lastQueue;
    }

    /** Whether answers may still be written. */
    public boolean isOpen() {
        return life.isOpen();
    }

    /** The broker holds something for the channel from now on: consumers, or messages that were fetched. */
    public void noteKnown() {
        known = true;
    }

    /** Whether the broker may hold something for the channel. */
    public boolean isKnown() {
        return known;
    }

    /** Answers what this node knows at once, in its turn; always null, which is no error. */
    public AmqpError answer(Method answer) {
        replies.answer(() -> writer.method(answer));
        return null;
    }

    /**
     * Replicates what the client asked for. If it is refused, nothing that the client sent behind it on the channel takes effect,
     * and {@link #refused} has to be called.
     *
     * @param onReply is not called if something before it was refused
     */
    public void submit(Command command, Consumer<Reply> onReply) {
        connection.submit(new OnChannel(connection.session().id(), number, command), reply -> {
            if (!(reply instanceof Reply.Ignored)) {
                onReply.accept(reply);
            }
        });
    }

    /**
     * Replicates a command and answers the client once it is applied: null. Or tells why the broker takes nothing of the kind at the moment.
     *
     * @param method the method that asked, for errors
     * @param onReply makes the answer out of a reply that is not a refusal
     */
    public AmqpError call(Command command, Method method, boolean noWait, Function<Reply, Method> onReply) {
        Reply.Rejected refusal = connection.broker().refusal(command);
        if (refusal != null) {
            return AmqpError.of(refusal, method.id());
        }
        ReplyQueue.Slot slot = replies.open();
        submit(command, reply -> {
            if (reply instanceof Reply.Rejected why) {
                refused(slot, AmqpError.of(why, method.id()));
            } else {
                complete(slot, noWait ? null : onReply.apply(reply));
            }
        });
        return null;
    }

    /** The answer to what the client asked is there; null for none. */
    public void complete(ReplyQueue.Slot slot, Method answer) {
        replies.complete(slot, () -> {
            if (answer != null) {
                writer.method(answer);
            }
        });
    }

    /**
     * The broker refused a command: the channel ends after the answers that are due before it.
     *
     * @param slot the command's place among the answers
     */
    public void refused(ReplyQueue.Slot slot, AmqpError error) {
        life.refused(slot, error);
    }
}
