package io.tallymq.broker.chunk;

import io.tallymq.broker.limits.MachineLimits;

/** How many chunk descriptors the queues keep in memory, and whether they may keep more ahead of their consumers. */
public final class Residents {
    private final int most;
    private int count;

    /** @param most {@link MachineLimits#residentInAll} */
    public Residents(int most) {
        this.most = most;
    }

    public boolean haveRoom() {
        return count < most;
    }

    public void more() {
        count++;
    }

    public void less(int by) {
        count -= by;
    }

    public int count() {
        return count;
    }
}
