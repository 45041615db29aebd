package io.tallymq.broker.aside;

import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.MessageStore;

/** What one queue knows of some of its messages beside what it knows of all. Most queues have none of it. */
public final class Aside {
    private final long queue;
    private final String vhost;
    private final MessageStore store;
    private final AsideTotals totals;
    private Overlays overlays;
    private Deferred deferred;

    public Aside(long queue, String vhost, MessageStore store, AsideTotals totals) {
        this.queue = queue;
        this.vhost = vhost;
        this.store = store;
        this.totals = totals;
        overlays = new Overlays(queue, store, totals);
        deferred = newDeferred();
    }

    private Deferred newDeferred() {
        return new Deferred(queue, vhost, store, totals);
    }

    /** Headers that settles added. */
    public Overlays overlays() {
        return overlays;
    }

    /** Messages that were put aside under a token. */
    public Deferred deferred() {
        return deferred;
    }

    /** All that is put aside is not any more, and is returned. */
    public Deferred takeDeferred() {
        Deferred all = deferred;
        deferred = newDeferred();
        return all;
    }

    /** The queue is deleted: later entries take out the records of all of it. */
    public void leave() {
        totals.asideLeft().add(takeDeferred());
        totals.asideLeft().add(overlays);
        overlays = new Overlays(queue, store, totals);
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
