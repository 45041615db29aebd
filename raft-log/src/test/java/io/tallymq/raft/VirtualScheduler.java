package io.tallymq.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A thread of a {@link VirtualProcess}, with tasks by its clock. */
final class VirtualScheduler extends AbstractExecutorService implements ScheduledExecutorService {
    private static final long TURN = 10_000;

    private final VirtualProcess process;
    private final String name;
    private final List<Task> periodic = new ArrayList<>();
    private long lastTurn;
    private boolean shutdown;

    VirtualScheduler(VirtualProcess process, String name) {
        this.process = process;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** All it does again and again, once. */
    void runOutOfTurn() {
        List.copyOf(periodic).forEach(Task::once);
    }

    /** Tasks take turns in the order in which they came. */
    @Override
    public void execute(Runnable task) {
        VirtualTime time = process.time();
        lastTurn = Math.max(lastTurn, time.now() + 1 + process.random().nextInt((int) TURN));
        time.after(lastTurn - time.now(), process, name, () -> {
            if (!shutdown) {
                task.run();
            }
        });
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Task made = new Task(task, -1);
        process.after(unit.toNanos(delay), name, made);
        return made;
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long pause, TimeUnit unit) {
        Task made = new Task(task, unit.toNanos(pause));
        periodic.removeIf(FutureTask::isCancelled);
        periodic.add(made);
        process.after(unit.toNanos(first), name, made);
        return made;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new AssertionError("nothing here asks for this");
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new AssertionError("nothing here asks for this");
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {
        private final Runnable task;
        private final long pause;

        Task(Runnable task, long pause) {
            super(task, null);
            this.task = task;
            this.pause = pause;
        }

        @Override
        public void run() {
            once();
            if (pause >= 0 && !isCancelled() && !shutdown) {
                process.after(pause, name, this);
            }
        }

        void once() {
            if (isCancelled() || shutdown) {
                return;
            }
            long before = process.failures();
            task.run();
            if (!process.isGuarded() && process.failures() > before) {
                cancel(false); // as a scheduler does with what throws
            }
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
