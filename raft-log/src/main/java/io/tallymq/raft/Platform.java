package io.tallymq.raft;

import io.tallymq.raft.session.Submitter;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What a node's broker takes from the machine it runs on: clocks, chance and threads. Whatever a broker does follows from this, its
 * log and its clients, so that a test can put a machine of its own in its place. Any thread.
 */
interface Platform {
    /** As {@link System#nanoTime}. */
    long nanoTime();

    /** Milliseconds since 1970, as this machine's clock has them: it may be wrong and may be set. */
    long currentTimeMillis();

    /** Any int, as likely as every other, and not the same ones at the next start. */
    int randomInt();

    /** Share of the processors that were busy since it was asked last, 0 to 1; below 0 when unknown. */
    double processorsInUse();

    /** A thread of its own for what runs by the clock. Who asked shuts it down. */
    ScheduledExecutorService scheduler(String name);

    /** Where answers that belong to no session are given: not on the thread that applies. */
    Executor answers();

    /** Lets some time pass before what the store has no room for is written again; what it throws ends the applying. The applying thread. */
    void awaitRoom();

    /**
     * Runs a submitter until its outbox is closed.
     *
     * @return waits for its end, a while at most
     */
    Runnable run(String name, Submitter submitter);
}
