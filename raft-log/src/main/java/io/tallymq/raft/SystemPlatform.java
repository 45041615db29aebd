package io.tallymq.raft;

import io.tallymq.raft.pace.Processors;
import io.tallymq.raft.session.Submitter;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The machine that the process runs on. */
class SystemPlatform implements Platform {
    private static final long END_MILLIS = TimeUnit.SECONDS.toMillis(10);

    /** Between two tries to write what the store has no room for. */
    private static final long ROOM_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final SecureRandom random = new SecureRandom();

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public int randomInt() {
        return random.nextInt();
    }

    @Override
    public double processorsInUse() {
        return Processors.inUse();
    }

    @Override
    public ScheduledExecutorService scheduler(String name) {
        return Executors.newSingleThreadScheduledExecutor(r -> Readers.daemon(r, name));
    }

    @Override
    public Executor answers() {
        return new CompletableFuture<>().defaultExecutor();
    }

    @Override
    public void awaitRoom() {
        LockSupport.parkNanos(ROOM_NANOS);
    }

    @Override
    public Runnable run(String name, Submitter submitter) {
        Thread thread = Readers.daemon(submitter::run, name);
        thread.start();
        return () -> {
            thread.interrupt();
            try {
                thread.join(END_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }
}
