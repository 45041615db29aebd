package io.tallymq.amqp.session;

import io.netty.channel.EventLoop;
import io.tallymq.amqp.socket.Heartbeats;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.timer.Timers;

/** The octets that come from a client and go to it, and what they say of its life. Event loop only, but for {@link #describe}. */
final class ConnectionTraffic implements Heartbeats.Peer {
    private final SocketOutput outbox;
    private final ReadGate gate;
    private final Runnable dead;
    private Heartbeats heartbeats;
    private long received;
    private long ticks;
    /** Of the socket, at the last look. */
    private long progress;

    private volatile long receivedBytes;
    private volatile long reads;

    /** @param dead runs when the client has given no sign of life for too long */
    ConnectionTraffic(SocketOutput outbox, ReadGate gate, Runnable dead) {
        this.outbox = outbox;
        this.gate = gate;
        this.dead = dead;
    }

    void received(int bytes) {
        received += bytes;
    }

    /** Bytes received so far. */
    long received() {
        return received;
    }

    /** A read of the socket is over. */
    void readComplete() {
        receivedBytes = received;
        reads = reads + 1; // written by the event loop only
    }

    /** Any thread: figures may be a moment old. */
    AmqpConnectionInfo.Traffic describe() {
        return new AmqpConnectionInfo.Traffic(
                receivedBytes, outbox.sentBytes(), reads, outbox.flushes(), outbox.lastPending());
    }

    /**
     * The client gets heartbeats, and has to give signs of life.
     *
     * @param seconds the negotiated interval, above 0
     */
    void watch(EventLoop loop, Timers timers, int seconds) {
        heartbeats = new Heartbeats(this, loop, timers, seconds);
    }

    /** The socket is gone. */
    void stop() {
        if (heartbeats != null) {
            heartbeats.stop();
        }
    }

    @Override
    public long sentBytes() {
        return outbox.sentBytes();
    }

    @Override
    public long signsOfLife() {
        if (gate.isClosedByNode()) {
            // We don't look: the client can't be blamed.
            ticks++;
        } else if (gate.isClosedBy(ReadGate.Reason.OUTBOX) && outbox.progress() != progress) {
            // We don't look because it has much to read, and it reads.
            ticks++;
        }
        progress = outbox.progress();
        return received + ticks;
    }

    @Override
    public void sendHeartbeat() {
        if (outbox.takesMore()) {
            FrameWriter.heartbeat(outbox.buffer());
            outbox.written();
            outbox.flush();
        }
    }

    @Override
    public void dead() {
        dead.run();
    }
}
