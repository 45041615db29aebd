package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import java.util.HashMap;
import java.util.Map;

/** From when to when channels are known to have lived, and which were lost. */
final class Lives {
    /** Nanoseconds after which a cluster has noticed at the latest what the client of a killed node knows at once. Until then it assigns to it. */
    static final long NOTICED = 5_000_000_000L;

    private static final class Life {
        final long first;
        /** When it asked what was answered, and what was not answered yet; -1: it did not. */
        long lived = -1;

        long asked = -1;
        long gone = Long.MAX_VALUE;

        Life(long first) {
            this.first = first;
        }
    }

    private final Map<String, Life> lives = new HashMap<>();

    void accept(HistoryEvent event) {
        if (event instanceof Delivered d) {
            of(d.consumer(), d.time());
        } else if (event instanceof Answering a) {
            of(a.consumer(), a.time());
        } else if (event instanceof Channel c) {
            Life life = of(c.consumer(), c.time());
            if (c.kind() == HistoryEvent.Kind.ASKED) {
                life.asked = c.time();
            } else if (c.kind() == HistoryEvent.Kind.SETTLED) {
                life.lived = life.asked;
            } else if (c.kind() == HistoryEvent.Kind.GONE) {
                life.gone = c.time();
            }
        }
    }

    private Life of(String channel, long time) {
        return lives.computeIfAbsent(channel, c -> new Life(time));
    }

    /** How many channels were there at {@code to}, may have been lost by then, and were not given up by the cluster before {@code from}. */
    long lostBetween(long from, long to) {
        return lives.values().stream()
                .filter(l -> l.gone != Long.MAX_VALUE && l.first < to && l.gone + NOTICED >= from && l.lived < to)
                .count();
    }
}
