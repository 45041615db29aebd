package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The headers table out of a message's raw properties (4.2.6.1). Values are those of {@link Arguments}; of a name that
 * comes twice the last value counts. Bytes that are no properties, or nest or count more than the limits, give no headers:
 * the front end has refused them, and whatever comes here, every replica has to decide the same.
 */
public final class MessageHeaders {
    /** Tables and arrays within each other, the outermost included. */
    static final int MAX_DEPTH = 32;
    /** Fields and array elements of the table and of all that nests in it, as front ends take them. */
    public static final int MOST_PUBLISHED_ELEMENTS = 16_384;
    /**
     * The same as they are read: what the broker adds to what was published has room ({@link Deaths#MOST_KEYS} and some hundred more, and up
     * to {@link #MOST_WITH_OVERLAY} by settles), for deaths that can't be read again would be forgotten, and a cycle never end.
     */
    static final int MAX_ELEMENTS = 65_536;
    /** Headers that settles added are left out of what dies when there would be more than that: what it published and two deaths' keys fit. */
    static final int MOST_WITH_OVERLAY = 32_768;
    /** Characters of a header by which messages are told apart. */
    static final int MOST_TEXT = 255;

    private static final int CONTINUED = 1;
    private static final int CONTENT_TYPE = 1 << 15;
    private static final int CONTENT_ENCODING = 1 << 14;
    private static final int HEADERS = 1 << 13;

    private final byte[] bytes;
    private int at;
    private int elements;
    /** Set once something does not fit; from then on every read gives a zero and every loop ends. */
    private boolean malformed;

    private MessageHeaders(byte[] bytes, int at) {
        this.bytes = bytes;
        this.at = at;
    }

    /** The headers in name order; empty when there are none. */
    public static Map<String, Object> decode(byte[] bytes, int offset, int length) {
        MessageHeaders d = new MessageHeaders(bytes, offset);
        Map<String, Object> headers = d.properties(offset + length);
        return d.malformed ? Map.of() : headers;
    }

    /** What {@link #decode} has under a name, without keeping the others. */
    static Object one(byte[] bytes, int offset, int length, String name) {
        MessageHeaders d = new MessageHeaders(bytes, offset);
        int end = offset + length;
        int table = d.begin(end);
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        boolean isAscii = octets.length == name.length();
        Object found = null;
        while (!d.malformed && d.at < table) {
            int its = d.uint8(table);
            int from = d.skip(its, table);
            if (d.isNamed(from, its, octets)
                    || !isAscii && !d.malformed && d.name(from, its).equals(name)) {
                found = d.value(table, 1);
            } else {
                d.pass(table, 1);
            }
        }
        return d.malformed ? null : found;
    }

    private boolean isNamed(int from, int length, byte[] octets) {
        return length == octets.length && !malformed && Arrays.equals(bytes, from, from + length, octets, 0, length);
    }

    /** Passes over a value as {@link #value} reads it. */
    private void pass(int end, int depth) {
        malformed |= ++elements > MAX_ELEMENTS;
        switch (uint8(end)) {
            case 'V' -> {}
            case 't', 'b', 'B' -> skip(1, end);
            case 's', 'u' -> skip(2, end);
            case 'I', 'i', 'f' -> skip(4, end);
            case 'l', 'L', 'd', 'T' -> skip(8, end);
            case 'D' -> skip(5, end);
            case 'S', 'x' -> at = inner(end);
            case 'A' -> passAll(inner(end), depth + 1, false);
            case 'F' -> passAll(inner(end), depth + 1, true);
            default -> malformed = true;
        }
    }

    private void passAll(int end, int depth, boolean haveNames) {
        malformed |= depth > MAX_DEPTH;
        while (!malformed && at < end) {
            if (haveNames) {
                skip(uint8(end), end);
            }
            pass(end, depth);
        }
    }

    /** How many fields and array elements there are; more than any limit if they can't be read. */
    static int elements(byte[] bytes, int offset, int length) {
        MessageHeaders d = new MessageHeaders(bytes, offset);
        d.properties(offset + length);
        return d.malformed ? Integer.MAX_VALUE : d.elements;
    }

    /**
     * One header as text of at most {@link #MOST_TEXT} characters, which is taken for all of it; null for none, or for what is no text or
     * number.
     */
    public static String text(byte[] bytes, int offset, int length, String name) {
        return text(one(bytes, offset, length, name));
    }

    /** A header's value as {@link #text(byte[], int, int, String)}. */
    static String text(Object value) {
        boolean plain =
                value instanceof String || value instanceof Long || value instanceof Boolean || value instanceof Double;
        String text = plain ? plain(value) : null;
        return text == null || text.length() <= MOST_TEXT ? text : beginning(text, MOST_TEXT);
    }

    /** What a header's value is called where it names a message: of equal values alone it is the same. Null for none, tables and arrays. */
    public static String key(Object value) {
        String text;
        if (value instanceof String s) {
            text = "S" + s;
        } else if (value instanceof Long || value instanceof Boolean || value instanceof Double) {
            text = value.getClass().getSimpleName().charAt(0) + plain(value);
        } else if (value instanceof byte[] b) {
            text = "x" + new String(b, StandardCharsets.ISO_8859_1);
        } else if (value instanceof Arguments.Timestamp t) {
            text = "T" + t.seconds();
        } else {
            return null;
        }
        return text.length() <= MOST_TEXT ? text : shortened(text);
    }

