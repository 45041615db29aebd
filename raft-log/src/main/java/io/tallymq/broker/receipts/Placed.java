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

    /** Where its neighbour at this distance stands. */
    private Placed next(long distance) {
        return new Placed(queue, name, seq + distance, from, why);
    }

    /** The same of several places. */
    static List<Placed> next(List<Placed> places, long distance) {
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
