package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is known of one name, which may be decided several times if the broker forgets it in between. */
final class NamedPublish {
    static final long NEVER = Long.MAX_VALUE;

    /** One message with this name. Times are the history's. */
    static final class Try {
        final MessageId id;
        final long published;
        final Set<String> queues;
        /** When it came first, by queue. */
        final Map<String, Long> came = new HashMap<>();

        long confirmed = NEVER;
        boolean returned;

        Try(Published p) {
            id = p.id();
            published = p.time();
            queues = new TreeSet<>(Set.of(EachQueue.of(p)));
        }

        /** It was stored before; {@link #NEVER}: it was not stored. */
        long stored() {
            return came.values().stream()
                    .mapToLong(t -> Math.min(t, confirmed))
                    .min()
                    .orElse(NEVER);
        }
    }

    /**
     * It was decided, and told.
     *
     * @param decided the log's time
     */
    record Life(long entry, long decided, String outcome) {}

    /** It was told that it is not decided, or that this is not known. */
    record Open(Told told, long asked) {}

    final String name;
    final String producer;
    final List<Try> tries = new ArrayList<>();
    /** By entry. */
    final TreeMap<Long, Life> lives = new TreeMap<>();

    final List<Open> open = new ArrayList<>();
    /** Somebody was about to make it void. */
    boolean voiding;

    NamedPublish(String name) {
        this.name = name;
        producer = ReceiptJudge.producer(name);
    }

    Try tried(Published p) {
        Try t = new Try(p);
        tries.add(t);
        return t;
    }

    List<Try> stored() {
        return tries.stream().filter(t -> t.stored() != NEVER).toList();
    }
}