    /** The same with every version of Java, which {@link Double#toString} is not: whole numbers by their digits, others by their bits. */
    private static String plain(Object value) {
        if (value instanceof Double d) {
            boolean whole = d == Math.rint(d) && Math.abs(d) < 1L << 53;
            return whole ? (long) (double) d + ".0" : Double.toHexString(d);
        }
        return value.toString();
    }

    /** How it begins and two hashes of different kinds: nobody finds two that are alike by chance. */
    private static String shortened(String text) {
        long hash = new StateDigest().add(text).value();
        long other = 0;
        for (int i = 0; i < text.length(); i++) {
            other = other * 0x9e3779b97f4a7c15L + text.charAt(i);
        }
        return beginning(text, MOST_TEXT / 2) + ":" + text.length() + ":" + hash + ":" + other;
    }

    /** At most so many characters; none is cut in two, for half of one does not come back from the store. */
    public static String beginning(String text, int most) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
    }

    private Map<String, Object> properties(int end) {
        int table = begin(end);
        return at == table ? Map.of() : table(table, 1);
    }

    /** Goes to the first field; returns where the last one ends. */
    private int begin(int end) {
        int first = uint16(end);
        for (int flags = first; (flags & CONTINUED) != 0; ) {
            flags = uint16(end);
        }
        if ((first & HEADERS) == 0) {
            return at;
        }
        if ((first & CONTENT_TYPE) != 0) {
            skip(uint8(end), end);
        }
        if ((first & CONTENT_ENCODING) != 0) {
            skip(uint8(end), end);
        }
        return inner(end);
    }

    private Map<String, Object> table(int end, int depth) {
        Map<String, Object> fields = new TreeMap<>();
        malformed |= depth > MAX_DEPTH;
        while (!malformed && at < end) {
            int length = uint8(end);
            int from = skip(length, end);
            String name = malformed ? "" : name(from, length);
            fields.put(name, value(end, depth));
        }
        return fields;
    }

    /** A name that is not UTF-8 is taken octet by octet, as front ends do with the names of arguments. */
    private String name(int from, int length) {
        String s = new String(bytes, from, length, StandardCharsets.UTF_8);
        return s.indexOf('\uFFFD') < 0
                        || Arrays.equals(
                                s.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, from, from + length))
                ? s
                : new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    private List<Object> array(int end, int depth) {
        List<Object> values = new ArrayList<>();
        malformed |= depth > MAX_DEPTH;
        while (!malformed && at < end) {
            values.add(value(end, depth));
        }
        return values;
    }

    private Object value(int end, int depth) {
        malformed |= ++elements > MAX_ELEMENTS;
        int type = uint8(end);
        return switch (type) {
            case 'V' -> null;
            case 't' -> uint8(end) != 0;
            case 'b' -> (long) (byte) uint8(end);
            case 'B' -> (long) uint8(end);
            case 's' -> (long) (short) uint16(end);
            case 'u' -> (long) uint16(end);
            case 'I' -> (long) int32(end);
            case 'i' -> int32(end) & 0xffffffffL;
            case 'l', 'L' -> int64(end);
            case 'f' -> (double) Float.intBitsToFloat(int32(end));
            case 'd' -> Double.longBitsToDouble(int64(end));
            case 'D' -> decimal(end);
            case 'T' -> new Arguments.Timestamp(int64(end));
            case 'S' -> text(inner(end));
            case 'x' -> octets(inner(end));
            case 'A' -> array(inner(end), depth + 1);
            case 'F' -> table(inner(end), depth + 1);
            default -> {
                malformed = true;
                yield null;
            }
        };
    }

    /** A scale and a signed number. The parser rounds correctly, on every machine alike. */
    private Double decimal(int end) {
        int scale = uint8(end);
        return Double.valueOf(int32(end) + "E-" + scale);
    }

    /** A string, or the octets themselves when they are not UTF-8. */
    private Object text(int end) {
        byte[] b = octets(end);
        String s = new String(b, StandardCharsets.UTF_8);
        return s.indexOf('\uFFFD') >= 0 && !Arrays.equals(s.getBytes(StandardCharsets.UTF_8), b) ? b : s;
    }

    private byte[] octets(int end) {
        byte[] b = malformed ? new byte[0] : Arrays.copyOfRange(bytes, at, end);
        at = end;
        return b;
    }

    /** Reads the length of what follows and returns where that ends. */
    private int inner(int end) {
        int length = int32(end);
        malformed |= length < 0 || length > end - at;
        return malformed ? at : at + length;
    }

    private int skip(int length, int end) {
        int from = at;
        malformed |= length > end - at;
        at = malformed ? at : at + length;
        return from;
    }

    private int uint8(int end) {
        int from = skip(1, end);
        return malformed ? 0 : bytes[from] & 0xff;
    }

    private int uint16(int end) {
        int from = skip(2, end);
        return malformed ? 0 : ByteReader.uint16(bytes, from);
    }

    private int int32(int end) {
        int from = skip(4, end);
        return malformed ? 0 : ByteReader.int32(bytes, from);
    }

    private long int64(int end) {
        int from = skip(8, end);
        return malformed ? 0 : ByteReader.int64(bytes, from);
    }
}
