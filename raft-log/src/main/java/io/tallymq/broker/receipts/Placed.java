package io.tallymq.broker.receipts;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a message stands, or stood last.
 *
 * @param queue its number
 * @param name of the queue, as it was then
 * @param seq the message's number in it
 * @param from the queue that it came from, if it was not published there; else empty
 * @param why it left that queue; if {@code from} is empty, why it left this one and went nowhere. Empty: neither
 */
public record Placed(long queue, String name, long seq, String from, String why) {
    public Placed(long queue, String name, long seq) {
        this(queue, name, seq, "", "");
    }

    /** Of a dead letter that is kept for its time at an exchange, by the number that it has there. */
    public static Placed waiting(long number) {
        return new Placed(0, "", number);
    }

    /** Whether it is such a letter, of which is told where it came from. */
    boolean isWaiting() {
        return queue == 0 && !from.isEmpty();
    }

    /** Where its neighbour at this distance stands. */
    private Placed next(long distance) {
        return new Placed(queue, name, seq + distance, from, why);
    }

    /** Whether all of these are right behind all of those. */
    public static boolean areNext(List<Placed> these, List<Placed> those) {
        if (these.size() != those.size()) {
            return false;
        }
        for (int i = 0; i < these.size(); i++) {
            if (!these.get(i).isBehind(those.get(i), 1)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is the same but for the message's number, which is so far behind. */
    boolean isBehind(Placed p, long distance) {
        return queue == p.queue
                && seq == p.seq + distance
                && name.equals(p.name)
                && from.equals(p.from)
                && why.equals(p.why);
    }

    /** The same of several places. */
    public static List<Placed> next(List<Placed> places, long distance) {
        if (distance == 0) {
            return places;
        }
        List<Placed> next = new ArrayList<>(places.size());
        for (Placed p : places) {
            next.add(p.next(distance));
        }
        return next;
    }
}
