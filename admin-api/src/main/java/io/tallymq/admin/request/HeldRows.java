package io.tallymq.admin.request;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Rows in memory of sorted lists, while they are sorted and while their clients take them: the only lists that are not read as they
 * are sent. Any thread.
 */
public final class HeldRows {
    /** Of all answers together; about 150 bytes each. One more is refused with 503. */
    public static final int MOST = 400_000;

    private final AtomicLong held = new AtomicLong();

    /** @throws RefusedException 503 when there would be too many */
    public void add(int rows) {
        if (held.addAndGet(rows) > MOST) {
            held.addAndGet(-rows);
            throw RefusedException.of(
                    503,
                    "overloaded",
                    "too many rows are being sorted or sent: ask again later, for a list without sort and sort_reverse,"
                            + " or for fewer rows with name");
        }
    }

    public void remove(int rows) {
        held.addAndGet(-rows);
    }

    public long held() {
        return held.get();
    }
}
