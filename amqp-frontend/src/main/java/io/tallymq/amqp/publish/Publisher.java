package io.tallymq.amqp.publish;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelCounts;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.Permits;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.spec.DeferredName;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.ScheduleName;
import java.util.function.Supplier;

/**
 * Puts the frames of basic.publish together (4.2.6 of the specification): a body that arrives in one piece goes into the
 * broker's batch as it is, others are gathered, and those over {@link Broker#PART_SIZE} go part by part. Event loop only.
 */
public final class Publisher {
    private enum Expects {
        METHOD,
        HEADER,
        BODY
    }

    private static final int FIRST_GATHERING = 16 << 10;

    private final ConnectionContext connection;
    private final PublishContext publishing;
    private final int channel;
    private final PublishNumbers numbers;
    private final PropertyRules properties;
    private final PublishTargets targets;
    private final PseudoExchange[] pseudoExchanges;
    private final PublishContent content = new PublishContent();
    private Expects expects = Expects.METHOD;
    /** Where the message in hand goes, if that is no exchange; else null. */
    private PseudoExchange pseudo;
    /** Null outside of transactions. */
    private Transaction transaction;

    private PublishTarget target;
    private long bodySize;
    private long received;
    /** What came of a body in several pieces; at most a part. Null for none. */
    private ByteBuf gathered;
    /** Bytes that are reserved for it, and for properties. */
    private int reserved;

    private long upload;

    private final ChannelCounts counts;

    /**
     * @param fullConfirms what waits on the channel until all members of the cluster have copies
     * @param replyAddress the name by which the channel is reached for direct replies, null when it is not
     * @param unacked of the channel: publishes may settle
     * @param outcome hears what became of those
     */
    public Publisher(
            ChannelContext channel,
            PublishContext publishing,
            FullConfirms fullConfirms,
            Supplier<String> replyAddress,
            UnackedTags unacked,
            PublishOutcome outcome) {
        this.counts = channel.counts();
        this.numbers = new PublishNumbers(channel.confirms(), fullConfirms);
        this.pseudoExchanges = new PseudoExchange[] {
            new SettleMessages(channel, publishing.returnRoom(), numbers, unacked, outcome),
            new VoidMessages(channel, publishing, numbers, outcome)
        };
        this.connection = channel.connection();
        this.publishing = publishing;
        this.channel = channel.number();
        this.properties = new PropertyRules(
                connection.terms().user(),
                connection.permits()::mayImpersonate,
                connection.terms().frameMax(),
                replyAddress,
                publishing::mayName);
        this.targets = new PublishTargets(
                connection.vhost(), connection.terms().capabilities().confirmReasons());
    }

    /** From now on what is published is the transaction's. */
    void within(Transaction tx) {
        transaction = tx;
    }

    /** The exchange that the method named, null when it is there for sure. */
    String exchangeInDoubt() {
        return pseudo == null && target.mayBeRefused() ? target.exchange() : null;
    }

    /** Whether frames of a message are still to come, so that a method would be out of place. */
    public boolean isInContent() {
        return expects != Expects.METHOD;
    }

    /** basic.publish; null if it is fine so far. */
    public AmqpError method(BasicMethod.Publish method) {
        if (method.immediate()) {
            return AmqpError.of(
                    ReplyCode.NOT_IMPLEMENTED,
                    "immediate=true: publish without it, a message can't be bound to a consumer that waits",
                    MethodId.BASIC_PUBLISH);
        }
        publishing.notePublish(transaction != null || numbers.areConfirmed());
        target = targets.of(method);
        pseudo = pseudo(target.exchange());
        if (pseudo != null && transaction != null) {
            return pseudo.refuseTransaction();
        }
        AmqpError refused = target.exchange().isEmpty() ? reserved(target.routingKey()) : null;
        if (refused != null) {
            return refused;
        }
        boolean free = pseudo != null && !pseudo.needsRight();
        refused = free || targets.isAllowed(connection.permits().version()) ? null : permit();
        if (refused == null) {
            expects = Expects.HEADER;
        }
        return refused;
    }

