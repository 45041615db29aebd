package io.tallymq.admin.stats;

import io.tallymq.broker.view.BrokerView.QueueInfo;

/** What stands in several queues together. One thread. */
public final class QueueSums {
    private long ready;
    private long unacked;
    private long readyBytes;
    private long unackedBytes;
    private int consumers;

    public void add(QueueInfo queue) {
        ready += queue.ready();
        unacked += queue.unacked();
        readyBytes += queue.readyBytes();
        unackedBytes += queue.unackedBytes();
        consumers += queue.consumers();
    }

    public long ready() {
        return ready;
    }

    public long unacked() {
        return unacked;
    }

    public long readyBytes() {
        return readyBytes;
    }

    public long unackedBytes() {
        return unackedBytes;
    }

    public int consumers() {
        return consumers;
    }
}
