package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.publish.BlockedNotice;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.Chunk;

/** Takes what the broker tells about a connection to the channel that it concerns. Event loop only. */
final class SessionEvents implements SessionListener {
    private final AmqpConnection connection;
    private final ReadGate gate;
    private final BlockedNotice blockedNotice;
    private Channels channels;

    SessionEvents(AmqpConnection connection, ReadGate gate, BlockedNotice blockedNotice) {
        this.connection = connection;
        this.gate = gate;
        this.blockedNotice = blockedNotice;
    }

    /** Before the first event. */
    void attach(Channels open) {
        channels = open;
    }

    private AmqpChannel find(int channel) {
        return channels == null ? null : channels.find(channel);
    }

    @Override
    public void confirmed(int channel, long seq) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.confirmed(seq);
        }
    }

    @Override
    public void returned(int channel, long seq, ReturnedMessage message) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.returned(seq, message);
        }
    }

    @Override
    public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
        AmqpChannel found = find(channel);
        if (found == null) {
            written.run();
        } else {
            found.returned(seq, message, written);
        }
    }

    @Override
    public void directReply(int channel, DirectReply message, Runnable written) {
        AmqpChannel found = find(channel);
        if (found == null) {
            written.run();
        } else {
            found.directReply(message, written);
        }
    }

    @Override
    public void refused(int channel, long seq, Reply.Rejected why) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.refused(seq, why);
        }
    }

    @Override
    public void awaitsAll(int channel, long first, long last) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.awaitsAll(first, last);
        }
    }

    @Override
    public void deliver(int channel, String consumerTag, Delivery delivery) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.deliver(consumerTag, delivery);
        }
    }

    @Override
    public void cancelled(int channel, String consumerTag, long consumer) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.cancelled(consumer);
        }
    }

    @Override
    public void grew(int channel, long reader, Chunk chunk) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.grew(reader, chunk);
        }
    }

    @Override
    public void ready(int channel, long consumer, long[] ranges) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.ready(consumer, ranges);
        }
    }

    @Override
    public void timedOut(int channel, long consumer, long timeout, long messages) {
        AmqpChannel found = find(channel);
        if (found != null) {
            connection.note(
                    "consumer.timeout",
                    "channel " + channel + ": " + messages + " message(s) were not acknowledged within " + timeout
                            + " ms and go to others; see x-consumer-timeout");
            found.timedOut(consumer, timeout);
        }
    }

    @Override
    public void giveBack(int channel, long consumer) {
        AmqpChannel found = find(channel);
        if (found != null) {
            found.giveBack(consumer);
        }
    }

    @Override
    public void closed(String reason) {
        connection.ended(AmqpError.connection(ReplyCode.CONNECTION_FORCED, reason));
    }

    @Override
    public void forced(String reason) {
        connection.fail(AmqpError.connection(ReplyCode.CONNECTION_FORCED, reason));
    }

    @Override
    public void blocked(String reason) {
        blockedNotice.blocked(reason);
    }

    @Override
    public void unblocked() {
        blockedNotice.unblocked();
    }

    @Override
    public void writable() {
        gate.open(ReadGate.Reason.BROKER);
    }

    @Override
    public void deliverable() {
        if (channels != null) {
            channels.deliverable();
        }
    }

    @Override
    public void leftBehind() {
        if (channels != null && channels.holdMessages()) {
            connection.resetIfOutOfReach("its node may have been left behind by the cluster");
        }
    }

    @Override
    public void eventsEnd() {
        connection.eventsEnd();
    }
}
