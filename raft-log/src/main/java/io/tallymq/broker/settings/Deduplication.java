package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;
import java.util.Map;

/**
 * What an exchange or a queue remembers of its messages, so that none comes twice.
 *
 * @param header that names a message; without it none is dropped
 * @param size most messages that are remembered
 * @param timeToLive milliseconds for which each is remembered, -1: as long as there is room
 */
public record Deduplication(String header, long size, long timeToLive) {
    /** A message's own time to live: a header, milliseconds. */
    public static final String TIME_TO_LIVE_HEADER = "x-cache-ttl";

    /** LavinMQ's. */
    private static final long SIZE = 128;

    /** Null if these arguments do not ask for it. */
    public static Deduplication of(Arguments arguments) {
        return Boolean.TRUE.equals(arguments.get(ArgumentTable.DEDUPLICATION)) ? by(arguments) : null;
    }

    /** By what these arguments say, whether they ask for it or not. */
    public static Deduplication by(Arguments arguments) {
        return new Deduplication(
                arguments.get(ArgumentTable.DEDUPLICATION_HEADER) instanceof String s
                        ? s
                        : ArgumentTable.DEDUPLICATION_HEADER,
                number(arguments.get(ArgumentTable.CACHE_SIZE), SIZE),
                number(arguments.get(ArgumentTable.CACHE_TTL), -1));
    }

    private static long number(Object value, long without) {
        Long n = ArgumentText.number(value);
        return n == null ? without : n;
    }

    /** Milliseconds for which a message with these headers is remembered, -1: as long as there is room. */
    public long timeToLive(Map<String, Object> headers) {
        return headers.get(TIME_TO_LIVE_HEADER) instanceof Long n && n >= 0 ? n : timeToLive;
    }

    /** Whether what one of them remembers means the same to the other; null: remembers nothing. */
    public static boolean isBySame(Deduplication one, Deduplication other) {
        return one != null && other != null && one.header.equals(other.header);
    }
}
