package io.tallymq.broker.receipts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Where a message stands that has left one of its queues.
 *
 * @param queues how many it went to; {@code places} are the first ones
 */
public record MovedPlaces(List<Placed> places, int queues) {
    /** Of a message that was kept for later and reached no queue. */
    public static final List<Placed> NOWHERE = nowhere("unroutable");

    /** By queue, and in one that has several of them by the message's number there: each is a copy of its own. */
    private static final Comparator<Placed> BY_PLACE =
            Comparator.comparingLong(Placed::queue).thenComparingLong(Placed::seq);

    /** Of a message that was kept for later, and will be in no queue. */
    public static List<Placed> nowhere(String why) {
        return List.of(new Placed(0, "", 0, "", why));
    }

    /**
     * Null if it was not known to stand there.
     *
     * @param was where it stood before
     * @param queues how many these were
     * @param from where it stood
     * @param to where it went, the first ones
     * @param all how many these are
     * @param waits whether it is kept for later: it is nowhere for now
     */
    public static MovedPlaces of(
            List<Placed> was, int queues, Placed from, String why, List<Placed> to, int all, boolean waits) {
        TreeSet<Placed> now = new TreeSet<>(BY_PLACE);
        now.addAll(was);
        if (!now.remove(from)) {
            return null;
        }
        if (to.isEmpty() && !waits) {
            now.add(new Placed(from.queue(), from.name(), from.seq(), "", why));
        }
        for (Placed x : to) {
            if (now.size() < PlacedRuns.MOST_PLACES) {
                now.add(new Placed(x.queue(), x.name(), x.seq(), from.name(), why));
            }
        }
        return new MovedPlaces(new ArrayList<>(now), inAll(now.size(), queues, all));
    }

    /**
     * Of a dead letter that waited for its time. Null if it was not known to wait.
     *
     * @param number that it had as long as it waited
     * @param to where it is now, the first ones; if that is no queue, why
     * @param all how many these are
     */
    public static MovedPlaces ofLetter(List<Placed> was, int queues, long number, List<Placed> to, int all) {
        Placed waited = was.stream()
                .filter(p -> p.isWaiting() && p.seq() == number)
                .findFirst()
                .orElse(null);
        if (waited == null) {
            return null;
        }
        List<Placed> now = new ArrayList<>(was);
        now.remove(waited);
        for (Placed x : to) {
            if (now.size() < PlacedRuns.MOST_PLACES) {
                boolean nowhere = x.queue() == 0;
                now.add(nowhere ? x : new Placed(x.queue(), x.name(), x.seq(), waited.from(), waited.why()));
            }
        }
        return new MovedPlaces(now, inAll(now.size(), queues, all));
    }

    /** One of so many queues became others, or nowhere, or came to its first ones. */
    static int inAll(int known, int queues, int all) {
        return Math.max(known, Math.max(1, queues) - 1 + Math.max(1, all));
    }
}
