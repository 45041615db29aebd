package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelCounts;
import io.tallymq.amqp.channel.ChannelLife;
import io.tallymq.amqp.channel.ChannelWriter;
import io.tallymq.amqp.channel.Confirms;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.delivery.Acknowledgements;
import io.tallymq.amqp.delivery.Consumers;
import io.tallymq.amqp.delivery.DeliveryContext;
import io.tallymq.amqp.delivery.DeliveryPump;
import io.tallymq.amqp.delivery.DirectReplies;
import io.tallymq.amqp.delivery.RightsLook;
import io.tallymq.amqp.publish.PublishContext;
import io.tallymq.amqp.publish.Publisher;
import io.tallymq.amqp.publish.TxMethods;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.settle.SentMessages;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.AccessMethod;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ExchangeMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.SessionListener.DirectReply;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.SessionListener.ReturnedParts;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.Chunk;
import java.util.List;
import java.util.function.Function;

/** An open channel. Event loop only. */
final class AmqpChannel implements ChannelLife {
    private enum State {
        OPEN,
        /** An error: what the client sends is ignored until its close-ok. */
        FAILED,
        /** The client closes it; the broker has to hear of it before close-ok. */
        CLOSING,
        CLOSED
    }

    private final ConnectionContext connection;
    private final Channels channels;
    private final int number;
    private final ChannelContext context;
    private final ChannelWriter writer;
    private final ReplyQueue replies;
    private final UnackedTags unacked = new UnackedTags();
    private final ChannelCounts counts;
    private final DeliveryPump pump;
    private final DirectReplies directReplies;
    private final Confirms confirms;
    private final FullConfirms fullConfirms;
    private final Publisher publisher;
    private final TopologyMethods topology;
    private final Consumers consumers;
    private final Acknowledgements acknowledgements;
    private final TxMethods tx;
    private State state = State.OPEN;
    private boolean closeSent;
    /** The client said channel.close, and crossed with ours it may be; then no close-ok may come for ours. */
    private boolean clientClosed;
    /** The broker was told that the channel is closed, or hears it with the connection's end. */
    private boolean released;

    private boolean connectionCloses;

    /** @param lastPublish number of the last publish of an earlier channel with this number, 0 for none */
    AmqpChannel(
            ConnectionContext connection,
            DeliveryContext deliveries,
            PublishContext publishing,
            Channels channels,
            int number,
            long lastPublish) {
        this.connection = connection;
        this.channels = channels;
        this.number = number;
        this.context = new ChannelContext(connection, number, lastPublish, this);
        this.writer = context.writer();
        this.replies = context.replies();
        this.counts = context.counts();
        this.confirms = context.confirms();
        this.fullConfirms = publishing.fullConfirms(confirms);
        this.pump = new DeliveryPump(context, deliveries, unacked);
        this.directReplies = new DirectReplies(context, pump);
        this.publisher =
                new Publisher(context, publishing, fullConfirms, directReplies::address, unacked, this::settled);
        this.topology = new TopologyMethods(context);
        this.consumers = new Consumers(context, deliveries, pump, directReplies, unacked);
        this.acknowledgements = new Acknowledgements(context, unacked);
        this.tx = new TxMethods(context, publishing, fullConfirms, publisher, unacked, acknowledgements::within);
    }

    int number() {
        return number;
    }

    /** Answers channel.open. */
    void opened() {
        writer.method(new ChannelMethod.OpenOk());
    }

    /** What there is to tell of it. Any thread: nothing waits for who looks, so figures may be a moment old. */
    AmqpChannelInfo describe() {
        return new AmqpChannelInfo(
                consumers.prefetch(),
                consumers.globalPrefetch(),
                confirms.isSelected(),
                tx.isSelected(),
                unacked.size(),
                confirms.pending(),
                tx.publishes(),
                tx.settlings(),
                counts.look());
    }

    /** Messages were or are delivered on it that others may get. */
    boolean holdsMessages() {
        return unacked.size() > 0 || !consumers.isEmpty();
    }

    long lastPublish() {
        return confirms.last();
    }

    /** Whether answers may still be written. */
    @Override
    public boolean isOpen() {
        return state == State.OPEN;
    }

    void onMethod(Method method) {
        switch (state) {
            case OPEN -> {
                if (publisher.isInContent()) {
                    fail(AmqpError.connection(
                            ReplyCode.UNEXPECTED_FRAME,
                            method.name() + " within the content of a basic.publish on channel " + number,
                            method.id()));
                } else {
                    dispatch(method);
                }
            }
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
            channels.onMethod(number, method);
        }
    }

