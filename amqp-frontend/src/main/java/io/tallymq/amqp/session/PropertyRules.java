package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.message.MessageRecord;

/**
 * Checks the properties of published messages. Publishers mostly send the same octets again: then nothing is made or checked.
 * One per channel, event loop only.
 */
final class PropertyRules {
    private final String user;
    private final int frameMax;
    private BasicProperties accepted = BasicProperties.EMPTY;

    /**
     * The rules of one client.
     *
     * @param user the login, which a user-id has to repeat
     * @param frameMax the client's: what it published has to fit a frame again, should it come back
     */
    PropertyRules(String user, int frameMax) {
        this.user = user;
        this.frameMax = frameMax;
    }

    /** The octets that {@link #check} accepted last. */
    byte[] accepted() {
        return accepted.raw();
    }

    /** Null if they are fine. */
    AmqpError check(ByteBuf octets) {
        if (isSame(octets)) {
            return null;
        }
        if (FrameWriter.headerBytes(octets.readableBytes()) > frameMax) {
            return refuse(
                    ReplyCode.FRAME_ERROR,
                    "a header frame of " + FrameWriter.headerBytes(octets.readableBytes())
                            + " octets is larger than the negotiated frame_max (" + frameMax + ")");
        }
        if (octets.readableBytes() > MessageRecord.MAX_PROPERTIES) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "properties of " + octets.readableBytes() + " bytes are larger than the maximum of "
                            + MessageRecord.MAX_PROPERTIES + ", move them into the body");
        }
        try {
            BasicProperties properties = BasicProperties.decode(octets);
            AmqpError error = check(properties);
            if (error == null) {
                accepted = properties;
            }
            return error;
        } catch (WireException e) {
            return AmqpError.of(e, MethodId.BASIC_PUBLISH);
        }
    }

    private boolean isSame(ByteBuf octets) {
        byte[] known = accepted.raw();
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
        if (properties.has(BasicProperties.Property.EXPIRATION)) {
            return refuse(
                    ReplyCode.NOT_IMPLEMENTED,
                    "message TTL: publish without the expiration property, this broker does not expire messages");
        }
        if (properties.has(BasicProperties.Property.USER_ID) && !user.equals(properties.userId())) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "user_id property set to '" + properties.userId() + "' but authenticated user was '" + user + "'");
        }
        if (properties.has(BasicProperties.Property.HEADERS) && mayNameCopies(properties.raw())) {
            FieldTable headers = properties.headers();
            if (headers.has("CC") || headers.has("BCC")) {
                return refuse(
                        ReplyCode.NOT_IMPLEMENTED,
                        "CC and BCC headers: publish once for each routing key, this broker does not read them");
            }
        }
        return null;
    }

    /** Whether the octets have a short string CC or BCC anywhere: then it is worth making a table of them. */
    private static boolean mayNameCopies(byte[] raw) {
        for (int i = 1; i + 1 < raw.length; i++) {
            if (raw[i] == 'C' && raw[i + 1] == 'C' && (raw[i - 1] == 2 || raw[i - 1] == 'B')) {
                return true;
            }
        }
        return false;
    }

    private static AmqpError refuse(ReplyCode code, String text) {
        return AmqpError.of(code, text, MethodId.BASIC_PUBLISH);
    }
}
