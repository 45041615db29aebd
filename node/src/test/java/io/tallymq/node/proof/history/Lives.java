package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From when to when channels are known to have lived, and which were lost. */
final class Lives {
    /**
     * Nanoseconds after which a cluster that works has noticed at the latest what the client of a killed node knows at once. Until then it assigns to
     * it. It works from the first confirm on of what was published after the end: who was killed as a whole notices nothing until it is back.
     */
    static final long NOTICED = 5_000_000_000L;

    private static final class Life {
        final long first;
        /** When it asked what was answered, and what was not answered yet; -1: it did not. */
        long lived = -1;

        long asked = -1;
        long gone = Long.MAX_VALUE;
        /** From when on the cluster works without it. */
        long works = Long.MAX_VALUE;

        Life(long first) {
            this.first = first;
        }
    }

    private final Map<String, Life> lives = new HashMap<>();
    /** Ended, and nothing that was published since has been confirmed. */
    private final List<Life> unnoticed = new ArrayList<>();

    private final Map<MessageId, Long> published = new HashMap<>();

    void accept(HistoryEvent event) {
        if (event instanceof Published p) {
            published.put(p.id(), p.time());
        } else if (event instanceof Answered a && a.kind() == HistoryEvent.Kind.CONFIRMED) {
            confirmed(a.time(), published.remove(a.id()));
        } else if (event instanceof Delivered d) {
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
                unnoticed.add(life);
            }
        }
    }

    private void confirmed(long time, Long since) {
        unnoticed.removeIf(life -> {
            boolean works = since != null && since > life.gone;
            life.works = works ? time : life.works;
            return works;
        });
    }

    private Life of(String channel, long time) {
        return lives.computeIfAbsent(channel, c -> new Life(time));
    }

    /** How many channels were there at {@code to}, may have been lost by then, and were not given up by the cluster before {@code from}. */
    long lostBetween(long from, long to) {
        return lives.values().stream()
                .filter(l -> l.gone != Long.MAX_VALUE && l.first < to && l.lived < to)
                .filter(l -> l.works == Long.MAX_VALUE || l.works + NOTICED >= from)
                .count();
    }
}
