package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * x-expires: a queue that nobody consumes, fetches from or declares for so long goes. What expired in it before goes to its dead letter
 * exchange first, some per entry of the log, even if one entry finds all of these times over.
 */
public final class Disuse {
    /** The level of the state from which on dead letters go first. */
    public static final int LEVEL = 5;

    private final Queue queue;
    private final LongSupplier clock;
    private final IntSupplier level;
    /** Milliseconds since the epoch; 0 as long as it does not matter. */
    private long lastUsed;

    Disuse(Queue queue, Common common) {
        this.queue = queue;
        this.clock = common.clock();
        this.level = common.level();
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

    /** When its time is over if nobody uses it; {@link Agenda#NEVER}. */
    private long end() {
        return matters() && queue.consumerCount() == 0
                ? lastUsed + queue.settings().expires()
                : Agenda.NEVER;
    }

    /** What is due in it later than this is not done any more: it goes with the queue. */
    public long last() {
        return level.getAsInt() < LEVEL ? Agenda.NEVER : end();
    }

    /** When it is to go, which it does not while dead letters of it are on their way; {@link Agenda#NEVER}. */
    long due() {
        return level.getAsInt() >= LEVEL && queue.dying().goOn() ? Agenda.NEVER : end();
    }

    /** There was no cluster until then, so nobody could use it: whether it was last used before, and lives on from then. */
    public boolean beginsAnew(long then, Dirty work) {
        boolean does = lastUsed < then;
        if (does) {
            lastUsed = then;
            work.touched(queue);
        }
        return does;
    }

    /** Whether it is to go now. */
    public boolean isOver(long now) {
        return due() <= now;
    }

    /** Whether something is to be done before that with messages of it. */
    public boolean hasLastWork() {
        return last() != Agenda.NEVER
                && queue.settings().deadLetter() != null
                && Math.min(queue.expiry().goesAt(), queue.resting().due()) <= last();
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
