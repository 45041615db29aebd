package io.tallymq.broker.processing;

import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What holders who stay give back and is too much for one entry: stand-ins have it, which leave at once, as with a channel that closes. So it is
 * ready at once for everybody, later entries give it back, and a queue hands out nothing before it has all of it, see {@link Leaving}.
 */
final class GivingBack {
    /** The level from which on it is done so; before, all of it was given back at once. */
    static final int LEVEL = 5;

    /** No node's name. */
    static final String NOBODY = "(gave back)";

    private record Part(Holder of, Holder standIn, long[] ranges) {}

    private final Queues queues;
    private final Dirty dirty;
    private final Leaving leaving;
    private final LongSupplier newNumber;

    GivingBack(Queues queues, Dirty dirty, Leaving leaving, LongSupplier newNumber) {
        this.queues = queues;
        this.dirty = dirty;
        this.leaving = leaving;
        this.newNumber = newNumber;
    }

    /**
     * Whether a stand-in may have what this one gives back. Not where messages are told apart by a group: who holds one of a group owns all of it,
     * and the stand-in would be the owner on a replica that is restored, beside the one who stays.
     */
    static boolean mayOf(Holder h) {
        return mayOf(h.queue());
    }

    /** The same of what nobody has. */
    static boolean mayOf(Queue q) {
        return !q.sortsByHeader();
    }

    /**
     * Whether one entry may give back all that they hold.
     *
     * @param going what the end of queues costs that go in the same entry
     * @param sent what they were sent, or null
     * @param atOnce work that one entry may do
     */
    static boolean isLittle(List<Holder> gone, long going, List<Sent> sent, int atOnce) {
        long work = gone.size() + going;
        for (Holder h : gone) {
            if (work > atOnce) {
                return false;
            }
            work += h.held.ranges();
        }
        for (Sent s : sent == null ? List.<Sent>of() : sent) {
            work += s.ranges().length / 2;
        }
        return work <= atOnce;
    }

    /** Of each holder all that it has. */
    void all(List<Holder> holders) {
        ConnectionId nobody = new ConnectionId(NOBODY, newNumber.getAsLong());
        List<Part> parts = new ArrayList<>();
        for (Holder h : holders) {
            if (!h.held.isEmpty()) {
                parts.add(part(h, nobody, new long[] {h.held.lowest(), h.held.highest()}));
            }
        }
        giveBack(nobody, parts, Settle.Outcome.NACK_REQUEUE);
    }

    /** What a settle names. */
    void some(Holder h, long[] ranges, Settle.Outcome how) {
        ConnectionId nobody = new ConnectionId(NOBODY, newNumber.getAsLong());
        giveBack(nobody, List.of(part(h, nobody, ranges)), how);
    }

    private Part part(Holder h, ConnectionId nobody, long[] ranges) {
        return new Part(h, Holder.getter(h.queue(), newNumber.getAsLong(), nobody, 0, false), ranges);
    }

    private void giveBack(ConnectionId nobody, List<Part> parts, Settle.Outcome how) {
        if (parts.isEmpty()) {
            return; // all of them keep to their own way
        }
        Departure d = Departure.of(newNumber.getAsLong(), Departure.Whose.connection(nobody), null, List.of());
        if (how == Settle.Outcome.NACK_REQUEUE) {
            parts.forEach(p -> d.lastSent(p.standIn.number(), Departure.NOTHING));
        }
        leaving.begin(d);
        for (Part p : parts) {
            queues.add(p.standIn);
            p.of.queue().holdings().handOver(p.of, p.standIn, p.ranges, how, dirty);
            p.of.queue().holdings().leave(p.standIn, d, dirty);
            leaving.add(p.standIn, d);
        }
        leaving.added(d);
    }
}
