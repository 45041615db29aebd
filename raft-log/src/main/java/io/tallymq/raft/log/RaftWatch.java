package io.tallymq.raft.log;

import io.tallymq.raft.log.ReplicatedState.Position;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be looked at again and again: whether Ratis still runs, who leads, how far the log may be cut. One
 * scheduler thread for looking and one for what may block on the disk.
 */
final class RaftWatch {
    private static final Logger LOG = LoggerFactory.getLogger(RaftWatch.class);
    private static final long LOOK_MILLIS = 50;
    private static final long TIDY_MILLIS = 1_000;

    /** Ratis takes notice of an installed checkpoint within milliseconds, unless the leader changed meanwhile. */
    private static final long RELOAD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** What the watch found. */
    interface Events {
        /** Called at every look; tells who leads now. */
        void leader(String idOrNull);

        void failed(String reason, Throwable cause);
    }

    private record Mark(long index, long bytes) {}

    private final RaftServer.Division division;
    private final LogStateMachine machine;
    private final ReplicatedState state;
    private final SnapshotTuning tuning;
    private final CommittedMark committed;
    private final Events events;

    /** Bytes applied when an index was, oldest first: tells how far the store's durable position is behind. */
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();

    private long durableBytes;
    private long cutBytes;
    private long cutNanos = System.nanoTime();
    private long cutIndex = -1;

    RaftWatch(
            RaftServer.Division division,
            LogStateMachine machine,
            ReplicatedState state,
            SnapshotTuning tuning,
            CommittedMark committed,
            Events events) {
        this.division = division;
        this.machine = machine;
        this.state = state;
        this.tuning = tuning;
        this.committed = committed;
        this.events = events;
    }

    void start(ScheduledExecutorService looking, ScheduledExecutorService tidying) {
        looking.scheduleWithFixedDelay(guarded(this::look), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        tidying.scheduleWithFixedDelay(guarded(this::tidy), TIDY_MILLIS, TIDY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A scheduler silently stops what throws. */
    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                events.failed("The log's housekeeping failed, see the cause.", e);
            }
        };
    }

    private void look() {
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

    private void tidy() {
        try {
            committed.write(division.getRaftLog().getLastCommittedIndex());
        } catch (IOException e) {
            events.failed("The mark of what is committed could not be written: check the disk and its free space.", e);
            return;
        }
        machine.flushGathered();
        long bytes = machine.appliedBytes();
        Position applied = state.applied();
        marks.addLast(new Mark(applied.index(), bytes));
        boolean time = System.nanoTime() - cutNanos >= tuning.triggerEvery().toNanos();
        if (bytes - cutBytes < tuning.triggerBytes() && !(time && applied.index() > cutIndex)) {
            return;
        }
        if (time || bytes - durableBytes() > tuning.forceBytes()) {
            state.forceDurable();
        }
        cutBytes = bytes;
        cutNanos = System.nanoTime();
        cutIndex = applied.index();
        cut();
    }

    /** So many bytes were applied when what is durable now was; too little by what a second brings at most. */
    private long durableBytes() {
        long durable = state.durable().index();
        while (!marks.isEmpty() && marks.getFirst().index() <= durable) {
            durableBytes = marks.removeFirst().bytes();
        }
        return durableBytes;
    }

    /** Whole files up to the index are deleted by Ratis. */
    private void cut() {
        long upTo = machine.cutUpTo();
        if (upTo >= 0) {
            division.getRaftLog().purge(upTo).whenComplete((purged, e) -> {
                if (e != null) {
                    LOG.warn("The log could not be cut at {}: {}", upTo, e.toString());
                }
            });
        }
    }
}
