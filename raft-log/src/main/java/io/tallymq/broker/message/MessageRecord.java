package io.tallymq.broker.message;

/**
 * The bytes of one message, the same in the log and in a chunk, big-endian:
 *
 * <pre>
 * u32 length of all that follows
 * u8  flags
 * u16 length of the extension
 * u16 route: position in the table of the batch or chunk
 * u24 length of the properties
 * extension: empty today; later tagged fields, see decision 013. It is passed over, and moves with the message
 * properties: property flags and list as in the content header (4.2.6.1), without class, weight and body size
 * body
 * </pre>
 *
 * With {@link #EXTERNAL_BODY} the body's place holds {@link #EXTERNAL_LENGTH} bytes: u64 number of the upload (log) or of the
 * shared body (chunk), u64 offset in it, u64 length.
 */
public final class MessageRecord {
    /** basic.publish mandatory. */
    public static final int MANDATORY = 1;
    /** The body stands elsewhere: an upload in parts, or one copy for several queues. */
    public static final int EXTERNAL_BODY = 2;

    /** The publisher is told why a message is refused: it comes back, as a mandatory one does anyway. */
    public static final int TELLS_REASON = 4;

    public static final int EXTERNAL_LENGTH = 24;
    /** Bytes before the extension, the length field included. */
    public static final int HEADER = 12;
    /** Most bytes of properties in one message: with the largest body in it, it has to fit an entry of the log. */
    public static final int MAX_PROPERTIES = 256 << 10;

    /** Most bytes of an extension: what its length field takes. */
    public static final int MAX_EXTENSION = 0xffff;

    /** Most bytes of the extension of what is published: the broker adds fields of its own later, as when the message dies. */
    public static final int MOST_PUBLISHED_EXTENSION = MAX_EXTENSION - (1 << 10);

    private static final int FLAGS = 4;
    private static final int EXTENSION_LENGTH = 5;
    private static final int ROUTE = 7;
    private static final int PROPERTIES_LENGTH = 9;

    private MessageRecord() {}

    /** Writes everything that stands before the properties of a record without extension. */
    public static void writeHeader(ByteWriter w, int flags, int route, int propertiesLength, int bodyLength) {
        writeHeader(w, flags, route, 0, propertiesLength, bodyLength);
    }

    /** Writes everything that stands before the extension. */
    public static void writeHeader(
            ByteWriter w, int flags, int route, int extensionLength, int propertiesLength, int bodyLength) {
        if (extensionLength > MAX_EXTENSION) {
            throw new IllegalArgumentException("an extension of " + extensionLength + " bytes");
        }
        w.int32(HEADER - 4 + extensionLength + propertiesLength + bodyLength).uint8(flags);
        w.uint16(extensionLength).uint16(route).uint8(propertiesLength >>> 16).uint16(propertiesLength & 0xffff);
    }

    /** Whole length of the record at {@code at}, the length field included. */
    public static int length(byte[] b, int at) {
        return 4 + ByteReader.int32(b, at);
    }

    public static int flags(byte[] b, int at) {
        return b[at + FLAGS];
    }

    public static int route(byte[] b, int at) {
        return ByteReader.uint16(b, at + ROUTE);
    }

    /** Has the record at {@code at} name another route. */
    public static void setRoute(byte[] b, int at, int route) {
        b[at + ROUTE] = (byte) (route >> 8);
        b[at + ROUTE + 1] = (byte) route;
    }

    public static int extensionLength(byte[] b, int at) {
        return ByteReader.uint16(b, at + EXTENSION_LENGTH);
    }

    public static int propertiesOffset(byte[] b, int at) {
        return at + HEADER + extensionLength(b, at);
    }

    public static int propertiesLength(byte[] b, int at) {
        return (b[at + PROPERTIES_LENGTH] & 0xff) << 16 | ByteReader.uint16(b, at + PROPERTIES_LENGTH + 1);
    }

    /** Where the body, or what stands for it, begins. */
    public static int bodyOffset(byte[] b, int at) {
        return propertiesOffset(b, at) + propertiesLength(b, at);
    }

    /** Bytes of the body, or of what stands for it, in the record. */
    public static int inlineLength(byte[] b, int at) {
        return at + length(b, at) - bodyOffset(b, at);
    }

    public static boolean isExternal(byte[] b, int at) {
        return (flags(b, at) & EXTERNAL_BODY) != 0;
    }

    public static boolean isMandatory(byte[] b, int at) {
        return (flags(b, at) & MANDATORY) != 0;
    }

    /** Whether a message that is refused comes back to its publisher with the reason. */
    public static boolean comesBack(byte[] b, int at) {
        return (flags(b, at) & (MANDATORY | TELLS_REASON)) != 0;
    }

    public static long externalId(byte[] b, int at) {
        return ByteReader.int64(b, bodyOffset(b, at));
    }

    public static long externalOffset(byte[] b, int at) {
        return ByteReader.int64(b, bodyOffset(b, at) + 8);
    }

    /** Length of the message's body, wherever it stands. */
    public static long bodyLength(byte[] b, int at) {
        return isExternal(b, at) ? ByteReader.int64(b, bodyOffset(b, at) + 16) : inlineLength(b, at);
    }
}
