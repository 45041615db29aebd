package io.tallymq.amqp.socket;

import io.netty.channel.EventLoop;
import io.tallymq.timer.Timers;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Heartbeats both ways (4.2.7 of the specification): sends one when nothing else was sent for half an interval, and tells
 * when nothing came for two. Event loop only.
 */
public final class Heartbeats {
    /** The connection that is watched. */
    public interface Peer {
        /** Bytes sent so far. */
        long sentBytes();

        /** Bytes received so far; also grows while nothing is read on purpose. */
        long signsOfLife();

        void sendHeartbeat();

        void dead();
    }

    /** Checks without a sign of life after which the peer counts as dead; there are two checks in an interval. */
    private static final int DEAD_AFTER = 4;

    private final Peer peer;
    private final ScheduledFuture<?> timer;
    private long sent;
    private long received;
    private int silent;

    /** @param seconds the negotiated interval, above 0 */
    public Heartbeats(Peer peer, EventLoop loop, Timers timers, int seconds) {
        this.peer = peer;
        this.sent = peer.sentBytes();
        this.received = peer.signsOfLife();
        long halfInterval = seconds * 500L;
        timer = timers.every(loop, halfInterval, TimeUnit.MILLISECONDS, "heartbeats of a connection", this::check);
    }

    private void check() {
        long sentNow = peer.sentBytes();
        if (sentNow == sent) {
            peer.sendHeartbeat();
            sentNow = peer.sentBytes();
        }
        sent = sentNow;
        long receivedNow = peer.signsOfLife();
        silent = receivedNow == received ? silent + 1 : 0;
        received = receivedNow;
        if (silent >= DEAD_AFTER) {
            stop();
            peer.dead();
        }
    }

    /** The socket is gone: nobody looks any more. */
    public void stop() {
        timer.cancel(false);
    }
}
