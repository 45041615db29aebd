package io.tallymq.amqp.channel;

import io.tallymq.amqp.socket.ReadGate;

/**
 * Counts the answers that are due on all channels of a connection. With {@link #MOST} of them the socket is not read until half of them are
 * written: a question has some 20 octets, what is kept for its answer several times as much, and a client that reads slowly, or asks
 * while no majority answers, could ask without an end. Event loop only.
 */
public final class DueAnswers {
    /** Answers of a connection that are due, but for those to questions that were read already. */
    public static final int MOST = 1_024;

    private final ReadGate gate;
    private int due;

    /** @param gate of the connection */
    public DueAnswers(ReadGate gate) {
        this.gate = gate;
    }

    void opened() {
        due++;
        if (due >= MOST) {
            gate.close(ReadGate.Reason.ANSWERS);
        }
    }

    /** So many are written, or nobody waits for them any more. */
    void done(int answers) {
        due -= answers;
        if (due <= MOST / 2) {
            gate.open(ReadGate.Reason.ANSWERS);
        }
    }
}
