package io.tallymq.amqp.publish;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.receipts.SeqPlace;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.Session.Trace;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.DirectReplyTo;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Checks the properties of published messages. Publishers mostly send the same octets again: then nothing is made or checked.
 * One per channel, event loop only.
 */
final class PropertyRules {
    /** What is larger than that is not kept for the message that follows: none may, and each channel has one. */
    static final int MOST_KEPT = 4 << 10;

    private static final byte[] NONE = {};

    private final String user;
    private final BooleanSupplier mayImpersonate;
    private final int frameMax;
    private final Supplier<String> replyAddress;
    private final BooleanSupplier mayName;
    /** What was accepted last, as the client sent it. */
    private BasicProperties received = BasicProperties.EMPTY;
    /** The same as it is kept. */
    private byte[] kept = received.raw();

    private byte[] extension = NONE;
    /** Set if those that follow may differ in their number alone. */
    private SeqPlace seqPlace;
    /** Routing keys beside the message's own that stand in it. */
    private List<String> keys = List.of();
    /** The queue that is told of it; null for none. */
    private String reportsTo;
    /** Null when its times are not asked for. */
    private Trace trace;

    private boolean confirmsByAll;
    /** It is to come later. */
    private boolean hasTime;
    /** It has the name of somebody else, which is good while that is allowed. */
    private boolean foreign;
    /** Which name stands in it for {@link DirectReplyTo#QUEUE}; null for none. */
    private String address;

    /**
     * The rules of one client.
     *
     * @param user the login, which a user-id has to repeat
     * @param mayImpersonate whether it need not
     * @param frameMax the client's: what it published has to fit a frame again, should it come back
     * @param replyAddress the name by which the channel is reached for direct replies, null when it is not
     * @param mayName whether the cluster knows publishes that have names, conditions or reports
     */
    PropertyRules(
            String user,
            BooleanSupplier mayImpersonate,
            int frameMax,
            Supplier<String> replyAddress,
            BooleanSupplier mayName) {
        this.mayName = mayName;
        this.mayImpersonate = mayImpersonate;
        this.replyAddress = replyAddress;
        this.user = user;
        this.frameMax = frameMax;
    }

    /** What {@link #check} accepted last, without what nobody else is to see (BCC). */
    byte[] kept() {
        return kept;
    }

    /** What the broker has to know of it beside, see {@link Extension}; mostly nothing. */
    byte[] extension() {
        return extension;
    }

    /** What it says of itself when its times are asked for, else null. */
    Trace trace() {
        return trace;
    }

    /** Whether it is to be confirmed when all members of the cluster have it. */
    boolean confirmsByAll() {
        return confirmsByAll;
    }

    /** Whether it says when it comes. */
    boolean hasTime() {
        return hasTime;
    }

    /** Routing keys beside the message's own (CC, BCC). */
    List<String> keys() {
        return keys;
    }

    /** The queue that is told what becomes of it: to publish it is to publish there. Null for none. */
    String reportsTo() {
        return reportsTo;
    }

    /** What {@link #check} accepted last, as the client sent it. */
    BasicProperties received() {
        return received;
    }

    /** How much it keeps of what {@link #check} accepted last. */
    int bytes() {
        byte[] raw = received.raw();
        return raw.length + (kept == raw ? 0 : kept.length) + extension.length;
    }

    /** The message is over. */
    void forgetLarge() {
        if (bytes() > MOST_KEPT) {
            forget();
        }
    }

    /** As if nothing had been accepted. */
    void forget() {
        received = BasicProperties.EMPTY;
        kept = received.raw();
        extension = NONE;
        seqPlace = null;
        keys = List.of();
        reportsTo = null;
        trace = null;
        confirmsByAll = false;
        hasTime = false;
        foreign = false;
        address = null;
    }

    /** Null if they are fine. */
    AmqpError check(ByteBuf octets) {
        if (isSame(octets) && isStillFine()) {
            return null;
        }
        if (seqPlace != null && seqPlace.fits(octets) && isStillFine()) {
            extension = seqPlace.extension(octets);
            kept = ByteBufUtil.getBytes(octets);
            received = BasicProperties.ofAccepted(kept);
            return null;
        }
        AmqpError tooLarge = checkSize(octets.readableBytes());
        if (tooLarge != null) {
            return tooLarge;
        }
        try {
            BasicProperties properties = BasicProperties.decode(octets);
            AmqpError error = check(properties);
            return error != null ? error : accept(properties);
        } catch (WireException e) {
            return AmqpError.of(e, MethodId.BASIC_PUBLISH);
        }
    }

    private boolean isStillFine() {
        return (address == null || address.equals(replyAddress.get())) && (!foreign || mayImpersonate.getAsBoolean());
    }

