package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A 64-bit hash over values in a fixed order, the same on every machine. Not cryptographic. */
public final class StateDigest {
    private static final long PRIME = 0x9E3779B97F4A7C15L;
    private long hash = 0x243F6A8885A308D3L;

    public StateDigest add(long v) {
        long x = (hash ^ v) * PRIME;
        x ^= x >>> 32;
        hash = x * PRIME + 0x452821E638D01377L;
        return this;
    }

    public StateDigest add(boolean v) {
        return add(v ? 1L : 2L);
    }

    public StateDigest add(byte[] b) {
        add(b.length);
        for (byte x : b) {
            add((long) x);
        }
        return this;
    }

    /** As {@link #add(byte[])}, another value, and eight bytes at a time: for what a message costs. */
    public StateDigest addWords(byte[] b) {
        add(b.length);
        int at = 0;
        for (; at + Long.BYTES <= b.length; at += Long.BYTES) {
            add(ByteReader.int64(b, at));
        }
        long rest = 0;
        for (; at < b.length; at++) {
            rest = rest << Byte.SIZE | b[at] & 0xff;
        }
        return add(rest);
    }

    public StateDigest add(String s) {
        return add(s.getBytes(StandardCharsets.UTF_8));
    }

    public StateDigest add(Arguments a) {
        return addValue(a.values());
    }

    private StateDigest addValue(Object v) {
        if (v == null) {
            return add(3L);
        } else if (v instanceof String s) {
            return add(4L).add(s);
        } else if (v instanceof Long l) {
            return add(5L).add((long) l);
        } else if (v instanceof Boolean b) {
            return add(6L).add((boolean) b);
        } else if (v instanceof Double d) {
            return add(7L).add(Double.doubleToLongBits(d));
        } else if (v instanceof byte[] b) {
            return add(8L).add(b);
        } else if (v instanceof Arguments.Timestamp t) {
            return add(9L).add(t.seconds());
        } else if (v instanceof List<?> l) {
            add(10L).add((long) l.size());
            l.forEach(this::addValue);
            return this;
        } else if (v instanceof Map<?, ?> m) {
            add(11L).add((long) m.size());
            new java.util.TreeMap<Object, Object>(m)
                    .forEach((k, x) -> add((String) k).addValue(x));
            return this;
        }
        throw new IllegalArgumentException("no argument type: " + v.getClass());
    }

    public long value() {
        return hash;
    }
}
