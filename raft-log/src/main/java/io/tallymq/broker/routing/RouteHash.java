package io.tallymq.broker.routing;

import java.nio.charset.StandardCharsets;

/**
 * The hash by which messages are spread: FNV-1a over the octets, then mixed so that every bit counts. What it gives decides where messages
 * went that stand in the log: it never changes.
 */
final class RouteHash {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private RouteHash() {}

    static long of(String text) {
        long h = BASIS;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
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
