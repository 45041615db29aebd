package org.apache.ratis.server.raftlog.segmented;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.AutoCloseableLock;
import org.apache.ratis.util.AwaitToRun;

/**
 * Closes the file being written once it holds so many entries; the next entry begins a new one. Ratis closes a file by its size
 * alone, keeps all entries of the open one in memory and deletes only closed ones: a file of small entries would be hundreds
 * of thousands of objects that can't be given up. What is called here is what Ratis calls itself, under the same lock, before it
 * installs a snapshot. Hence the package: the methods are not public; and two fields have no accessor.
 */
public final class SegmentRoll {
    private static final Field WORKER = field("fileLogWorker");
    private static final Field EVICTION = field("cacheEviction");

    private SegmentRoll() {}

    private static Field field(String name) {
        try {
            Field field = SegmentedRaftLog.class.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("This is not the version of Ratis that this class was written for", e);
        }
    }

    /** Any thread. Waits while entries are appended. Returns whether the file was closed. */
    public static boolean closeIfHolding(RaftLog log, long entries) {
        SegmentedRaftLog segmented = (SegmentedRaftLog) log;
        LogSegment open = segmented.getRaftLogCache().getOpenSegment();
        if (open == null || open.numOfEntries() < entries) {
            return false;
        }
        try (AutoCloseableLock ignored = segmented.writeLock()) {
            open = segmented.getRaftLogCache().getOpenSegment();
            if (!segmented.isOpened() || open == null || open.numOfEntries() < Math.max(1, entries)) {
                return false;
            }
            ((SegmentedRaftLogWorker) WORKER.get(segmented)).closeLogSegment(open);
            segmented.getRaftLogCache().rollOpenSegment(false);
            return true;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Has the entries of closed files leave the memory, unless a node still has to get them: soon, by Ratis' own thread. Ratis asks for it only when a
     * file is full, and then that file is not written yet: it stays until the next one is full. Any thread.
     */
    public static void evictClosed(RaftLog log) {
        SegmentedRaftLog segmented = (SegmentedRaftLog) log;
        if (segmented.getRaftLogCache().shouldEvict()) {
            try {
                ((AwaitToRun) EVICTION.get(segmented)).signal();
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** How many closed files have their entries in memory. Any thread. */
    public static long closedInMemory(RaftLog log) {
        return ((SegmentedRaftLog) log).getRaftLogCache().getCachedSegmentNum();
    }
}
