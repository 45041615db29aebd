package io.tallymq.amqp.publish;

import io.tallymq.amqp.socket.SocketOutput;

/** How many bytes a connection keeps of publishes that settle, in case that they come back: they are for its client as what its socket has not taken. Event loop only. */
final class ReturnRoom {
    static final int MOST_BYTES = 4 << 20;

    /** Counted for the node in such steps: most publishes are small, and settled at once. */
    static final int STEP = 64 << 10;

    private static final byte[] NO_PROPERTIES = new byte[2];

    private final SocketOutput outbox;
    private int taken;
    /** What the outbox knows of it. */
    private int told;

    ReturnRoom(SocketOutput outbox) {
        this.outbox = outbox;
    }

    /** What is kept of such properties: themselves, or none when there is no room. {@link #give} follows. */
    byte[] keep(byte[] properties) {
        int most = outbox.isInTheWay() ? STEP : MOST_BYTES;
        byte[] kept = taken + properties.length <= most ? properties : NO_PROPERTIES;
        taken += kept.length;
        tell();
        return kept;
    }

    /** They are not needed any more. */
    void give(byte[] kept) {
        taken -= kept.length;
        tell();
    }

    private void tell() {
        int steps = taken / STEP * STEP;
        if (steps != told) {
            outbox.keptElsewhere(steps - told);
            told = steps;
        }
    }
}
