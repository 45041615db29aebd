package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tallymq.amqp.receipts.NameHeaders;
import io.tallymq.amqp.receipts.ReportHeader;
import io.tallymq.amqp.receipts.SeqPlace;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.Session.Trace;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.DirectReplyTo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Checks the properties of published messages. Publishers mostly send the same octets again: then nothing is made or checked.
 * One per channel, event loop only.
 */
final class PropertyRules {
    private static final String BCC = "BCC";
    /** Headers that name further routing keys, in the order in which these count. */
    private static final List<String> COPIES = List.of("CC", BCC);
    /** Fewer queues than it says, and the publish is refused. */
    private static final String MIN_QUEUES = "x-min-queues";

    /** True, and the broker notes the message's own times. */
    private static final String TRACE = "x-trace";

    /** "all", and the publish is confirmed when all members of the cluster have it, not only a majority. */
    private static final String CONFIRM = "x-confirm";

    /** Milliseconds; as RabbitMQ. */
    private static final long MOST_EXPIRATION = 0xffffffffL;

    private static final int MOST_MIN_QUEUES = 1_000_000;
    /** Most routing keys of a message beside its own. */
    static final int MOST_KEYS = 300;
    /** Most bytes of one of them: it is a short string, as the message's own. */
    private static final int MOST_KEY_BYTES = 255;

    private final String user;
    private final BooleanSupplier mayImpersonate;
    private final int frameMax;
    private final Supplier<String> replyAddress;
    private final BooleanSupplier mayName;
    /** What was accepted last, as the client sent it. */
    private BasicProperties received = BasicProperties.EMPTY;
    /** The same as it is kept. */
    private byte[] kept = received.raw();

    private byte[] extension = {};
    /** Set if those that follow may differ in their number alone. */
    private SeqPlace seqPlace;
    /** Routing keys beside the message's own that stand in it. */
    private List<String> keys = List.of();
    /** The queue that is told of it; null for none. */
    private String reportsTo;
    /** Null when its times are not asked for. */
    private Trace trace;

