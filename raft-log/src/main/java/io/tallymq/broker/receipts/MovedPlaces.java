package io.tallymq.broker.receipts;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Where a message stands that has left one of its queues.
 *
 * @param queues how many it went to; {@code places} are the first ones
 */
public record MovedPlaces(List<Placed> places, int queues) {
    /** Of a message that was kept for later and reached no queue. */
    public static final List<Placed> NOWHERE = List.of(new Placed(0, "", 0, "", "unroutable"));

    /**
     * Null if it was not known to be in that queue.
     *
     * @param was where it stood before
     * @param queues how many these were
     * @param from the queue's number
     * @param name of that queue
     * @param at the number that it had there
     * @param to where it went
     */
    public static MovedPlaces of(
            List<Placed> was, int queues, long from, String name, long at, String why, List<Placed> to) {
        TreeMap<Long, Placed> now = new TreeMap<>();
        was.forEach(x -> now.put(x.queue(), x));
        Placed gone = now.get(from);
        if (gone == null || gone.seq() != at) {
            return null;
        }
        now.remove(from);
        if (to.isEmpty()) {
            now.put(from, new Placed(from, name, at, "", why));
        }
        for (Placed x : to) {
            if (now.size() < PlacedRuns.MOST_PLACES) {
                now.putIfAbsent(x.queue(), new Placed(x.queue(), x.name(), x.seq(), name, why));
            }
        }
        return new MovedPlaces(
                new ArrayList<>(now.values()), Math.max(now.size(), queues - 1 + Math.max(1, to.size())));
    }
}