    void onHeader(int classId, int weight, long bodySize, ByteBuf properties) {
        if (state == State.OPEN) {
            failIf(publisher.header(classId, weight, bodySize, properties));
        }
    }

    void onBody(ByteBuf octets) {
        if (state == State.OPEN) {
            failIf(publisher.body(octets));
        }
    }

    private void failIf(AmqpError error) {
        if (error != null) {
            fail(error);
        }
    }

    private void dispatch(Method method) {
        AmqpError error =
                switch (method.id()) {
                    case BASIC_PUBLISH -> tx.published(publisher.method((BasicMethod.Publish) method));
                    case BASIC_ACK -> acknowledgements.ack((BasicMethod.Ack) method);
                    case BASIC_NACK -> acknowledgements.nack((BasicMethod.Nack) method);
                    case BASIC_REJECT -> acknowledgements.reject((BasicMethod.Reject) method);
                    case BASIC_RECOVER -> acknowledgements.recover((BasicMethod.Recover) method);
                    case BASIC_RECOVER_ASYNC -> acknowledgements.recover((BasicMethod.RecoverAsync) method);
                    case BASIC_GET -> consumers.get((BasicMethod.Get) method);
                    case BASIC_QOS -> consumers.qos((BasicMethod.Qos) method);
                    case BASIC_CONSUME -> consumers.consume((BasicMethod.Consume) method);
                    case BASIC_CANCEL -> consumers.cancel((BasicMethod.Cancel) method);
                    case QUEUE_DECLARE -> topology.declare((QueueMethod.Declare) method);
                    case QUEUE_BIND -> topology.bind((QueueMethod.Bind) method);
                    case QUEUE_UNBIND -> topology.unbind((QueueMethod.Unbind) method);
                    case QUEUE_PURGE -> topology.purge((QueueMethod.Purge) method);
                    case QUEUE_DELETE -> topology.delete((QueueMethod.Delete) method);
                    case EXCHANGE_DECLARE -> topology.declare((ExchangeMethod.Declare) method);
                    case EXCHANGE_DELETE -> topology.delete((ExchangeMethod.Delete) method);
                    case EXCHANGE_BIND -> topology.bind((ExchangeMethod.Bind) method);
                    case EXCHANGE_UNBIND -> topology.unbind((ExchangeMethod.Unbind) method);
                    case CONFIRM_SELECT -> tx.confirmSelect((ConfirmMethod.Select) method);
                    case TX_SELECT -> tx.select();
                    case TX_COMMIT -> tx.commit();
                    case TX_ROLLBACK -> tx.rollback();
                    case CHANNEL_FLOW -> consumers.flow((ChannelMethod.Flow) method);
                    case CHANNEL_CLOSE -> close();
                    case ACCESS_REQUEST -> context.answer(new AccessMethod.RequestOk(1));
                    case CHANNEL_OPEN ->
                        AmqpError.of(ReplyCode.CHANNEL_ERROR, "second 'channel.open' seen", method.id());
                    case CHANNEL_CLOSE_OK, CHANNEL_FLOW_OK -> null;
                    // What servers send, what belongs on channel 0, and whatever the codec may learn later: refused.
                    default -> misplaced(method.id());
                };
        failIf(error);
    }