    private AmqpError checkSize(int bytes) {
        if (FrameWriter.headerBytes(bytes) > frameMax) {
            return refuse(
                    ReplyCode.FRAME_ERROR,
                    "a header frame of " + FrameWriter.headerBytes(bytes)
                            + " octets is larger than the negotiated frame_max (" + frameMax + ")");
        }
        if (bytes > MessageRecord.MAX_PROPERTIES) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "properties of " + bytes + " bytes are larger than the maximum of " + MessageRecord.MAX_PROPERTIES
                            + ", move them into the body");
        }
        return null;
    }

    private boolean isSame(ByteBuf octets) {
        byte[] known = received.raw();
        if (octets.readableBytes() != known.length) {
            return false;
        }
        int start = octets.readerIndex();
        for (int i = known.length - 1; i >= 0; i--) {
            if (octets.getByte(start + i) != known[i]) {
                return false;
            }
        }
        return true;
    }

    private AmqpError check(BasicProperties properties) {
        if (properties.has(BasicProperties.Property.EXPIRATION) && expiration(properties) < 0) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "invalid expiration '" + properties.expiration() + "': milliseconds from 0 to "
                            + MessageProperties.MOST_EXPIRATION + " expected, as text");
        }
        if (isForeign(properties) && !mayImpersonate.getAsBoolean()) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "user_id property set to '" + properties.userId() + "' but authenticated user was '" + user + "'");
        }
        return null;
    }

    private boolean isForeign(BasicProperties properties) {
        return properties.has(BasicProperties.Property.USER_ID) && !user.equals(properties.userId());
    }

    /** Milliseconds that the message lives, -1 if that can't be read. */
    private static long expiration(BasicProperties properties) {
        String text = properties.expiration();
        boolean digits = !text.isEmpty() && text.length() <= 12 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long millis = digits ? Long.parseLong(text) : -1;
        return millis <= MessageProperties.MOST_EXPIRATION ? millis : -1;
    }

    /** Takes what is fine so far apart: who else gets the message, and how long it lives. */
    private AmqpError accept(BasicProperties properties) {
        PublishHeaders asked = PublishHeaders.NONE;
        if (properties.has(BasicProperties.Property.HEADERS) && PublishHeaders.mayBeIn(properties.raw())) {
            FieldTable headers = properties.headers();
            AmqpError error = check(headers, replyTo(properties));
            if (error != null) {
                return error;
            }
            asked = PublishHeaders.of(headers);
        }
        Extension more =
                asked.extension(properties.has(BasicProperties.Property.EXPIRATION) ? expiration(properties) : -1);
        byte[] bytes = more.encode();
        if (bytes.length > MessageRecord.MOST_PUBLISHED_EXTENSION) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "the routing keys of CC and BCC are larger than " + MessageRecord.MOST_PUBLISHED_EXTENSION
                            + " bytes together: publish more than once");
        }
        AmqpError error = keep(properties, asked, bytes);
        if (error == null) {
            seqPlace = kept == properties.raw() && !asked.traced() ? SeqPlace.of(kept, more) : null;
        }
        return error;
    }

    private static String replyTo(BasicProperties properties) {
        return properties.has(BasicProperties.Property.REPLY_TO) ? properties.replyTo() : null;
    }

    private AmqpError check(FieldTable headers, String replyTo) {
        String problem = PublishHeaders.problem(headers, replyTo);
        if (problem != null) {
            return refuse(ReplyCode.PRECONDITION_FAILED, problem);
        }
        return !PublishHeaders.needNames(headers) || mayName.getAsBoolean()
                ? null
                : refuse(
                        ReplyCode.NOT_IMPLEMENTED,
                        "publishes have names, conditions and reports in clusters of level " + VoidPublish.LEVEL
                                + ": upgrade all nodes first");
    }

    private Trace trace(BasicProperties properties) {
        return new Trace(
                user,
                properties.has(BasicProperties.Property.MESSAGE_ID) ? properties.messageId() : "",
                properties.has(BasicProperties.Property.CORRELATION_ID) ? properties.correlationId() : "");
    }

    /** What asks for direct replies goes on with the channel's own name in it. */
    private AmqpError keep(BasicProperties properties, PublishHeaders asked, byte[] more) {
        BasicProperties goesOn = asked.secret() ? properties.withoutHeader(PublishHeaders.BCC) : properties;
        String name = null;
        if (DirectReplyTo.QUEUE.equals(properties.replyTo())) {
            name = replyAddress.get();
            if (name == null) {
                return refuse(ReplyCode.PRECONDITION_FAILED, "fast reply consumer does not exist");
            }
            goesOn = goesOn.withText(BasicProperties.Property.REPLY_TO, name);
            AmqpError tooLarge = checkSize(goesOn.raw().length);
            if (tooLarge != null) {
                return tooLarge;
            }
        }
        address = name;
        foreign = isForeign(properties);
        received = properties;
        kept = goesOn.raw();
        extension = more;
        keys = asked.keys();
        trace = asked.traced() ? trace(properties) : null;
        reportsTo = asked.tells() ? replyTo(properties) : null;
        confirmsByAll = asked.byAll();
        hasTime = asked.later() != null && asked.later().hasTime();
        return null;
    }

    private static AmqpError refuse(ReplyCode code, String text) {
        return AmqpError.of(code, text, MethodId.BASIC_PUBLISH);
    }
}
