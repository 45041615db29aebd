package io.tallymq.amqp.delivery;

import io.tallymq.amqp.socket.SocketOutput;
import java.util.ArrayDeque;

/** Lets the channels of a connection that have something to deliver take turns at its socket. Event loop only. */
final class DeliveryTurns {
    private final ArrayDeque<DeliveryPump> waiting = new ArrayDeque<>();
    private final SocketOutput outbox;

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

    /** Writes as long as the socket takes it. */
    void run() {
        while (outbox.isWritable()) {
            DeliveryPump pump = waiting.poll();
            if (pump == null) {
                return;
            }
            pump.queued(false);
            if (pump.turn()) {
                wants(pump);
            }
        }
    }
}
