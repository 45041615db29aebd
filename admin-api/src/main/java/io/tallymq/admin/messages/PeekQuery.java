package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Target;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What somebody wants to see of a queue.
 *
 * @param from the number of a message, or -1: where the queue begins in this order
 * @param since with which time it begins, milliseconds since the epoch: of streams; -1 for none
 * @param newest whether the last message comes first
 * @param truncate so many bytes of a body are shown
 */
record PeekQuery(long from, long since, int count, boolean newest, int truncate, boolean base64, MessageMatch match) {
    /** Messages of an answer. */
    static final int MOST = 100;

    private static final int USUAL = 10;
    private static final int USUAL_TRUNCATE = 64 << 10;
    private static final Set<String> NAMES = Set.of("from", "count", "order", "truncate", "encoding");

    /** @throws RefusedException 400 for what makes no sense */
    static PeekQuery of(Target target, long now) {
        Map<String, String> wanted = new TreeMap<>(target.query());
        wanted.keySet().removeAll(NAMES);
        String order = oneOf(target, "order", "oldest", "newest");
        String from = target.parameter("from").orElse(order.equals("oldest") ? "first" : "last");
        boolean isTime = from.indexOf('T') > 0;
        return new PeekQuery(
                isTime ? -1 : number(from),
                isTime ? time(from) : -1,
                integer(target, "count", USUAL, MOST),
                order.equals("newest"),
                integer(target, "truncate", USUAL_TRUNCATE, (int) GetRun.MOST_BYTES),
                oneOf(target, "encoding", "auto", "base64").equals("base64"),
                MessageMatch.of(wanted, now));
    }

    private static String oneOf(Target target, String name, String usual, String other) {
        String value = target.parameter(name).orElse(usual);
        if (!value.equals(usual) && !value.equals(other)) {
            throw RequestFields.expected(name, usual + " or " + other);
        }
        return value;
    }

    private static int integer(Target target, String name, int usual, int most) {
        String value = target.parameter(name).orElse(Integer.toString(usual));
        if (!value.matches("[0-9]{1,9}") || Integer.parseInt(value) > most) {
            throw RequestFields.expected(name, "an integer from 0 to " + most);
        }
        return Integer.parseInt(value);
    }

    private static long number(String from) {
        if (from.equals("first")) {
            return 0;
        } else if (from.equals("last")) {
            return Long.MAX_VALUE;
        }
        return number("from", from);
    }

    /** The number of a message, as answers tell it. */
    static long number(String name, String text) {
        try {
            long n = Long.parseLong(text);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // it is said below
        }
        throw RequestFields.expected(
                name, "first, last, the number of a message, or for streams a time as 2026-01-31T12:00:00Z");
    }

    private static long time(String from) {
        try {
            return Instant.parse(from).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw RequestFields.expected("from", "a time as 2026-01-31T12:00:00Z");
        }
    }
}
