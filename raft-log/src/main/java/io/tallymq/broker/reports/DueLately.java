package io.tallymq.broker.reports;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How many letters have come to wait for their way since some were moved last, and up to when the entries before this one came: an entry keeps up with what became of
 * these by itself. Messages whose time was over long before do not count, for a million of them is to be spread over many entries.
 *
 * <p>Part of what replicas agree on; in the machine's record between two moves.
 */
public final class DueLately {
    /** The level of the state from which on it counts. */
    public static final int LEVEL = 5;
    /** What expired within so many milliseconds before the entry in hand began has done so lately: not every queue is looked at by every entry. */
    private static final long LATELY = 100;

    private final IntSupplier level;
    private final LongSupplier clock;
    /** Time of the entry before, milliseconds since the epoch. */
    private long before;

    private long letters;
    /** The queue of which some were moved last while others had to wait for the next entry; 0: for none. */
    private long servedLast;

    /**
     * @param level of the state
     * @param clock of the entry in hand
     */
    public DueLately(IntSupplier level, LongSupplier clock) {
        this.level = level;
        this.clock = clock;
    }

    /** So many messages wait as dead letters. */
    public void died(long messages) {
        letters += level.getAsInt() < LEVEL ? 0 : messages;
    }

    /** The same because their time is over since then. */
    public void expired(long messages, long time) {
        if (time >= before - LATELY) {
            died(messages);
        }
    }

    /** How many came to wait since {@link #moved}. */
    public long letters() {
        return letters;
    }

    /** Some letters were moved: as many as came, or as many as one entry may. */
    public void moved(long lastQueue) {
        letters = 0;
        servedLast = lastQueue;
    }

    /** The queue behind which the next entry goes on; 0: from the first one. */
    public long servedLast() {
        return servedLast;
    }

    /** Time of the entry before the one in hand, milliseconds since the epoch. */
    public long before() {
        return before;
    }

    /** An entry is done, or the state has been read, or counts from now on. */
    public void begin() {
        before = clock.getAsLong();
    }

    /** Null for nothing. */
    public byte[] encode() {
        boolean nothing = letters == 0 && servedLast == 0 && before == clock.getAsLong();
        return level.getAsInt() < LEVEL || nothing
                ? null
                : new ByteWriter(24)
                        .varint(before)
                        .varint(letters)
                        .varint(servedLast)
                        .toBytes();
    }

    public void decode(ByteReader r) {
        before = r.varint();
        letters = r.varint();
        servedLast = r.varint();
    }

    public void digest(StateDigest d) {
        if (letters != 0 || servedLast != 0) {
            d.add(letters).add(servedLast);
        }
    }
}
