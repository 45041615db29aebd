package io.tallymq.raft.log.files;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.SegmentFile.Name;
import io.tallymq.raft.log.ratis.RatisSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;

/**
 * Reads the log of a node that does not run, and changes nothing in it. It may end with entries that no majority has: whoever reads takes what a
 * cluster that elected this node would have taken.
 */
public final class StoppedLog {
    private final RaftNodeConfig config;

    /** Told of entries, in order. */
    public interface Reader {
        /** One of a node's batches. The array is this entry's own. */
        void entry(long term, long index, byte[] bytes, int offset, int length);

        /** One of Raft's own. */
        void other(long term, long index);
    }

    public StoppedLog(RaftNodeConfig config) {
        this.config = config;
    }

    /**
     * Reads what comes behind an entry. A last write that was torn ends it, as at a start.
     *
     * @param after what is known already, -1 for nothing
     * @return the last index that was read, or {@code after}
     * @throws RaftStartException the log is damaged, or begins later
     */
    public long read(long after, Reader reader) throws RaftStartException {
        Path dir = RatisSettings.logDir(config);
        RaftMetaFiles.check(dir);
        long last = after;
        try {
            for (Name name : names(dir)) {
                if (name.open() || name.end() > last) {
                    last = read(name, last, reader);
                }
            }
        } catch (IOException e) {
            throw new RaftStartException(
                    "The log in " + dir + " can not be read: " + e.getMessage()
                            + ". Check the disk and the permissions.",
                    e);
        }
        return last;
    }

    private static List<Name> names(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(SegmentFile::name)
                    .filter(name -> name != null)
                    .sorted(Comparator.comparingLong(Name::start))
                    .toList();
        }
    }

    private long read(Name name, long known, Reader reader) throws IOException, RaftStartException {
        SegmentFile file = SegmentFile.read(name.path(), config.tuning().log().appendBytes());
        if (name.open() && file.headerIsTorn()) {
            return known;
        }
        if (!file.headerIsGood()) {
            throw damaged(name, "its header is wrong");
        }
        int position = SegmentFile.HEADER.length;
        long last = known;
        for (int end; (end = file.recordAt(position)) > 0; position = end) {
            if (file.index() > last + 1) {
                throw damaged(name, "entries from " + (last + 1) + " on are missing before it");
            }
            if (file.index() == last + 1) {
                last++;
                take(file.entryAt(position, end), reader);
            }
        }
        if (!name.open() && last < name.end()) {
            throw damaged(name, "entry " + (last + 1) + " can't be read");
        }
        boolean torn = file.zeros(position, file.size()) || file.tornAt(position);
        if (!torn || file.nextRecord(Math.min(file.size(), position + 1), last + 1, last + file.size()) >= 0) {
            throw damaged(name, "entry " + (last + 1) + " can't be read, and it was written");
        }
        return last;
    }

    private static void take(LogEntryProto entry, Reader reader) {
        if (entry.hasStateMachineLogEntry()) {
            byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
            reader.entry(entry.getTerm(), entry.getIndex(), bytes, 0, bytes.length);
        } else {
            reader.other(entry.getTerm(), entry.getIndex());
        }
    }

    private static RaftStartException damaged(Name name, String why) {
        return RaftStartException.damage("The log file " + name.path() + " is damaged: " + why
                + ". What comes before it can be had by moving this file and those behind it away.");
    }
}
