package io.tallymq.amqp.delivery;

import io.tallymq.amqp.socket.SocketOutput;
import java.util.ArrayDeque;

/** Lets the channels of a connection that have something to deliver take turns at its socket. Event loop only. */
final class DeliveryTurns {
    /** Reads for channels of a connection at a time: each brings a chunk, and all channels of one that takes little could read what few of them write. */
    private static final int MOST_READS = 16;

    private final ArrayDeque<DeliveryPump> waiting = new ArrayDeque<>();
    private final SocketOutput outbox;
    private int reads;

    DeliveryTurns(SocketOutput outbox) {
        this.outbox = outbox;
    }

    /** The channel has something to write. */
    void wants(DeliveryPump pump) {
        if (!pump.isQueued()) {
            pump.queued(true);
            waiting.add(pump);
        }
    }

    /** A channel has so many chunks more read from the store, or fewer: then a turn follows. */
    void reading(int chunks) {
        reads += chunks;
    }

    /** Writes as long as the socket takes it. */
    void run() {
        while (!waiting.isEmpty() && reads < MOST_READS && outbox.isWritable()) {
            DeliveryPump pump = waiting.remove();
            pump.queued(false);
            if (pump.turn()) {
                wants(pump);
            }
        }
    }
}