    private boolean confirmsByAll;
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
                    "invalid expiration '" + properties.expiration() + "': milliseconds from 0 to " + MOST_EXPIRATION
                            + " expected, as text");
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
        boolean digits = !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long millis = digits ? Long.parseLong(text) : -1;
        return millis <= MOST_EXPIRATION ? millis : -1;
    }

    /** Takes what is fine so far apart: who else gets the message, and how long it lives. */
    private AmqpError accept(BasicProperties properties) {
        BasicProperties without = properties;
        Extension more = Extension.NONE;
        Trace traced = null;
        boolean byAll = false;
        String told = null;
        List<String> copies = List.of();
        long expiration = properties.has(BasicProperties.Property.EXPIRATION) ? expiration(properties) : -1;
        if (expiration >= 0) {
            more = new Extension(List.of(), 0, expiration);
        }
        if (properties.has(BasicProperties.Property.HEADERS) && mayMatter(properties.raw())) {
            FieldTable headers = properties.headers();
            OptionalLong min = FieldTable.toLong(headers.get(MIN_QUEUES));
            if (headers.has(MIN_QUEUES)
                    && (min.isEmpty() || min.getAsLong() < 0 || min.getAsLong() > MOST_MIN_QUEUES)) {
                return refuse(
                        ReplyCode.PRECONDITION_FAILED,
                        "invalid header '" + MIN_QUEUES + "': an integer from 0 to " + MOST_MIN_QUEUES + " expected");
            }
            if (headers.has(TRACE) && !(headers.get(TRACE) instanceof Boolean)) {
                return refuse(ReplyCode.PRECONDITION_FAILED, "invalid header '" + TRACE + "': a boolean expected");
            }
            String confirm = headers.has(CONFIRM) ? String.valueOf(headers.get(CONFIRM)) : "majority";
            if (!confirm.equals("majority") && !confirm.equals("all")) {
                return refuse(
                        ReplyCode.PRECONDITION_FAILED,
                        "invalid header '" + CONFIRM + "': 'majority' or 'all' expected");
            }
            byAll = confirm.equals("all");
            traced = Boolean.TRUE.equals(headers.get(TRACE)) ? trace(properties) : null;
            copies = new ArrayList<>();
            for (String name : COPIES) {
                if (headers.has(name) && !addKeys(headers.get(name), copies)) {
                    return refuse(
                            ReplyCode.PRECONDITION_FAILED,
                            "invalid header '" + name + "': an array of up to " + MOST_KEYS
                                    + " strings of up to 255 bytes, the further routing keys, expected");
                }
            }
            if (LaterHeaders.problem(headers) != null) {
                return refuse(ReplyCode.PRECONDITION_FAILED, LaterHeaders.problem(headers));
            }
            String replyTo = properties.has(BasicProperties.Property.REPLY_TO) ? properties.replyTo() : null;
            AmqpError unnamed = checkName(headers, replyTo);
            if (unnamed != null) {
                return unnamed;
            }
            told = ReportHeader.isIn(headers) ? replyTo : null;
            more = new Extension(
                    copies,
                    (int) min.orElse(0),
                    expiration,
                    false,
                    LaterHeaders.of(headers),
                    NameHeaders.of(headers).telling(ReportHeader.bits(headers)));
            without = headers.has(BCC) ? properties.withoutHeader(BCC) : properties;
        }
        byte[] bytes = more.encode();
        if (bytes.length > MessageRecord.MAX_EXTENSION) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "the routing keys of CC and BCC are larger than " + MessageRecord.MAX_EXTENSION
                            + " bytes together: publish more than once");
        }
        AmqpError error = keep(properties, without, bytes, copies);
        if (error == null) {
            seqPlace = kept == properties.raw() && traced == null ? SeqPlace.of(kept, more) : null;
            trace = traced;
            reportsTo = told;
            confirmsByAll = byAll;
        }
        return error;
    }

    private static Trace trace(BasicProperties properties) {
        return new Trace(
                properties.has(BasicProperties.Property.MESSAGE_ID) ? properties.messageId() : "",
                properties.has(BasicProperties.Property.CORRELATION_ID) ? properties.correlationId() : "");
    }

    private AmqpError checkName(FieldTable headers, String replyTo) {
        if (!NameHeaders.areIn(headers) && !ReportHeader.isIn(headers)) {
            return null;
        }
        String problem = NameHeaders.problem(headers);
        problem = problem == null ? ReportHeader.problem(headers, replyTo) : problem;
        if (problem != null) {
            return refuse(ReplyCode.PRECONDITION_FAILED, problem);
        }
        return mayName.getAsBoolean()
                ? null
                : refuse(
                        ReplyCode.NOT_IMPLEMENTED,
                        "publishes have names, conditions and reports in clusters of level " + VoidPublish.LEVEL
                                + ": upgrade all nodes first");
    }

    /** What asks for direct replies goes on with the channel's own name in it. */
    private AmqpError keep(BasicProperties properties, BasicProperties without, byte[] more, List<String> copies) {
        BasicProperties goesOn = without;
        String name = null;
        if (DirectReplyTo.QUEUE.equals(properties.replyTo())) {
            name = replyAddress.get();
            if (name == null) {
                return refuse(ReplyCode.PRECONDITION_FAILED, "fast reply consumer does not exist");
            }
            goesOn = without.withText(BasicProperties.Property.REPLY_TO, name);
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
        keys = copies;
        return null;
    }

    private static boolean addKeys(Object value, List<String> keys) {
        if (!(value instanceof List<?> list) || list.size() + keys.size() > MOST_KEYS) {
            return false;
        }
        for (Object key : list) {
            if (!(key instanceof String || key instanceof LongString)) {
                return false;
            }
            if (key.toString().getBytes(StandardCharsets.UTF_8).length > MOST_KEY_BYTES) {
                return false;
            }
            keys.add(key.toString());
        }
        return true;
    }

    /** Whether the octets have the name of a header that matters here anywhere: then it is worth making a table of them. */
    private static boolean mayMatter(byte[] raw) {
        for (int i = 1; i + 1 < raw.length; i++) {
            if (raw[i] == 'C' && raw[i + 1] == 'C' && (raw[i - 1] == 2 || raw[i - 1] == 'B')) {
                return true;
            }
            if (raw[i] == 'x'
                    && raw[i + 1] == '-'
                    && (isLengthOfOne(raw[i - 1])
                            || isTrace(raw, i)
                            || isConfirm(raw, i)
                            || ReportHeader.mayBeAt(raw, i))) {
                return true;
            }
        }
        return false;
    }

    /** Some other headers are as long. */
    private static boolean isTrace(byte[] raw, int at) {
        return raw[at - 1] == TRACE.length() && at + 2 < raw.length && raw[at + 2] == 't';
    }

    private static boolean isConfirm(byte[] raw, int at) {
        return raw[at - 1] == CONFIRM.length() && at + 2 < raw.length && raw[at + 2] == 'c';
    }

    private static boolean isLengthOfOne(byte length) {
        return length == MIN_QUEUES.length() || LaterHeaders.isLengthOfOne(length) || NameHeaders.isLengthOfOne(length);
    }

    private static AmqpError refuse(ReplyCode code, String text) {
        return AmqpError.of(code, text, MethodId.BASIC_PUBLISH);
    }
}
