package io.tallymq.broker.aside;

/** What all queues together have aside. */
public final class AsideTotals {
    final DeferredTokens tokens = new DeferredTokens();
    int overlays;
    int deferred;

    /** Messages with headers that settles added. */
    public int overlays() {
        return overlays;
    }

    /** Messages that were put aside under a token. */
    public int deferred() {
        return deferred;
    }

    public DeferredTokens tokens() {
        return tokens;
    }
}
