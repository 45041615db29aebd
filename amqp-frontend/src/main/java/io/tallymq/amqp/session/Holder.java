package io.tallymq.amqp.session;

import io.tallymq.broker.Command;

/** The broker's number for who holds messages (a consumer, or basic.get on a queue), with the settles of this turn. */
final class Holder {
    private static final int OUTCOMES = Command.Outcome.values().length;

    private final long number;
    /** By outcome: the ranges gathered since the last flush, null for none. */
    private final SettleBatch.Entry[] open = new SettleBatch.Entry[OUTCOMES];

    Holder(long number) {
        this.number = number;
    }

    long number() {
        return number;
    }

    SettleBatch.Entry open(Command.Outcome outcome) {
        return open[outcome.ordinal()];
    }

    void open(Command.Outcome outcome, SettleBatch.Entry entry) {
        open[outcome.ordinal()] = entry;
    }
}
