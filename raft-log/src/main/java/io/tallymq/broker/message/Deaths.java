package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the header x-death tells: where a message died before, the last time first, one entry per queue and reason. Only one that the
 * broker wrote is believed ({@link Extension#died}): a client may send what it likes.
 */
public final class Deaths {
    /** More entries than that are not kept: the oldest are forgotten. */
    static final int MOST = 100;
    /** More further routing keys (CC) than that are not kept in all entries together: the older entries have their first one alone. */
    static final int MOST_KEYS = 8_000;
    /** The same for their bytes: as many as one publish may have, and some. With all entries the header stays far below what properties may take. */
    static final int MOST_KEY_BYTES = 96 << 10;
    /** Type and length of a text in an array. */
    private static final int BEFORE_TEXT = 5;

    /** The reason that ends a cycle of dead letters: somebody decided it. */
    public static final String REJECTED = "rejected";

    static final String HEADER = "x-death";

    /**
     * One entry.
     *
     * @param count how often it died there for that reason
     * @param seconds since the epoch, when it did first
     * @param exchange where it had been published
     * @param routingKeys its keys then, CC included
     * @param expiration the property that it had, null for none
     */
    record Entry(
            String queue,
            String reason,
            long count,
            long seconds,
            String exchange,
            List<?> routingKeys,
            String expiration) {
        private static Entry of(Object value) {
            return value instanceof Map<?, ?> m
                            && m.get("queue") instanceof String queue
                            && m.get("reason") instanceof String reason
                            && m.get("count") instanceof Long count
                            && m.get("time") instanceof Arguments.Timestamp time
                            && m.get("exchange") instanceof String exchange
                            && m.get("routing-keys") instanceof List<?> keys
                    ? new Entry(
                            queue,
                            reason,
                            count,
                            time.seconds(),
                            exchange,
                            keys,
                            m.get("original-expiration") instanceof String e ? e : null)
                    : null;
        }

        private Map<String, Object> fields() {
            Map<String, Object> all = new TreeMap<>();
            all.put("count", count);
            all.put("exchange", exchange);
            all.put("queue", queue);
            all.put("reason", reason);
            all.put("routing-keys", routingKeys);
            all.put("time", new Arguments.Timestamp(seconds));
            if (expiration != null) {
                all.put("original-expiration", expiration);
            }
            return all;
        }

        /** The same with the first routing key alone. */
        private Entry withOneKey() {
            return new Entry(
                    queue,
                    reason,
                    count,
                    seconds,
                    exchange,
                    routingKeys.stream().limit(1).toList(),
                    expiration);
        }

        private int keyBytes() {
            int bytes = 0;
            for (Object key : routingKeys) {
                bytes += BEFORE_TEXT + key.toString().getBytes(StandardCharsets.UTF_8).length;
            }
            return bytes;
        }

        private boolean isOf(Entry other) {
            return queue.equals(other.queue) && reason.equals(other.reason);
        }

        private Entry again() {
            return new Entry(queue, reason, count + 1, seconds, exchange, routingKeys, expiration);
        }
    }

    private final List<Entry> entries = new ArrayList<>();

    private Deaths() {}

    /** Of a message with these headers. */
    static Deaths of(Extension extension, Map<String, Object> headers) {
        Deaths d = new Deaths();
        if (extension.died() && headers.get(HEADER) instanceof List<?> all) {
            for (Object one : all) {
                Entry e = Entry.of(one);
                if (e != null) {
                    d.entries.add(e);
                }
            }
        }
        return d;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    /** The last so many of them, without further keys. */
    Deaths latest(int n) {
        Deaths some = new Deaths();
        entries.stream().limit(n).map(Entry::withOneKey).forEach(some.entries::add);
        return some;
    }

    /** Where it died last, empty if that was in no queue; null if it did not die. */
    String lastQueue() {
        return entries.isEmpty() ? null : entries.get(0).queue();
    }

    /** It died again. */
    void add(Entry e) {
        Entry first = e;
        for (Entry known : entries) {
            if (known.isOf(e)) {
                first = known.again();
            }
        }
        entries.removeIf(e::isOf);
        entries.add(0, first);
        while (entries.size() > MOST) {
            entries.remove(entries.size() - 1);
        }
        boundKeys();
    }

    /** Keys go before entries do: without the entries nobody would see a cycle. */
    private void boundKeys() {
        int keys = 0;
        int bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry e = entries.get(i);
            if (e.routingKeys().size() <= 1) {
                continue; // nearly all: there is no further key that could go
            }
            int more = e.keyBytes();
            if (keys + e.routingKeys().size() > MOST_KEYS || bytes + more > MOST_KEY_BYTES) {
                entries.set(i, e.withOneKey());
            } else {
                keys += e.routingKeys().size();
                bytes += more;
            }
        }
    }

    /** Whether it comes to this queue again and nobody has rejected it on the way: it would go round for ever. */
    public boolean isCycle(String queue) {
        for (Entry e : entries) {
            if (e.reason().equals(REJECTED)) {
                return false;
            }
            if (e.queue().equals(queue)) {
                return true;
            }
        }
        return false;
    }

    /** The header's field. */
    void write(ByteWriter w) {
        HeaderFields.write(w, HEADER, entries.stream().map(Entry::fields).toList());
    }
}