    /** Queues' names that are none, or the broker's; null for others. */
    private static AmqpError reserved(String queue) {
        String why = DeferredName.isName(queue)
                ? DeferredName.reserved(queue)
                : ReceiptName.isName(queue) ? ReceiptName.reserved(queue) : ReportQueue.reserved(queue);
        return why == null ? null : AmqpError.of(ReplyCode.ACCESS_REFUSED, why, MethodId.BASIC_PUBLISH);
    }

    private PseudoExchange pseudo(String exchange) {
        if (exchange.startsWith("amq.")) {
            for (PseudoExchange p : pseudoExchanges) {
                if (p.name().equals(exchange)) {
                    return p;
                }
            }
        }
        return null;
    }

    private AmqpError permit() {
        Permits permits = connection.permits();
        long version = permits.version(); // before the answers: they may be newer, never older
        AmqpError refused = permits.exchange(Act.WRITE, target.exchange(), MethodId.BASIC_PUBLISH);
        if (refused == null) {
            refused = permits.topic(Act.WRITE, target.exchange(), target.routingKey(), MethodId.BASIC_PUBLISH);
        }
        if (refused == null) {
            targets.allow(version);
        }
        return refused;
    }

    /** Further routing keys are as good as the first, and not all goes everywhere. */
    private AmqpError permitMore() {
        if (properties.extension().length == 0 || pseudo != null) {
            return null;
        }
        if (properties.hasTime() && target.exchange().equals(ScheduleName.EXCHANGE)) {
            return AmqpError.of(ReplyCode.PRECONDITION_FAILED, ScheduleName.noTime(), MethodId.BASIC_PUBLISH);
        }
        for (String key : properties.keys()) {
            AmqpError refused = connection.permits().topic(Act.WRITE, target.exchange(), key, MethodId.BASIC_PUBLISH);
            refused = refused == null && target.exchange().isEmpty() ? reserved(key) : refused;
            if (refused != null) {
                return refused;
            }
        }
        return properties.reportsTo() == null ? null : permitReports();
    }

    private AmqpError permitReports() {
        return permitQueue(connection.permits(), properties.reportsTo());
    }

    /** Null, or 403: who has a queue told something may publish there himself. */
    static AmqpError permitQueue(Permits permits, String queue) {
        AmqpError refused = permits.exchange(Act.WRITE, "", MethodId.BASIC_PUBLISH);
        refused = refused != null ? refused : permits.topic(Act.WRITE, "", queue, MethodId.BASIC_PUBLISH);
        return refused != null ? refused : reserved(queue);
    }

    /** The content header. */
    public AmqpError header(int classId, int weight, long size, ByteBuf octets) {
        if (expects != Expects.HEADER) {
            return unexpected("a content header without basic.publish");
        }
        if (classId != MethodId.BASIC_PUBLISH.classId()) {
            return unexpected("a content header of class " + classId + " after basic.publish");
        }
        if (weight != 0) {
            return unexpected("a content header of weight " + weight + ", it has to be 0");
        }
        if (size < 0) {
            return AmqpError.connection(
                    ReplyCode.FRAME_ERROR,
                    "a body can't have " + Long.toUnsignedString(size) + " octets",
                    MethodId.BASIC_PUBLISH);
        }
        long most = connection.protocol().maxMessageSize();
        if (size > most) {
            return AmqpError.of(
                    ReplyCode.PRECONDITION_FAILED,
                    "message size " + size + " is larger than configured max size " + most,
                    MethodId.BASIC_PUBLISH);
        }
        AmqpError error = properties.check(octets);
        error = error != null ? error : permitMore();
        if (error != null) {
            return error;
        }
        bodySize = size;
        received = 0;
        upload = 0;
        expects = Expects.BODY;
        if (size > 0) {
            return reserveProperties();
        }
        return pseudo != null ? take() : publish(octets, 0);
    }

    /** Its body may not come for long, or never. */
    private AmqpError reserveProperties() {
        return properties.bytes() > PropertyRules.MOST_KEPT ? reserve(properties.bytes()) : null;
    }

    private AmqpError reserve(int bytes) {
        AmqpError error = publishing.share().take(bytes);
        reserved += error == null ? bytes : 0;
        return error;
    }

