package io.tallymq.broker.queue;

import java.util.function.LongSupplier;

/** x-expires: a queue that nobody consumes, fetches from or declares for so long goes. */
public final class Disuse {
    private final Queue queue;
    private final LongSupplier clock;
    /** Milliseconds since the epoch; 0 as long as it does not matter. */
    private long lastUsed;

    Disuse(Queue queue, LongSupplier clock) {
        this.queue = queue;
        this.clock = clock;
    }

    boolean matters() {
        return queue.settings().expires() >= 0;
    }

    /** It matters from now on. */
    void began() {
        lastUsed = clock.getAsLong();
    }

    /** Somebody fetches, or declares it, or has consumed: it lives on from now. */
    public void used(Dirty work) {
        if (matters()) {
            lastUsed = clock.getAsLong();
            work.touched(queue);
        }
    }

    /** When it goes if nobody uses it; {@link Agenda#NEVER}. */
    long due() {
        return matters() && queue.consumerCount() == 0
                ? lastUsed + queue.settings().expires()
                : Agenda.NEVER;
    }

    /** Whether it goes now. */
    public boolean isOver(long now) {
        return due() <= now;
    }

    /** Nothing as long as it does not matter: then the store does not have it either. */
    long lastUsed() {
        return matters() ? lastUsed : 0;
    }

    /** For the start. */
    void lastUsed(long time) {
        lastUsed = time;
    }
}
