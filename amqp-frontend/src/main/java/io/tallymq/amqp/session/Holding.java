package io.tallymq.amqp.session;

import io.tallymq.broker.command.Settle;
import java.util.EnumMap;
import java.util.Map;

/** The broker's number for who holds messages (a consumer, or basic.get on a queue), with the settles of this turn. */
final class Holding {
    private final long number;
    private final boolean reader;
    private Runnable onAck;
    /** Messages that the client has and has not settled. */
    private int outstanding;

    private long settledSoFar;
    /** Told once when something is settled, null when nobody waits for it. */
    private Runnable onSettled;
    /** The acks gathered since the last flush, null for none. */
    private SettleBatch.Entry acks;
    /** What else was gathered since the last flush; null until something is. */
    private Map<Settle.Outcome, SettleBatch.Entry> others;

    Holding(long number) {
        this(number, false);
    }

    /** @param reader whether it reads a stream: what it settles is nobody else's business */
    Holding(long number, boolean reader) {
        this.number = number;
        this.reader = reader;
    }

    boolean isReader() {
        return reader;
    }

    /** Told at every settle of a reader; null for nothing. */
    void onAck(Runnable action) {
        onAck = action;
    }

    /** The client has settled something of a stream. */
    void acked() {
        if (onAck != null) {
            onAck.run();
        }
    }

    long number() {
        return number;
    }

    int outstanding() {
        return outstanding;
    }

    /** Messages that the client has settled since the beginning. */
    long settledSoFar() {
        return settledSoFar;
    }

    /** The client was sent so many messages that it has to settle. */
    void sent(int messages) {
        outstanding += messages;
    }

    /** The client has settled so many messages. */
    void settled(int messages) {
        outstanding -= messages;
        settledSoFar += messages;
        if (onSettled != null) {
            Runnable waiting = onSettled;
            onSettled = null;
            waiting.run();
        }
    }

    /** Runs once at the next {@link #settled}. */
    void onSettled(Runnable action) {
        onSettled = action;
    }

    SettleBatch.Entry open(Settle.Outcome outcome) {
        if (outcome == Settle.Outcome.ACK) {
            return acks;
        }
        return others == null ? null : others.get(outcome);
    }

    void open(Settle.Outcome outcome, SettleBatch.Entry entry) {
        if (outcome == Settle.Outcome.ACK) {
            acks = entry;
            return;
        }
        if (others == null) {
            others = new EnumMap<>(Settle.Outcome.class);
        }
        others.put(outcome, entry);
    }
}
