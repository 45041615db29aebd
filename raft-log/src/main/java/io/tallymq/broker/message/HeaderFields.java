package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Fields of AMQP tables (4.2.5.5) as bytes: written anew, or copied as they are. Values are those of {@link Arguments}. */
final class HeaderFields {
    private HeaderFields() {}

    /** One field. */
    static void write(ByteWriter w, String name, Object value) {
        byte[] n = name.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(n.length, 255);
        w.uint8(length).raw(n, 0, length);
        value(w, value);
    }

    private static void value(ByteWriter w, Object v) {
        if (v == null) {
            w.uint8('V');
        } else if (v instanceof Boolean b) {
            w.uint8('t').bool(b);
        } else if (v instanceof Long n) {
            w.uint8('l').int64(n);
        } else if (v instanceof Double d) {
            w.uint8('d').int64(Double.doubleToRawLongBits(d));
        } else if (v instanceof Arguments.Timestamp t) {
            w.uint8('T').int64(t.seconds());
        } else if (v instanceof String s) {
            octets(w.uint8('S'), s.getBytes(StandardCharsets.UTF_8));
        } else if (v instanceof byte[] b) {
            octets(w.uint8('x'), b);
        } else if (v instanceof List<?> list) {
            int at = w.uint8('A').reserve(4);
            list.forEach(e -> value(w, e));
            w.setInt32(at, w.size() - at - 4);
        } else if (v instanceof Map<?, ?> map) {
            int at = w.uint8('F').reserve(4);
            map.forEach((k, e) -> write(w, (String) k, e));
            w.setInt32(at, w.size() - at - 4);
        } else {
            throw new IllegalArgumentException("a field of " + v.getClass());
        }
    }

    private static void octets(ByteWriter w, byte[] b) {
        w.int32(b.length).raw(b, 0, b.length);
    }

    /** The fields in [from, end) but some, byte for byte. What does not read as fields ends it. */
    static void copy(byte[] b, int from, int end, Predicate<String> without, ByteWriter w) {
        for (int at = from; at < end; ) {
            int nameEnd = at + 1 + (b[at] & 0xff);
            int next = nameEnd < end ? afterValue(b, nameEnd, end) : -1;
            if (next < 0 || next > end) {
                return;
            }
            if (!without.test(new String(b, at + 1, nameEnd - at - 1, StandardCharsets.UTF_8))) {
                w.raw(b, at, next - at);
            }
            at = next;
        }
    }

    /** Takes the name of a field. */
    @FunctionalInterface
    interface Name {
        void is(int from, int length);
    }

    /** The names of the headers in a message's properties, which were checked, one by one. */
    static void names(byte[] b, int properties, int length, Name each) {
        int at = MessageProperties.headers(b, properties, length);
        if (at < 0) {
            return;
        }
        int end = at + 4 + ByteReader.int32(b, at);
        at += 4;
        while (at >= 0 && at < end) {
            int name = b[at] & 0xff;
            each.is(at + 1, name);
            at = afterValue(b, at + 1 + name, end);
        }
    }

    /** Where the value that begins with its type at {@code at} ends; negative when it is none. */
    private static int afterValue(byte[] b, int at, int end) {
        int from = at + 1;
        return switch (b[at]) {
            case 'V' -> from;
            case 't', 'b', 'B' -> from + 1;
            case 's', 'u' -> from + 2;
            case 'I', 'i', 'f' -> from + 4;
            case 'D' -> from + 5;
            case 'l', 'L', 'd', 'T' -> from + 8;
            case 'S', 'x', 'A', 'F' -> {
                int length = from + 4 <= end ? ByteReader.int32(b, from) : -1;
                yield length < 0 || length > end - from - 4 ? -1 : from + 4 + length;
            }
            default -> -1;
        };
    }
}
