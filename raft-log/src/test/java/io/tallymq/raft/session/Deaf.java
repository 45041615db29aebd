package io.tallymq.raft.session;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.effect.Reply;

/** A client that nothing is expected of. */
class Deaf implements SessionListener {
    @Override
    public void confirmed(int channel, long seq) {}

    @Override
    public void returned(int channel, long seq, ReturnedMessage message) {}

    @Override
    public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
        written.run();
    }

    @Override
    public void refused(int channel, long seq, Reply.Rejected why) {}

    @Override
    public void deliver(int channel, String consumerTag, io.tallymq.broker.effect.Delivery delivery) {}

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
