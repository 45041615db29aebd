package io.tallymq.raft;

import io.tallymq.raft.session.Submitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** One start of one node: its clock goes at a speed of its own, it may stand still, and it may die. All its threads take turns. */
final class VirtualProcess implements Platform {
    /** So many batches in a row are sent by a submitter that has no end. */
    private static final int ENDLESS = 100_000;

    private static final long POKE = 5 * VirtualTime.MILLI;

    private final String node;
    private final long number;
    private final VirtualTime time;
    private final Random random;
    private final LongSupplier wall;
    private final Set<Fix> without;
    /** Of its {@link #nanoTime} to the cluster's time. */
    private final double speed;

    private final long origin;
    private final long startedAt;
    private final List<Runnable> later = new ArrayList<>();
    private final List<VirtualScheduler> schedulers = new ArrayList<>();
    private LongSupplier failures = () -> 0;
    private Submitter submitter;
    private boolean alive = true;
    private boolean paused;

    VirtualProcess(String node, long number, VirtualTime time, Random random, LongSupplier wall, Set<Fix> without) {
        this.node = node;
        this.number = number;
        this.time = time;
        this.random = random;
        this.wall = wall;
        this.without = without;
        this.speed = random.nextInt(3) > 0 ? 1 : 0.85 + random.nextInt(31) / 100.0;
        this.origin = random.nextLong();
        this.startedAt = time.now();
    }

    String node() {
        return node;
    }

    long number() {
        return number;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isPaused() {
        return paused;
    }

    /** Alive and not standing still. */
    boolean runs() {
        return alive && !paused;
    }

    @Override
    public void awaitRoom() {
        Thread.onSpinWait();
    }

    void kill() {
        alive = false;
        later.clear();
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        List<Runnable> missed = List.copyOf(later);
        later.clear();
        for (Runnable m : missed) {
            if (paused) {
                later.add(m);
            } else {
                m.run();
            }
        }
    }

    void whenResumed(Runnable event) {
        later.add(event);
    }

    /** One turn of one of its threads; what is to be sent then is sent. */
    void run(Runnable event) {
        event.run();
        send();
    }

    private void send() {
        int sent = 0;
        while (alive && submitter != null && submitter.step()) {
            if (++sent > ENDLESS) {
                throw new AssertionError(node + " sends without end");
            }
        }
    }

    /** So long by this process' clock. */
    void after(long nanos, String what, Runnable task) {
        time.after((long) (nanos / speed), this, what, task);
    }

    /** Between two and three times half of it, by anybody's clock. */
    void soon(long nanos, String what, Runnable task) {
        time.after(nanos / 2 + (long) (random.nextDouble() * nanos), this, what, task);
    }

    Random random() {
        return random;
    }

    VirtualTime time() {
        return time;
    }

    /** Where it is counted how often a task of this process failed. */
    void failures(LongSupplier count) {
        failures = count;
    }

    long failures() {
        return failures.getAsLong();
    }

    boolean isGuarded() {
        return !without.contains(Fix.GUARDED_TASKS);
    }

    /** The next run of what this thread does again and again, now and out of turn; from any thread, while all others wait. */
    void runOutOfTurn(String scheduler) {
        for (VirtualScheduler s : schedulers) {
            if (s.name().equals(scheduler)) {
                s.runOutOfTurn();
            }
        }
    }

    @Override
    public long nanoTime() {
        return origin + (long) ((time.now() - startedAt) * speed);
    }

    @Override
    public long currentTimeMillis() {
        return wall.getAsLong();
    }

    @Override
    public int randomInt() {
        return without.contains(Fix.UNIQUE_STARTS) ? 0 : random.nextInt();
    }

    /** Full and idle in turns. */
    @Override
    public double processorsInUse() {
        return time.now() / (5 * VirtualTime.SECOND) % 2 == 0 ? 0.5 : 1;
    }

    @Override
    public ScheduledExecutorService scheduler(String name) {
        VirtualScheduler made = new VirtualScheduler(this, name);
        schedulers.add(made);
        return made;
    }

    @Override
    public Executor answers() {
        return task -> soon(20_000, "answer", task);
    }

    @Override
    public Runnable run(String name, Submitter its) {
        submitter = its;
        poke();
        return () -> {};
    }

    /** A submitter's waits end by the clock, too. */
    private void poke() {
        after(POKE, "submitter", this::poke);
    }
}
