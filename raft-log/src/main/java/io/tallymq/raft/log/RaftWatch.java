package io.tallymq.raft.log;

import io.tallymq.raft.log.files.CommittedMark;
import io.tallymq.raft.log.state.LogStateMachine;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;

/**
 * What has to be looked at again and again: whether Ratis still runs, who leads, how far the log may be cut, see {@link LogRetention}. One
 * scheduler thread for looking and one for what may block on the disk; what may wait for room in the store is left to others.
 */
final class RaftWatch {
    private static final Duration TIDY = Duration.ofSeconds(1);
    private static final Duration MARK = Duration.ofMillis(100);

    /** Ratis takes notice of an installed checkpoint within milliseconds, unless the leader changed meanwhile. */
    private static final long RELOAD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** What the watch found. */
    interface Events {
        /** Called at every look; tells who leads now. */
        void leader(String idOrNull);

        void failed(String reason, Throwable cause);
    }

    private final RaftServer.Division division;
    private final LogStateMachine machine;
    private final LogRetention retention;
    private final CommittedMark committed;
    private final Events events;
    private final Executor background;
    private final AtomicBoolean flushing = new AtomicBoolean();
    private volatile Rhythm tidying;
    /** Nothing was committed since the last look, and the next one is a second away. */
    private volatile boolean asleep;
    /** {@link System#nanoTime}. The tidying thread. */
    private long tidied = System.nanoTime();

    RaftWatch(
            RaftServer.Division division,
            LogStateMachine machine,
            LogRetention retention,
            CommittedMark committed,
            Events events,
            Executor background) {
        this.division = division;
        this.machine = machine;
        this.retention = retention;
        this.committed = committed;
        this.events = events;
        this.background = background;
    }

    /** Begins with what may block on the disk, on a thread of its own. Once. */
    void startTidying(Timers timers, ScheduledExecutorService tidier) {
        tidying = new Rhythm(timers, tidier, MARK, TIDY, "tidying the log", () -> {
            fatal(this::markAndTidy);
            return !asleep || committed.index() < division.getRaftLog().getLastCommittedIndex();
        });
        tidying.start();
    }

    /** An entry more is applied, so it is committed: it is marked within {@link #MARK}. Any thread, cheap. */
    void applied() {
        if (asleep) {
            asleep = false;
            tidying.hurry();
        }
    }

    /** A node whose log nobody looks after must not go on. */
    private void fatal(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            events.failed("The log's housekeeping failed, see the cause.", e);
        }
    }

    /** Some times a second. */
    void look() {
        fatal(this::lookAtRatis);
    }

    private void lookAtRatis() {
        LifeCycle.State life = division.getInfo().getLifeCycleState();
        if (life.isClosingOrClosed() || life == LifeCycle.State.EXCEPTION) {
            events.failed(
                    "The Raft server closed itself (" + life + "): it could not go on after an error or was"
                            + " stopped for longer than a node may be.",
                    null);
            return;
        }
        if (!division.getRaftLog().isOpened() && life.isRunning()) {
            events.failed("The log is closed after a failed write: check the disk and its free space.", null);
            return;
        }
        if (machine.awaitingReloadNanos() > RELOAD_PATIENCE_NANOS) {
            events.failed(
                    "A checkpoint was installed but the leader that sent it is gone: start again to go on from"
                            + " it.",
                    null);
            return;
        }
        var leader = division.getInfo().getLeaderId();
        events.leader(leader == null ? null : leader.toString());
    }

    /** What is applied while this runs either is marked by it or finds it asleep. */
    private void markAndTidy() {
        asleep = false;
        long before = committed.index();
        mark();
        long now = System.nanoTime();
        if (now - tidied >= TIDY.minus(MARK).toNanos()) {
            tidied = now;
            tidy();
        }
        asleep = committed.index() == before;
    }

    /** So often that a damaged entry can hardly be taken for one that was not confirmed yet. */
    private void mark() {
        try {
            committed.write(division.getRaftLog().getLastCommittedIndex());
        } catch (IOException e) {
            events.failed("The mark of what is committed could not be written: check the disk and its free space.", e);
        }
    }

    private void tidy() {
        mark();
        try {
            committed.force();
        } catch (IOException e) {
            events.failed("The mark of what is committed could not be written: check the disk and its free space.", e);
            return;
        }
        if (machine.hasGathered() && flushing.compareAndSet(false, true)) {
            background.execute(() -> fatal(this::flushGathered));
        }
        retention.tidy();
    }

    private void flushGathered() {
        try {
            machine.flushGathered();
        } finally {
            flushing.set(false);
        }
    }
}
