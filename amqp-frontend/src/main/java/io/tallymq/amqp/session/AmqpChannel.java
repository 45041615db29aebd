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
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.Chunk;
import java.util.function.Function;

/** An open channel. Event loop only. */
final class AmqpChannel implements ChannelLife {
    private final ConnectionContext connection;
    private final int number;
    private final ChannelContext context;
    private final ChannelWriter writer;
    private final ReplyQueue replies;
    private final UnackedTags unacked;
    private final ChannelCounts counts;
    private final DeliveryPump pump;
    private final DirectReplies directReplies;
    private final Confirms confirms;
    private final FullConfirms fullConfirms;
    /** The publish that came back last. */
    private long lastReturned = -1;

    private final Publisher publisher;
    private final TopologyMethods topology;
    private final Consumers consumers;
    private final Acknowledgements acknowledgements;
    private final TxMethods tx;
    private final ChannelHoldings holdings;
    private final ChannelEnd end;

    /** @param lastPublish number of the last publish of an earlier channel with this number, 0 for none */
    AmqpChannel(
            ConnectionContext connection,
            DeliveryContext deliveries,
            PublishContext publishing,
            Channels channels,
            int number,
            long lastPublish) {
        this.connection = connection;
        this.number = number;
        this.context = new ChannelContext(connection, number, lastPublish, this);
        this.writer = context.writer();
        this.replies = context.replies();
        this.counts = context.counts();
        this.confirms = context.confirms();
        this.fullConfirms = publishing.fullConfirms(confirms);
        this.unacked = new UnackedTags(deliveries.tagBudget());
        this.pump = new DeliveryPump(context, deliveries, unacked);
        this.directReplies = new DirectReplies(context, pump);
        this.publisher =
                new Publisher(context, publishing, fullConfirms, directReplies::address, unacked, this::settled);
        this.topology = new TopologyMethods(context);
        this.consumers = new Consumers(context, deliveries, pump, directReplies, unacked);
        this.acknowledgements = new Acknowledgements(context, unacked);
        this.tx = new TxMethods(context, publishing, fullConfirms, publisher, unacked, acknowledgements::within);
        this.holdings = new ChannelHoldings(connection, unacked, pump, directReplies, consumers, tx, publisher);
        this.end = new ChannelEnd(this, channels, context, pump, fullConfirms, holdings);
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
        return holdings.areMessages();
    }

    long lastPublish() {
        return confirms.last();
    }

    /** Whether answers may still be written. */
    @Override
    public boolean isOpen() {
        return end.isOpen();
    }

    void onMethod(Method method) {
        if (!end.isOpen()) {
            end.onMethod(method);
        } else if (publisher.isInContent()) {
            fail(AmqpError.connection(
                    ReplyCode.UNEXPECTED_FRAME,
                    method.name() + " within the content of a basic.publish on channel " + number,
                    method.id()));
        } else {
            dispatch(method);
        }
    }

    void onHeader(int classId, int weight, long bodySize, ByteBuf properties) {
        if (end.isOpen()) {
            failIf(publisher.header(classId, weight, bodySize, properties));
        }
    }

    void onBody(ByteBuf octets) {
        if (end.isOpen()) {
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
                    case BASIC_ACK -> tx.settled(acknowledgements.ack((BasicMethod.Ack) method), method.id());
                    case BASIC_NACK -> tx.settled(acknowledgements.nack((BasicMethod.Nack) method), method.id());
                    case BASIC_REJECT -> tx.settled(acknowledgements.reject((BasicMethod.Reject) method), method.id());
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

    private AmqpError close() {
        end.close();
        return null;
    }

    /** An error that the client's frames caused: the channel ends after the answers that are still due. */
    void fail(AmqpError error) {
        end.fail(error);
    }

    @Override
    public void refused(ReplyQueue.Slot slot, AmqpError error) {
        end.refused(slot, error);
    }

    /** Tells which messages the client was sent and has not settled. */
    void tellSent(SentMessages sent) {
        holdings.tellSent(sent);
    }

    /** The client closes the connection: it hears the answers that are due, and nothing else. */
    void connectionCloses() {
        end.connectionCloses();
    }

    /** The connection is gone. */
    void abandon() {
        end.abandon();
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
        lastReturned = seq;
        connection.totals().returned().increment();
        counts.returned();
        if (end.takesReturns()) {
            writer.returned(m, connection.terms().frameMax());
        }
    }

    void returned(long seq, ReturnedParts m, Runnable written) {
        confirmed(seq - 1);
        lastReturned = seq;
        connection.totals().returned().increment();
        counts.returned();
        pump.returned(m, end::takesLargeReturns, written);
    }

    void directReply(DirectReply m, Runnable written) {
        directReplies.deliver(m, written);
    }

    void refused(long seq, Reply.Rejected why) {
        if (confirms.refused(seq, why.reason())) {
            end.refused(seq, AmqpError.of(why, MethodId.BASIC_PUBLISH));
        } else if (why.reason().isOfTerms() && !confirms.isSelected() && seq != lastReturned && end.isOpen()) {
            fail(AmqpError.of(why, MethodId.BASIC_PUBLISH)); // there is no nack that would tell it
        }
    }

    /**
     * What became of a publish that settles.
     *
     * @param back makes what comes back of it if it is refused; null for a client that does not ask
     */
    private void settled(long seq, Reply reply, Function<Reply.Rejected, ReturnedMessage> back) {
        if (!end.isClosed()) {
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
        if (end.isOpen()) {
            consumers.deliver(tag, delivery);
        }
    }

    void giveBack(long consumer) {
        if (end.isOpen()) {
            consumers.giveBack(consumer);
        }
    }

    void grew(long reader, Chunk chunk) {
        if (end.isOpen()) {
            consumers.grew(reader, chunk);
        }
    }

    void ready(long consumer, long[] ranges) {
        if (end.isOpen()) {
            consumers.ready(consumer, ranges);
        }
    }

    void timedOut(long consumer, long timeout) {
        if (end.isOpen() && !consumers.timedOut(consumer)) {
            fail(AmqpError.channel(
                    ReplyCode.PRECONDITION_FAILED,
                    "delivery acknowledgement on channel " + number + " timed out. Timeout value used: " + timeout
                            + " ms. Acknowledge sooner, or set a longer x-consumer-timeout"));
        }
    }

    void cancelled(long consumer) {
        if (end.isOpen()) {
            consumers.cancelled(consumer);
        }
    }
}
