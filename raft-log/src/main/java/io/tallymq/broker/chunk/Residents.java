package io.tallymq.broker.chunk;

import io.tallymq.broker.limits.MachineLimits;

/** How many chunk descriptors the queues keep in memory, and whether they may keep more ahead of their consumers. */
public final class Residents {
    private final int most;
    private int count;
    private int begun;
    private int ofLastValues;

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

    /** Of so many chunks, or below zero less, something was given to somebody or passed over, and not all is gone. */
    public void begunChange(int by) {
        begun += by;
    }

    /** The same of queues that keep last values, which begin each chunk when it comes. They are counted apart, so that a backlog there holds up no consumers. */
    public void ofLastValuesChange(int by) {
        ofLastValues += by;
    }

    /** How many chunks such queues have: the same on all nodes, and after a start. */
    public int ofLastValues() {
        return ofLastValues;
    }

    /** Of how many chunks of other queues that is so: the same on all nodes, and after a start. */
    public int begun() {
        return begun;
    }

    public int count() {
        return count;
    }
}
