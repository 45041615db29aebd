package io.tallymq.broker.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Arguments as bytes, in the log and in the store: one way to write each value, so that equal arguments are equal bytes. */
public final class ArgumentsCodec {
    private ArgumentsCodec() {}

    public static void write(ByteWriter w, Arguments a) {
        writeMap(w, a.values());
    }

    public static Arguments read(ByteReader r) {
        return new Arguments(readMap(r));
    }

    private static void writeMap(ByteWriter w, Map<?, ?> map) {
        w.varint(map.size());
        new TreeMap<Object, Object>(map).forEach((k, v) -> {
            w.string((String) k);
            writeValue(w, v);
        });
    }

    private static Map<String, Object> readMap(ByteReader r) {
        Map<String, Object> m = new TreeMap<>();
        for (long n = r.varint(); n > 0; n--) {
            m.put(r.string(), readValue(r));
        }
        return m;
    }

    private static void writeValue(ByteWriter w, Object v) {
        if (v == null) {
            w.uint8('V');
        } else if (v instanceof String s) {
            w.uint8('S').string(s);
        } else if (v instanceof Long l) {
            w.uint8('l').int64(l);
        } else if (v instanceof Boolean b) {
            w.uint8('t').bool(b);
        } else if (v instanceof Double d) {
            w.uint8('d').int64(Double.doubleToLongBits(d));
        } else if (v instanceof byte[] b) {
            w.uint8('x').bytes(b);
        } else if (v instanceof Arguments.Timestamp t) {
            w.uint8('T').int64(t.seconds());
        } else if (v instanceof List<?> l) {
            w.uint8('A').varint(l.size());
            l.forEach(x -> writeValue(w, x));
        } else if (v instanceof Map<?, ?> m) {
            w.uint8('F');
            writeMap(w, m);
        } else {
            throw new IllegalArgumentException("no argument type: " + v.getClass());
        }
    }

    private static Object readValue(ByteReader r) {
        int type = r.uint8();
        switch (type) {
            case 'V':
                return null;
            case 'S':
                return r.string();
            case 'l':
                return r.int64();
            case 't':
                return r.bool();
            case 'd':
                return Double.longBitsToDouble(r.int64());
            case 'x':
                return r.bytes();
            case 'T':
                return new Arguments.Timestamp(r.int64());
            case 'A':
                List<Object> l = new ArrayList<>();
                for (long n = r.varint(); n > 0; n--) {
                    l.add(readValue(r));
                }
                return l;
            case 'F':
                return readMap(r);
            default:
                throw new IllegalStateException("unknown argument type " + type);
        }
    }
}