    private AmqpError misplaced(MethodId id) {
        return AmqpError.of(ReplyCode.COMMAND_INVALID, id.methodName() + " has no place on channel " + number, id);
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
    @Override
    public void refused(ReplyQueue.Slot slot, AmqpError error) {
        if (!closeSent && state != State.CLOSED) {
            failing();
            replies.refused(slot, () -> end(error));
        }
    }

    /** Nothing that the client sends acts any more. */
    private void failing() {
        state = State.FAILED;
        if (!released) {
            release();
        }
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
        connection.channelFailed(number, error);
        endConfirms();
        replies.clear();
        writer.method(new ChannelMethod.Close(error.code().code(), error.text(), error.classId(), error.methodId()));
        if (clientClosed) {
            writer.method(new ChannelMethod.CloseOk());
        }
    }

    /** Gives back to the broker what the channel holds. */
    private void release() {
        consumers.tellOffsets();
        List<Sent> sent = sent();
        drop();
        released = true;
        connection.submit(new CloseChannel(connection.session().id(), number, sent));
    }

    private List<Sent> sent() {
        SentMessages sent = new SentMessages();
        tellSent(sent);
        return sent.toList(connection.settles());
    }

    /** Tells which messages the client was sent and has not settled. */
    void tellSent(SentMessages sent) {
        unacked.forEach(sent);
        pump.tellSent(sent);
    }

    private void drop() {
        pump.close();
        directReplies.close();
        unacked.clear();
        tx.close();
        publisher.close();
    }

    private AmqpError close() {
        state = State.CLOSING;
        clientClosed = true;
        consumers.tellOffsets();
        fullConfirms.close();
        List<Sent> sent = sent(); // nothing is written between this and drop()
        drop();
        if (!context.isKnown() && !confirms.hasPending()) {
            replies.answer(this::closeOk);
            return null;
        }
        // After the broker: what was published and acked before is settled when the client sees close-ok.
        ReplyQueue.Slot slot = replies.openBehindPublishes();
        released = true;
        connection.submit(
                new CloseChannel(connection.session().id(), number, sent),
                reply -> replies.complete(slot, this::closeOk));
        return null;
    }

    /** The client closes the connection: it hears the answers that are due, and nothing else. */
    void connectionCloses() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            consumers.tellOffsets();
        }
        drop();
        pump.abandon();
        released = true;
        connectionCloses = true;
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
        channels.remove(this);
    }

    private void endConfirms() {
        confirms.end();
        fullConfirms.close();
    }

    /** The connection is gone. */
    void abandon() {
        try {
            consumers.tellOffsets();
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
            connection.run(pump::abandon);
            publisher.abandon();
        }
    }

    // What the broker tells.

    /** Rights have changed. */
    void accessChanged(RightsLook look) {
        consumers.accessChanged(look);
    }

    /** What was withheld may be delivered now. */
    void deliverable() {
        pump.deliverable();
    }

    void confirmed(long seq) {
        confirms.applied(seq);
        fullConfirms.changed();
        replies.goOn();
    }

    /** Publishes are confirmed, and commits answered, when all members of the cluster have what is applied. */
    void awaitsAll(long first, long last) {
        tx.awaitsAll();
        confirms.hold(first, last);
    }

    void returned(long seq, ReturnedMessage m) {
        confirmed(seq - 1);
        connection.totals().returned().increment();
        counts.returned();
        if (takesReturns()) {
            writer.returned(m, connection.terms().frameMax());
        }
    }

    void returned(long seq, ReturnedParts m, Runnable written) {
        confirmed(seq - 1);
        connection.totals().returned().increment();
        counts.returned();
        pump.returned(m, this::takesLargeReturns, written);
    }

    void directReply(DirectReply m, Runnable written) {
        directReplies.deliver(m, written);
    }

    /** Large bodies go with their connection. */
    private boolean takesLargeReturns() {
        return takesReturns() && !connectionCloses;
    }

    private boolean takesReturns() {
        return !closeSent && state != State.CLOSED;
    }

    void refused(long seq, Reply.Rejected why) {
        if (confirms.refused(seq, why.reason())) {
            failing();
            replies.cut(seq);
            replies.answer(() -> end(AmqpError.of(why, MethodId.BASIC_PUBLISH)));
        }
    }

    /**
     * What became of a publish that settles.
     *
     * @param back makes what comes back of it if it is refused; null for a client that does not ask
     */
    private void settled(long seq, Reply reply, Function<Reply.Rejected, ReturnedMessage> back) {
        if (state != State.CLOSED) {
            if (reply instanceof Reply.Rejected why) {
                if (back != null && !why.reason().endsPublisher()) {
                    returned(seq, back.apply(why));
                }
                refused(seq, why);
                if (!why.reason().endsPublisher()) {
                    confirmed(seq); // decided, with all before it: no confirm of a batch follows, as behind others
                }
            } else if (reply instanceof Reply.Ok) {
                confirmed(seq);
            }
        }
    }

    void deliver(String tag, Delivery delivery) {
        if (state == State.OPEN) {
            consumers.deliver(tag, delivery);
        }
    }

    void giveBack(long consumer) {
        if (state == State.OPEN) {
            consumers.giveBack(consumer);
        }
    }

    void grew(long reader, Chunk chunk) {
        if (state == State.OPEN) {
            consumers.grew(reader, chunk);
        }
    }

    void ready(long consumer, long[] ranges) {
        if (state == State.OPEN) {
            consumers.ready(consumer, ranges);
        }
    }

    void timedOut(long consumer, long timeout) {
        if (state == State.OPEN && !consumers.timedOut(consumer)) {
            fail(AmqpError.channel(
                    ReplyCode.PRECONDITION_FAILED,
                    "delivery acknowledgement on channel " + number + " timed out. Timeout value used: " + timeout
                            + " ms. Acknowledge sooner, or set a longer x-consumer-timeout"));
        }
    }

    void cancelled(long consumer) {
        if (state == State.OPEN) {
            consumers.cancelled(consumer);
        }
    }
}
