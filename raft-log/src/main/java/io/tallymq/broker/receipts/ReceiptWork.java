package io.tallymq.broker.receipts;

/** What receipts cost. */
final class ReceiptWork {
    /** Units of publishes' work: a block is read from wherever in the store, which takes 6 to 12 us. */
    static final int READ = 20;
    /** Units of what a block takes in memory until the next commit, beside its places. */
    private static final int BLOCK = 4;
    /** The same of a producer's record. */
    private static final int PRODUCER = 4;
    /** The same if numbers of it came again, each of which takes a byte there. */
    private static final int REPEATS = 8;

    private long run;
    private long held;

    /** The number of the run in hand: what it needs several times is read once. */
    long run() {
        return run;
    }

    /** Another run begins. */
    void begin() {
        run++;
    }

    /** A block is in memory, with so many units of places. */
    void holdBlock(int places) {
        held += BLOCK + places;
    }

    /** A note with so many places of its own is in memory. */
    void holdNote(int places) {
        held += 1 + places / ReceiptBlock.PLACES;
    }

    /** The record of a producer is to be written. */
    void holdProducer(boolean repeats) {
        held += repeats ? PRODUCER + REPEATS : PRODUCER;
    }

    /** Units of what is held in memory until the next commit. Unlike all else it depends on when a node commits. */
    long held() {
        return held;
    }

    /** All of that is handed to the store. */
    void written() {
        held = 0;
    }
}
