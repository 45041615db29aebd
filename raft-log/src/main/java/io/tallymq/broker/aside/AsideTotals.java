package io.tallymq.broker.aside;

/** How much all queues together have aside. */
public final class AsideTotals {
    int overlays;

    /** Messages with headers that settles added. */
    public int overlays() {
        return overlays;
    }
}
