package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import java.util.concurrent.atomic.AtomicInteger;

/** So many of something may be under way at a time. Any thread. */
final class Slots {
    private final int most;
    private final String refusal;
    private final AtomicInteger taken = new AtomicInteger();

    /** @param refusal what is told when all are taken */
    Slots(int most, String refusal) {
        this.most = most;
        this.refusal = refusal;
    }

    /** @throws RefusedException 503 when all are taken */
    Slot take() {
        if (taken.incrementAndGet() > most) {
            taken.decrementAndGet();
            throw RefusedException.of(503, "overloaded", refusal);
        }
        return new Slot();
    }

    /** One of them, until nobody holds it any more; who took it is the first that does. */
    final class Slot {
        private final AtomicInteger holders = new AtomicInteger(1);

        private Slot() {}

        /** Returns whether there was somebody who held it still. */
        boolean hold() {
            return holders.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
        }

        void leave() {
            if (holders.decrementAndGet() == 0) {
                taken.decrementAndGet();
            }
        }
    }
}
