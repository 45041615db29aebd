package io.tallymq.admin;

import io.tallymq.broker.view.BrokerView.QueueInfo;

/** What stands in several queues together. One thread. */
final class QueueSums {
    private long ready;
    private long unacked;
    private long readyBytes;
    private long unackedBytes;
    private int consumers;

    void add(QueueInfo queue) {
        ready += queue.ready();
        unacked += queue.unacked();
        readyBytes += queue.readyBytes();
        unackedBytes += queue.unackedBytes();
        consumers += queue.consumers();
    }

    long ready() {
        return ready;
    }

    long unacked() {
        return unacked;
    }

    long readyBytes() {
        return readyBytes;
    }

    long unackedBytes() {
        return unackedBytes;
    }

    int consumers() {
        return consumers;
    }
}
