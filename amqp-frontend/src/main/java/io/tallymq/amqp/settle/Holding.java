package io.tallymq.amqp.settle;

import io.tallymq.broker.command.Settle;
import java.util.EnumMap;
import java.util.Map;

/** The broker's number for who holds messages (a consumer, or basic.get on a queue), with the settles of this turn. */
public final class Holding {
    private final long number;
    private final boolean reader;
    private Runnable onAck;
    /** Messages that the client has and has not settled. */
    private int outstanding;
    /** The client was told that it acks too late. */
    private boolean told;

    private long settledSoFar;
    /** Told once when something is settled, null when nobody waits for it. */
    private Runnable onSettled;
    /** The acks gathered since the last flush, null for none. */
    private SettleBatch.Entry acks;
    /** What else was gathered since the last flush; null until something is. */
    private Map<Settle.Outcome, SettleBatch.Entry> others;

    /** Who holds messages of a queue. */
    public Holding(long number) {
        this(number, false);
    }

    /** @param reader whether it reads a stream: what it settles is nobody else's business */
    public Holding(long number, boolean reader) {
        this.number = number;
        this.reader = reader;
    }

    /** Whether it reads a stream: what it settles is nobody else's business. */
    public boolean isReader() {
        return reader;
    }

    /** Told at every settle of a reader; null for nothing. */
    public void onAck(Runnable action) {
        onAck = action;
    }

    /** The client has settled something of a stream. */
    public void acked() {
        if (onAck != null) {
            onAck.run();
        }
    }

    /** Whether the client was told that it acks too late. */
    public boolean isTold() {
        return told;
    }

    /** The client is told that it acks too late: what it still has may go back without a word. */
    public void tell() {
        told = true;
    }

    /** The broker's number for it. */
    public long number() {
        return number;
    }

    /** Messages that the client has and has not settled. */
    public int outstanding() {
        return outstanding;
    }

    /** Messages that the client has settled since the beginning. */
    public long settledSoFar() {
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
    public void onSettled(Runnable action) {
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
