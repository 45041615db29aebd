package org.apache.ratis.server.raftlog.segmented;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.util.AutoCloseableLock;

/**
 * Closes the file being written once it holds so many entries; the next entry begins a new one. Ratis closes a file by its size
 * alone, keeps all entries of the open one in memory and deletes only closed ones: a file of small entries would be hundreds
 * of thousands of objects that can't be given up. What is called here is what Ratis calls itself, under the same lock, before it
 * installs a snapshot. Hence the package: the methods are not public; and one field has no accessor.
 */
public final class SegmentRoll {
    private static final Field WORKER = worker();

    private SegmentRoll() {}

    private static Field worker() {
        try {
            Field field = SegmentedRaftLog.class.getDeclaredField("fileLogWorker");
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
}
