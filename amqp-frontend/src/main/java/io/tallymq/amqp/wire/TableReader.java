package io.tallymq.amqp.wire;

import io.tallymq.amqp.wire.FieldValue.Timestamp;
import io.tallymq.amqp.wire.FieldValue.UInt16;
import io.tallymq.amqp.wire.FieldValue.UInt32;
import io.tallymq.amqp.wire.FieldValue.UInt8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Reads one field table, or steps over it. Every length is checked against the end of what encloses it, and depth and
 * number of elements are bounded, so neither stack nor heap follow a peer's wishes. Used once; not thread-safe.
 */
final class TableReader {
    private static final int NOT_FIXED = -1;

    private final byte[] bytes;
    private final int end;
    private int position;
    private int elements;
    /** A name was not UTF-8. */
    private boolean oddNames;

    TableReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.position = offset;
        this.end = offset + length;
    }

    /** Where the next field starts. */
    int position() {
        return position;
    }

    FieldTable readTable() throws WireException {
        FieldTable table = table(end, 1);
        return oddNames ? table.withOddNames() : table;
    }

    void skipTable() throws WireException {
        skipFields(end, 1);
    }

    /** Steps to the value of the next field and returns its name. */
    String readName() throws WireException {
        return name(end);
    }

    /** Steps over the value of a field of the outermost table. */
    void skipValue() throws WireException {
        skipValue(end, 1);
    }

    boolean atEnd() {
        return position == end;
    }

    private FieldTable table(int limit, int depth) throws WireException {
        requireDepth(depth);
        LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
        while (position < limit) {
            String name = name(limit);
            fields.put(name, value(limit, depth));
        }
        return FieldTable.trusted(fields);
    }

    private List<Object> array(int limit, int depth) throws WireException {
        requireDepth(depth);
        List<Object> values = new ArrayList<>();
        while (position < limit) {
            values.add(value(limit, depth));
        }
        return Collections.unmodifiableList(values);
    }

    private Object value(int limit, int depth) throws WireException {
        countElement();
        int type = octet(limit);
        int width = fixedWidth(type);
        if (width != NOT_FIXED) {
            need(width, limit);
            Object value = fixedValue(type);
            position += width;
            return value;
        }
        int inner = position + Integer.BYTES + length(limit);
        position += Integer.BYTES;
        return switch (type) {
            case 'S' -> text(inner);
            case 'x' -> ByteArray.wrap(slice(inner));
            case 'F' -> table(inner, depth + 1);
            case 'A' -> array(inner, depth + 1);
            default -> throw unknownType(type);
        };
    }

    /** A value at the position, which stays; {@link #fixedWidth} octets of it are there. */
    private Object fixedValue(int type) throws WireException {
        return switch (type) {
            case 't' -> bytes[position] != 0;
            case 'b' -> bytes[position];
            case 'B' -> new UInt8(bytes[position] & 0xFF);
            case 's' -> (short) unsigned16();
            case 'u' -> new UInt16(unsigned16());
            case 'I' -> int32(position);
            case 'i' -> new UInt32(Integer.toUnsignedLong(int32(position)));
            case 'f' -> Float.intBitsToFloat(int32(position));
            case 'l', 'L' -> int64();
            case 'd' -> Double.longBitsToDouble(int64());
            case 'T' -> new Timestamp(int64());
            case 'D' -> new BigDecimal(BigInteger.valueOf(int32(position + 1)), bytes[position] & 0xFF);
            case 'V' -> FieldValue.NoValue.VOID;
            default -> throw unknownType(type);
        };
    }

    private static int fixedWidth(int type) throws WireException {
        return switch (type) {
            case 'V' -> 0;
            case 't', 'b', 'B' -> 1;
            case 's', 'u' -> 2;
            case 'I', 'i', 'f' -> 4;
            case 'D' -> 5;
            case 'l', 'L', 'd', 'T' -> 8;
            case 'S', 'x', 'F', 'A' -> NOT_FIXED;
            default -> throw unknownType(type);
        };
    }

    private void skipFields(int limit, int depth) throws WireException {
        requireDepth(depth);
        while (position < limit) {
            skipName(limit);
            skipValue(limit, depth);
        }
    }

    private void skipValue(int limit, int depth) throws WireException {
        countElement();
        int type = octet(limit);
        int width = fixedWidth(type);
        if (width != NOT_FIXED) {
            need(width, limit);
            position += width;
            return;
        }
        int inner = position + Integer.BYTES + length(limit);
        position += Integer.BYTES;
        if (type == 'F') {
            skipFields(inner, depth + 1);
        } else if (type == 'A') {
            requireDepth(depth + 1);
            while (position < inner) {
                skipValue(inner, depth + 1);
            }
        } else {
            position = inner;
        }
    }

    private String name(int limit) throws WireException {
        int start = position + 1;
        skipName(limit);
        int length = position - start;
        // What is not UTF-8 is taken octet by octet: other brokers let it pass, and two names stay two.
        boolean text = Utf8.isValid(bytes, start, length);
        oddNames |= !text;
        return new String(bytes, start, length, text ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }

    private void skipName(int limit) throws WireException {
        int length = octet(limit);
        need(length, limit);
        position += length;
    }

    private Object text(int limit) {
        int start = position;
        int length = limit - start;
        if (Utf8.isValid(bytes, start, length)) {
            position = limit;
            return new String(bytes, start, length, StandardCharsets.UTF_8);
        }
        return LongString.wrap(slice(limit));
    }

    private byte[] slice(int limit) {
        byte[] slice = Arrays.copyOfRange(bytes, position, limit);
        position = limit;
        return slice;
    }

    /** The four-octet length at the position, which stays. */
    private int length(int limit) throws WireException {
        need(Integer.BYTES, limit);
        long length = Integer.toUnsignedLong(int32(position));
        if (length > limit - position - Integer.BYTES) {
            throw WireException.malformed("a field value declares " + length + " octets, what encloses it has only "
                    + (limit - position - Integer.BYTES) + " more");
        }
        return (int) length;
    }

    private int octet(int limit) throws WireException {
        need(1, limit);
        return bytes[position++] & 0xFF;
    }

    private int unsigned16() {
        return (bytes[position] & 0xFF) << 8 | (bytes[position + 1] & 0xFF);
    }

    private int int32(int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }

    private long int64() {
        return (long) int32(position) << 32 | Integer.toUnsignedLong(int32(position + 4));
    }

    private void need(int octets, int limit) throws WireException {
        if (limit - position < octets) {
            throw WireException.malformed("a table ends inside a field");
        }
    }

    private void countElement() throws WireException {
        if (++elements > FieldTable.MAX_ELEMENTS) {
            throw WireException.malformed(
                    "a table has at most " + FieldTable.MAX_ELEMENTS + " fields and array elements");
        }
    }

    private static void requireDepth(int depth) throws WireException {
        if (depth > FieldTable.MAX_DEPTH) {
            throw WireException.malformed("tables and arrays nest at most " + FieldTable.MAX_DEPTH + " deep");
        }
    }

    private static WireException unknownType(int type) {
        return WireException.malformed(String.format("a field has the unknown type 0x%02x", type));
    }
}
