package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelWriter;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.delivery.DeliveryPump;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Sent;
import java.util.List;

/**
 * How a channel ends: its client closes it, an error does, or its connection ends. What the client is told then, and in which order; what the channel
 * holds is given up. Event loop only.
 */
final class ChannelEnd {
    private enum State {
        OPEN,
        /** An error: what the client sends is ignored until its close-ok. */
        FAILED,
        /** The client closes it; the broker has to hear of it before close-ok. */
        CLOSING,
        CLOSED
    }

    private final AmqpChannel channel;
    private final Channels channels;
    private final ChannelContext context;
    private final ConnectionContext connection;
    private final ChannelWriter writer;
    private final ReplyQueue replies;
    private final DeliveryPump pump;
    private final FullConfirms fullConfirms;
    private final ChannelHoldings holdings;
    private State state = State.OPEN;
    private boolean closeSent;
    /** The client said channel.close, and crossed with ours it may be; then no close-ok may come for ours. */
    private boolean clientClosed;
    /** The broker was told that the channel is closed, or hears it with the connection's end. */
    private boolean released;

    private boolean connectionCloses;

    /** @param channels of the connection, which the channel leaves */
    ChannelEnd(
            AmqpChannel channel,
            Channels channels,
            ChannelContext context,
            DeliveryPump pump,
            FullConfirms fullConfirms,
            ChannelHoldings holdings) {
        this.channel = channel;
        this.channels = channels;
        this.context = context;
        this.connection = context.connection();
        this.writer = context.writer();
        this.replies = context.replies();
        this.pump = pump;
        this.fullConfirms = fullConfirms;
        this.holdings = holdings;
    }

    /** Whether it has not begun: what the client sends acts, and it gets deliveries. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether it is over: nothing is written any more. */
    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Whether the client may still be sent messages that come back. */
    boolean takesReturns() {
        return !closeSent && state != State.CLOSED;
    }

    /** The same of large ones: their bodies go with their connection. */
    boolean takesLargeReturns() {
        return takesReturns() && !connectionCloses;
    }

    /** A method that comes when the channel is not open any more. */
    void onMethod(Method method) {
        switch (state) {
            case OPEN -> throw new IllegalStateException(method.name() + " does not end channel " + context.number());
            case FAILED -> failed(method);
            case CLOSING, CLOSED -> {} // the client said that nothing would follow: what it had on its way is void
        }
    }

    /** Nothing answers a close that is still behind the message that is being written. */
    private void failed(Method method) {
        boolean closeWritten = closeSent && !writer.isInContent();
        if (method.id() == MethodId.CHANNEL_CLOSE) {
            clientClosed = true;
            if (closeSent) {
                writer.method(new ChannelMethod.CloseOk());
            }
        } else if (closeWritten && method.id() == MethodId.CHANNEL_CLOSE_OK) {
            closed();
        } else if (closeWritten && clientClosed && method.id() == MethodId.CHANNEL_OPEN) {
            closed();
            channels.onMethod(context.number(), method);
        }
    }

    /** An error that the client's frames caused: the channel ends after the answers that are still due. */
    void fail(AmqpError error) {
        if (error.scope() == AmqpError.Scope.CONNECTION) {
            connection.fail(error);
        } else if (state == State.OPEN) {
            failing();
            replies.answer(() -> sendClose(error));
        }
    }

    /**
     * The broker refused a command: the channel ends after the answers that are due before it.
     *
     * @param slot the command's place among the answers
     */
    void refused(ReplyQueue.Slot slot, AmqpError error) {
        if (!closeSent && state != State.CLOSED) {
            failing();
            replies.refused(slot, () -> end(error));
        }
    }

    /** The broker refused a publish: the channel ends after the answers that are due before that. */
    void refused(long seq, AmqpError error) {
        failing();
        replies.cut(seq);
        replies.answer(() -> end(error));
    }

    /** Nothing that the client sends acts any more, and the broker is given back what the channel holds. */
    private void failing() {
        state = State.FAILED;
        if (!released) {
            List<Sent> sent = holdings.giveUp();
            released = true;
            connection.submit(closeChannel(sent));
        }
    }

    private CloseChannel closeChannel(List<Sent> sent) {
        return new CloseChannel(connection.session().id(), context.number(), sent);
    }

    private void end(AmqpError error) {
        if (error.scope() == AmqpError.Scope.CONNECTION) {
            connection.fail(error);
        } else {
            sendClose(error);
        }
    }

    private void sendClose(AmqpError error) {
        closeSent = true;
        connection.channelFailed(context.number(), error);
        endConfirms();
        replies.clear();
        writer.method(new ChannelMethod.Close(error.code().code(), error.text(), error.classId(), error.methodId()));
        if (clientClosed) {
            writer.method(new ChannelMethod.CloseOk());
        }
    }

    /** The client closes the channel. */
    void close() {
        state = State.CLOSING;
        clientClosed = true;
        fullConfirms.close();
        List<Sent> sent = holdings.giveUp();
        if (!context.isKnown() && !context.confirms().hasPending()) {
            replies.answer(this::closeOk);
            return;
        }
        // After the broker: what was published and acked before is settled when the client sees close-ok.
        ReplyQueue.Slot slot = replies.openBehindPublishes();
        released = true;
        connection.submit(closeChannel(sent), reply -> replies.complete(slot, this::closeOk));
    }

    /** Behind what is left of a message that is being written: till then its number is not free, and what it has of the node's memory is its own. */
    private void closeOk() {
        pump.then(() -> {
            writer.method(new ChannelMethod.CloseOk());
            closed();
        });
    }

    private void closed() {
        state = State.CLOSED;
        endConfirms();
        pump.abandon(); // what came back to it and waits, too
        channels.remove(channel);
    }

    private void endConfirms() {
        context.confirms().end();
        fullConfirms.close();
    }

    /** The client closes the connection: it hears the answers that are due, and nothing else. */
    void connectionCloses() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            holdings.tellOffsets();
        }
        holdings.drop();
        pump.abandon();
        released = true;
        connectionCloses = true;
    }

    /** The connection is gone. */
    void abandon() {
        try {
            holdings.tellOffsets();
        } finally {
            state = State.CLOSED;
            free();
        }
    }

    private void free() {
        try {
            endConfirms();
            replies.clear();
        } finally {
            holdings.abandon();
        }
    }
}