    /** Octets of the body; {@code octets} belongs to the caller. */
    public AmqpError body(ByteBuf octets) {
        if (expects != Expects.BODY) {
            return unexpected("a content body without content header");
        }
        int length = octets.readableBytes();
        if (received + length > bodySize) {
            return AmqpError.connection(
                    ReplyCode.FRAME_ERROR,
                    "a body of " + (received + length) + " bytes or more was sent, its header says " + bodySize,
                    MethodId.BASIC_PUBLISH);
        }
        received += length;
        if (pseudo != null) { // its body means nothing
            return received == bodySize ? take() : null;
        }
        if (received == bodySize && length == bodySize && length <= Broker.PART_SIZE) {
            return publish(octets, length);
        } else {
            AmqpError error = gather(octets);
            if (error != null) {
                return error;
            }
            if (received == bodySize) {
                return publishGathered();
            }
        }
        return null;
    }

    private AmqpError gather(ByteBuf octets) {
        publishing.share().gained(octets.readableBytes());
        while (octets.isReadable()) {
            if (gathered == null) {
                AmqpError error = reserve((int) Math.min(bodySize, Broker.PART_SIZE));
                if (error != null) {
                    return error;
                }
                int first = (int) Math.min(bodySize, Math.max(FIRST_GATHERING, octets.readableBytes()));
                gathered = ByteBufAllocator.DEFAULT.buffer(Math.min(first, Broker.PART_SIZE), Broker.PART_SIZE);
            }
            int n = Math.min(octets.readableBytes(), Broker.PART_SIZE - gathered.readableBytes());
            gathered.writeBytes(octets, n);
            if (gathered.readableBytes() == Broker.PART_SIZE && bodySize > Broker.PART_SIZE) {
                uploadPart();
            }
        }
        return null;
    }

    private void uploadPart() {
        upload = connection.session().uploadPart(upload, content.ofPart(gathered));
        gathered.clear();
    }

    private AmqpError publish(ByteBuf body, int length) {
        if (transaction != null) {
            AmqpError error = transaction.publish(target, properties, body, length);
            done();
            return error;
        }
        settleFirst();
        long seq = numbers.next(properties);
        connection
                .session()
                .publish(
                        channel,
                        seq,
                        target,
                        content.of(properties.kept(), properties.extension(), body, body.readerIndex(), length)
                                .traced(properties.trace()));
        done();
        return null;
    }

    private AmqpError take() {
        AmqpError error = pseudo.take(target, properties);
        done();
        return error;
    }

    private AmqpError publishGathered() {
        if (bodySize <= Broker.PART_SIZE) {
            return publish(gathered, gathered.readableBytes());
        }
        if (gathered.isReadable()) {
            uploadPart();
        }
        if (transaction != null) {
            AmqpError error = transaction.publishUpload(target, properties, upload, bodySize);
            done();
            return error;
        }
        settleFirst();
        PublishContent only =
                content.ofProperties(properties.kept(), properties.extension()).traced(properties.trace());
        connection.session().publishUpload(channel, numbers.next(properties), target, only, upload, bodySize);
        done();
        return null;
    }

    /** What the client settled before counts, also when this publish is refused and ends the channel. */
    private void settleFirst() {
        if (target.mayBeRefused()) {
            connection.settles().flush();
        }
    }

    private void done() {
        if (pseudo == null) {
            counts.published();
        }
        content.clear();
        expects = Expects.METHOD;
        target = null;
        upload = 0;
        releaseReserved();
        properties.forgetLarge();
    }

    private void releaseReserved() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        if (reserved > 0) {
            publishing.share().give(reserved);
            reserved = 0;
        }
    }

    /** The channel is closed: a body that is not complete goes. */
    public void close() {
        if (upload != 0) {
            connection.submit(new DropUpload(connection.session().id(), upload));
            upload = 0;
        }
        abandon();
    }

    /** The connection is gone. */
    public void abandon() {
        content.clear();
        releaseReserved();
        properties.forget();
    }

    private static AmqpError unexpected(String what) {
        return AmqpError.connection(ReplyCode.UNEXPECTED_FRAME, what, MethodId.BASIC_PUBLISH);
    }
}
