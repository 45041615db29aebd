package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes message properties the way clients do, for tests. */
public final class RawProperties {
    private RawProperties() {}

    /** A value with an explicit AMQP type. */
    public record Typed(char type, Object value) {}

    public static byte[] headers(Map<String, ?> fields) {
        ByteWriter w = new ByteWriter();
        w.uint16(1 << 13);
        table(w, fields);
        return w.toBytes();
    }

    public static void table(ByteWriter w, Map<String, ?> fields) {
        int at = w.reserve(4);
        fields.forEach((k, v) -> {
            shortString(w, k);
            value(w, v);
        });
        w.setInt32(at, w.size() - at - 4);
    }

    public static void shortString(ByteWriter w, String s) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        w.uint8(b.length).raw(b, 0, b.length);
    }

    private static void longString(ByteWriter w, byte[] b) {
        w.int32(b.length).raw(b, 0, b.length);
    }

    public static void value(ByteWriter w, Object v) {
        if (v == null) {
            w.uint8('V');
        } else if (v instanceof String s) {
            w.uint8('S');
            longString(w, s.getBytes(StandardCharsets.UTF_8));
        } else if (v instanceof Integer i) {
            w.uint8('I').int32(i);
        } else if (v instanceof Long l) {
            w.uint8('l').int64(l);
        } else if (v instanceof Boolean b) {
            w.uint8('t').bool(b);
        } else if (v instanceof Double d) {
            w.uint8('d').int64(Double.doubleToLongBits(d));
        } else if (v instanceof Arguments.Timestamp t) {
            w.uint8('T').int64(t.seconds());
        } else if (v instanceof byte[] b) {
            w.uint8('x');
            longString(w, b);
        } else if (v instanceof List<?> l) {
            w.uint8('A');
            int at = w.reserve(4);
            l.forEach(x -> value(w, x));
            w.setInt32(at, w.size() - at - 4);
        } else if (v instanceof Map<?, ?> m) {
            w.uint8('F');
            @SuppressWarnings("unchecked")
            Map<String, Object> fields = (Map<String, Object>) m;
            table(w, fields);
        } else if (v instanceof Typed t) {
            typed(w, t);
        } else {
            throw new IllegalArgumentException(v.getClass().toString());
        }
    }

    private static void typed(ByteWriter w, Typed t) {
        w.uint8(t.type());
        switch (t.type()) {
            case 'b', 'B' -> w.uint8(((Number) t.value()).intValue());
            case 's', 'u' -> w.uint16(((Number) t.value()).intValue());
            case 'i' -> w.int32((int) ((Number) t.value()).longValue());
            case 'L' -> w.int64(((Number) t.value()).longValue());
            case 'f' -> w.int32(Float.floatToIntBits(((Number) t.value()).floatValue()));
            case 'D' -> w.uint8(2).int32(((Number) t.value()).intValue());
            case 'S' -> longString(w, (byte[]) t.value());
            default -> throw new IllegalArgumentException("type " + t.type());
        }
    }
}
