package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.function.LongFunction;

/** What one queue knows of some of its messages beside what it knows of all. Most queues have none of it. */
public final class Aside {
    private final Overlays overlays;

    public Aside(long queue, MessageStore store, AsideTotals totals) {
        overlays = new Overlays(queue, store, totals);
    }

    /** Headers that settles added. */
    public Overlays overlays() {
        return overlays;
    }

    /** Messages are gone, however. */
    public void gone(long first, long last) {
        overlays.gone(first, last);
    }

    /** The store is about to commit. */
    public void written() {
        overlays.written();
    }

    /**
     * For the start: all that the store has.
     *
     * @param of that of a queue with a number, which is there
     */
    public static void restoreAll(MessageStore store, LongFunction<Aside> of) {
        store.scan(
                Keys.of(Keys.OVERLAY),
                (k, v) -> of.apply(ByteReader.int64(k, 1)).overlays.restore(ByteReader.int64(k, 9), v));
    }

    /** About what {@link #digest} costs, in units of queues. */
    public long digestCost() {
        return overlays.count() / 32;
    }

    /** Nothing for programs that do not know of it, as long as there is nothing. */
    public void digest(StateDigest d) {
        overlays.digest(d);
    }
}
