package io.tallymq.raft.entry;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Route;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Routes as they were read lately, so that one which comes in batch after batch is one instance with known hashes and costs
 * no garbage. A slot holds one route; a newcomer takes it over. Not for several threads.
 */
public final class RouteCache {
    private static final int SLOTS = 1_024;

    private final byte[][] encoded = new byte[SLOTS][];
    private final Route[] routes = new Route[SLOTS];

    /** Reads vhost, exchange and routing key. */
    Route read(ByteReader r) {
        int from = r.position();
        int vhostEnd = skipText(r);
        int exchangeEnd = skipText(r);
        int end = skipText(r);
        byte[] b = r.array();
        int slot = hash(b, from, end) & SLOTS - 1;
        byte[] known = encoded[slot];
        if (known != null && Arrays.equals(known, 0, known.length, b, from, end)) {
            return routes[slot];
        }
        Route route = new Route(text(b, from, vhostEnd), text(b, vhostEnd, exchangeEnd), text(b, exchangeEnd, end));
        encoded[slot] = Arrays.copyOfRange(b, from, end);
        routes[slot] = route;
        return route;
    }

    private static int skipText(ByteReader r) {
        r.skip((int) r.varint());
        return r.position();
    }

    private static String text(byte[] b, int from, int end) {
        ByteReader r = new ByteReader(b, from, end - from);
        int length = (int) r.varint();
        return new String(b, r.skip(length), length, StandardCharsets.UTF_8);
    }

    private static int hash(byte[] b, int from, int end) {
        int h = 1;
        for (int i = from; i < end; i++) {
            h = 31 * h + b[i];
        }
        return h ^ h >>> 15;
    }
}
