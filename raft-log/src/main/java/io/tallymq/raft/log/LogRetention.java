package io.tallymq.raft.log;

import io.tallymq.raft.log.checkpoint.CheckpointHolds;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.raft.log.state.LogStateMachine;
import io.tallymq.raft.log.state.ReplicatedState;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentRoll;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log short: closes its file when it holds many entries, lets go of what is in memory of closed ones, makes the store durable when much has gathered beyond what it
 * holds durably, and has Ratis delete the files that nobody needs. One thread.
 */
final class LogRetention {
    private static final Logger LOG = LoggerFactory.getLogger(LogRetention.class);

    private final RaftLog log;
    private final LogStateMachine machine;
    private final ReplicatedState state;
    private final RaftTuning tuning;
    private final CheckpointHolds holds;
    private LogAmount cutAt = LogAmount.NONE;
    private long cutNanos = System.nanoTime();
    private long cutIndex = -1;
    private long durableNanos = System.nanoTime();

    /** Less was cut than could have been. */
    private boolean heldBack;

    LogRetention(
            RaftLog log, LogStateMachine machine, ReplicatedState state, RaftTuning tuning, CheckpointHolds holds) {
        this.log = log;
        this.machine = machine;
        this.state = state;
        this.tuning = tuning;
        this.holds = holds;
    }

    /** About once a second. May wait for the disk. */
    void tidy() {
        if (SegmentRoll.closeIfHolding(log, tuning.log().segmentEntries())) {
            LOG.debug("A file of the log was closed: it holds many entries");
        }
        SegmentRoll.evictClosed(log);
        SnapshotTuning when = tuning.snapshot();
        LogAmount total = machine.tail().total();
        long applied = state.applied().index();
        if (heldBack) {
            cut();
        }
        if (System.nanoTime() - durableNanos >= when.replay().every().toNanos()
                && applied - state.durable().index() > when.replay().entries()) {
            makeDurable();
        }
        boolean time = System.nanoTime() - cutNanos >= when.triggerEvery().toNanos();
        if (!total.minus(cutAt).reaches(when.trigger()) && !(time && applied > cutIndex)) {
            return;
        }
        if (time || machine.tail().beyond(state.durable().index()).reaches(when.force())) {
            makeDurable();
        }
        cutAt = total;
        cutNanos = System.nanoTime();
        cutIndex = applied;
        cut();
    }

    private void makeDurable() {
        state.forceDurable();
        durableNanos = System.nanoTime();
    }

    /** Whole files up to the index are deleted by Ratis. */
    private void cut() {
        long wanted = machine.cutUpTo();
        // The last entry stays: Ratis tells from it where the log goes on.
        long upTo = Math.min(holds.floor(wanted), log.getNextIndex() - 2);
        heldBack = upTo < wanted;
        if (upTo < log.getStartIndex()) {
            return;
        }
        var unused = log.purge(upTo).whenComplete((purged, e) -> {
            if (e != null) {
                LOG.warn("The log could not be cut at {}: {}", upTo, e.toString());
            }
        });
    }
}
