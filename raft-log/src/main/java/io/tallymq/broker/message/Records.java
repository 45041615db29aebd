package io.tallymq.broker.message;

/**
 * {@link MessageRecord}s that stand one after the other in an array, and where each begins: those of a log entry, of a chunk or
 * of a block read from the store. All chunks whose messages stand there share one instance, whatever the number of queues.
 * Immutable; any thread.
 */
public final class Records {
    /** Bytes on the heap of the objects themselves; rounded up. */
    private static final int OVERHEAD = 96;
    /** Bytes on the heap of a route and the texts of its names, without their characters; rounded up. */
    private static final int ROUTE_OVERHEAD = 200;

    private final byte[] bytes;
    private final int[] offsets;
    private final Route[] routes;
    private final long publishedAt;
    private final boolean block;
    private final long heapBytes;

    /**
     * Takes the arrays over.
     *
     * @param offsets where each record begins
     * @param routes by the records' route numbers; null where no record uses the number
     * @param publishedAt the entry's time, milliseconds since the epoch
     */
    public Records(byte[] bytes, int[] offsets, Route[] routes, long publishedAt) {
        this(bytes, offsets, routes, publishedAt, false);
    }

    public Records(byte[] bytes, int[] offsets, Route[] routes, long publishedAt, boolean block) {
        this.block = block;
        this.bytes = bytes;
        this.offsets = offsets;
        this.routes = routes;
        this.publishedAt = publishedAt;
        long routeBytes = 4L * routes.length;
        for (Route r : routes) {
            if (r != null) {
                routeBytes += ROUTE_OVERHEAD
                        + r.vhost().length()
                        + r.exchange().length()
                        + r.routingKey().length();
            }
        }
        heapBytes = OVERHEAD + bytes.length + 4L * offsets.length + routeBytes;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int count() {
        return offsets.length;
    }

    /** Where record {@code i} begins. */
    public int at(int i) {
        return offsets[i];
    }

    /** Where record {@code i} goes. */
    public Route route(int i) {
        return routes[MessageRecord.route(bytes, offsets[i])];
    }

    /** The route with this number, or null. */
    public Route numbered(int number) {
        return number < routes.length ? routes[number] : null;
    }

    public int routeNumbers() {
        return routes.length;
    }

    /** Whether this is a block that several chunks refer to. */
    public boolean isBlock() {
        return block;
    }

    public long publishedAt() {
        return publishedAt;
    }

    /** Bytes on the heap that live as long as this: the array whole, the routes as if nobody else had them. */
    public long heapBytes() {
        return heapBytes;
    }
}
