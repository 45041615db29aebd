package io.tallymq.broker.routing;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The rings of exchanges that are kept as they were arranged. The one that was not used for
 * longest goes first: it can be arranged again, and what it answers is the same.
 */
final class RingRoom {
    /** Most points of all together, 12 bytes of heap each; those of the ring that is used are kept whatever they are. */
    static final int MOST_POINTS = 1 << 21;

    private final int most;
    /** Points of each, in the order of their use. Looked up, and gone through in that order. */
    private final Map<HashRing, Integer> kept = new LinkedHashMap<>();

    private long points;
    private HashRing last;

    RingRoom(int most) {
        this.most = most;
    }

    /** It was arranged, or is as it was. */
    void used(HashRing ring) {
        Integer before = kept.get(ring);
        if (ring == last && before != null && before == ring.size()) {
            return;
        }
        last = ring;
        kept.remove(ring); // it is the newest
        points += ring.size() - (before == null ? 0 : before);
        kept.put(ring, ring.size());
        for (Iterator<Map.Entry<HashRing, Integer>> i = kept.entrySet().iterator();
                points > most && kept.size() > 1; ) {
            Map.Entry<HashRing, Integer> oldest = i.next();
            points -= oldest.getValue();
            i.remove();
            oldest.getKey().giveUp();
        }
    }

    /** Its exchange is deleted. */
    void forget(HashRing ring) {
        Integer had = kept.remove(ring);
        points -= had == null ? 0 : had;
        last = last == ring ? null : last;
    }

    int rings() {
        return kept.size();
    }

    long points() {
        return points;
    }
}
