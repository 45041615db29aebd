package io.tallymq.raft.log.checkpoint;

import io.tallymq.raft.log.config.SnapshotTuning.CheckpointHold;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log behind each checkpoint that is on its way to another node, until that node has caught up to where the log may be
 * cut anyway; see {@link CheckpointHold}. Thread-safe.
 */
public final class CheckpointHolds {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointHolds.class);

    /** What it has to know of the log and the nodes. */
    interface Facts {
        /** The last entry that the node is known to have; -1 if that is unknown, also because this node does not lead. */
        long matchIndex(String node);

        boolean leads();

        long lastIndex();

        /** What the log takes on its disk. */
        long logBytes();

        /** What is left on that disk. */
        long freeBytes();
    }

    /**
     * The log from behind this index on is kept since then.
     *
     * @param had the last entry that the node was known to have: until it has taken the checkpoint that is still so if its directory was emptied
     */
    record Hold(long index, long since, long had) {}

    private final CheckpointHold limits;
    private final Facts facts;
    private final LongSupplier nanoTime;
    private final Map<String, Hold> holds = new LinkedHashMap<>();

    CheckpointHolds(CheckpointHold limits, Facts facts, LongSupplier nanoTime) {
        this.limits = limits;
        this.facts = facts;
        this.nanoTime = nanoTime;
    }

    /** A checkpoint at this index or a later one is about to be made for a node. */
    synchronized Hold begin(String node, long index) {
        Hold hold = new Hold(index, nanoTime.getAsLong(), facts.matchIndex(node));
        holds.put(node, hold);
        return hold;
    }

    /** It was not sent; a later one to the same node may be on its way. */
    synchronized void end(String node, Hold hold) {
        holds.remove(node, hold);
    }

    /** For how many nodes the log is kept. Any thread. */
    public synchronized int count() {
        return holds.size();
    }

    /** Up to which index the log may be cut, if but for these nodes it could be cut up to {@code wanted}. Gives up who takes too long. */
    public synchronized long floor(long wanted) {
        long floor = wanted;
        for (Iterator<Map.Entry<String, Hold>> it = holds.entrySet().iterator(); it.hasNext(); ) {
            Map.Entry<String, Hold> held = it.next();
            Hold hold = held.getValue();
            long match = facts.matchIndex(held.getKey());
            if (match == hold.had()) {
                match = -1;
            }
            long needed = Math.max(hold.index(), match);
            String over = match >= hold.index() && match >= wanted ? "it has caught up" : given(hold, needed);
            if (over == null) {
                floor = Math.min(floor, needed);
            } else {
                LOG.info("The log is no longer kept for node '{}', which got a checkpoint: {}", held.getKey(), over);
                it.remove();
            }
        }
        return floor;
    }

    /** Why it is given up, {@code null} if it is not. */
    private String given(Hold hold, long needed) {
        if (!facts.leads()) {
            return "this node does not lead any more";
        }
        long took = nanoTime.getAsLong() - hold.since();
        if (took > limits.longest().toNanos()) {
            return "that took " + TimeUnit.NANOSECONDS.toSeconds(took) + " s";
        }
        long entries = facts.lastIndex() - needed;
        if (entries > limits.most().entries()) {
            return "it lacks " + entries + " entries";
        }
        long bytes = facts.logBytes();
        if (bytes > limits.most().bytes()) {
            return "the log has grown to " + bytes + " bytes";
        }
        long free = facts.freeBytes();
        return free < limits.freeBytes() ? "only " + free + " bytes are free on the log's disk" : null;
    }
}
