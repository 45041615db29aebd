package io.tallymq.broker.aside;

import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.MessageStore;

/** What one queue knows of some of its messages beside what it knows of all. Most queues have none of it. */
public final class Aside {
    private final Overlays overlays;
    private final Deferred deferred;

    public Aside(long queue, String vhost, MessageStore store, AsideTotals totals) {
        overlays = new Overlays(queue, store, totals);
        deferred = new Deferred(queue, vhost, store, totals);
    }

    /** Headers that settles added. */
    public Overlays overlays() {
        return overlays;
    }

    /** Messages that were put aside under a token. */
    public Deferred deferred() {
        return deferred;
    }

    /** Messages are gone, however. */
    public void gone(long first, long last) {
        overlays.gone(first, last);
        deferred.gone(first, last);
    }

    /** The store has all of it. */
    public void committed() {
        overlays.committed();
    }

    /** How much it knows. */
    public int count() {
        return overlays.count() + deferred.count();
    }

    /** Nothing for programs that do not know of it, as long as there is nothing. */
    public void digest(StateDigest d) {
        overlays.digest(d);
        deferred.digest(d);
    }
}
