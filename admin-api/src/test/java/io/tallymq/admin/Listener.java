package io.tallymq.admin;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Hears confirms; the rest is of no interest here. */
class Listener implements SessionListener {
    final BlockingQueue<Long> confirms = new LinkedBlockingQueue<>();

    @Override
    public void confirmed(int channel, long seq) {
        confirms.add(seq);
    }

    @Override
    public void returned(int channel, long seq, ReturnedMessage message) {}

    @Override
    public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
        written.run();
    }

    @Override
    public void refused(int channel, long seq, Reply.Rejected why) {}

    @Override
    public void deliver(int channel, String consumerTag, Delivery delivery) {}

    @Override
    public void cancelled(int channel, String consumerTag, long consumer) {}

    @Override
    public void giveBack(int channel, long consumer) {}

    @Override
    public void closed(String reason) {}

    @Override
    public void blocked(String reason) {}

    @Override
    public void unblocked() {}

    @Override
    public void writable() {}

    @Override
    public void deliverable() {}

    @Override
    public void leftBehind() {}

    @Override
    public void eventsEnd() {}
}
