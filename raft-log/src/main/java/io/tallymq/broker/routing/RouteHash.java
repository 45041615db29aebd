package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collections;

/**
 * The hash by which messages are spread: FNV-1a over the octets, then mixed so that every bit counts. What it gives decides where messages
 * went that stand in the log: it never changes.
 */
final class RouteHash {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private RouteHash() {}

    static long of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Of a header's value: the octets of strings, of all else the one encoding that it has. */
    static long ofValue(Object value) {
        if (value instanceof String s) {
            return of(s);
        } else if (value instanceof byte[] b) {
            return of(b);
        }
        ByteWriter w = new ByteWriter(32);
        ArgumentsCodec.write(w, new Arguments(Collections.singletonMap("", value)));
        return of(w.toBytes());
    }

    private static long of(byte[] octets) {
        long h = BASIS;
        for (byte b : octets) {
            h = (h ^ (b & 0xff)) * PRIME;
        }
        return mix(h);
    }

    static long mix(long x) {
        long h = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        h = (h ^ h >>> 27) * 0x94d049bb133111ebL;
        return h ^ h >>> 31;
    }
}
