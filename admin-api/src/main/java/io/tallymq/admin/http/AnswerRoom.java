package io.tallymq.admin.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of answers that wait until their clients have read them, of all connections together: of those that are in memory as a whole. Of the others
 * each connection has a piece. Any thread.
 */
public final class AnswerRoom {
    /** Of all answers together: once so many wait, what is looked at is refused with 503. */
    public static final long BYTES = 32L << 20;
    /** An answer of so many bytes goes out always. */
    static final int SMALL = 4 << 10;

    private final AtomicLong waiting = new AtomicLong();

    boolean hasRoomFor(int bytes) {
        return bytes <= SMALL || waiting.get() < BYTES; // one alone may be larger than that
    }

    /** Whether there is room or not. */
    public void take(long bytes) {
        waiting.addAndGet(bytes);
    }

    public void give(long bytes) {
        waiting.addAndGet(-bytes);
    }

    public long waiting() {
        return waiting.get();
    }
}
