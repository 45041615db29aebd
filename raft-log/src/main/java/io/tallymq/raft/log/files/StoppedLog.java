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
 * cluster that elected this node would have taken. It ends where {@link LogScan} would let it end. Where that finds damage, this is the last copy there
 * is: what comes before the damage is read, and it is told. Term and vote do not matter, for nobody votes any more.
 */
public final class StoppedLog {
    private final Path raftDir;
    private final Path dir;
    private final int maxEntryBytes;
    private final long after;
    private final long afterTerm;
    private final Reader reader;
    /** Of what was read, or is known already. */
    private long last;

    private long lastTerm;
    /** Of the file that was looked at last. */
    private long end;

    private String damage;

    /** Told of entries, in order. */
    public interface Reader {
        /** One of a node's batches. The array is this entry's own. */
        void entry(long term, long index, byte[] bytes, int offset, int length);

        /** One of Raft's own. */
        void other(long term, long index);
    }

    /**
     * What there was.
     *
     * @param last the last index that was read, or what was known already
     * @param written the last index that the files' names tell, -1 for none
     * @param confirmed the last index that was known to be confirmed, -1 for none: {@code last} may be before it
     * @param damage why nothing behind {@code last} can be read; {@code null} if the log just ends there
     */
    public record Result(long last, long written, long confirmed, String damage) {}

    /**
     * For one reading of what comes behind an entry.
     *
     * @param after what is known already, -1 for nothing
     * @param afterTerm the term of that entry
     */
    public StoppedLog(RaftNodeConfig config, long after, long afterTerm, Reader reader) {
        this(
                config.raftDir(),
                RatisSettings.logDir(config),
                config.tuning().log().appendBytes(),
                after,
                afterTerm,
                reader);
    }

    StoppedLog(Path raftDir, Path dir, int maxEntryBytes, long after, long afterTerm, Reader reader) {
        this.raftDir = raftDir;
        this.dir = dir;
        this.maxEntryBytes = maxEntryBytes;
        this.after = after;
        this.afterTerm = afterTerm;
        this.reader = reader;
        this.last = after;
        this.lastTerm = afterTerm;
    }

    /**
     * The first entry that the files' names tell, -1 if there are no files.
     *
     * @throws RaftStartException the disk does not let anybody read it
     */
    public static long begin(RaftNodeConfig config) throws RaftStartException {
        Path dir = RatisSettings.logDir(config);
        try {
            List<Name> names = names(dir);
            return names.isEmpty() ? -1 : names.get(0).start();
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
    }

    /**
     * Reads it.
     *
     * @throws RaftStartException the disk does not let anybody read it
     */
    public Result read() throws RaftStartException {
        long written = -1;
        long confirmed;
        try {
            confirmed = CommittedMark.read(raftDir);
            List<Name> names = withoutPurged(names(dir));
            for (int i = 0; i < names.size(); i++) {
                Name name = names.get(i);
                written = Math.max(written, name.open() ? name.start() - 1 : name.end());
                if (damage == null && follows(name, i == 0)) {
                    read(name, i == names.size() - 1);
                }
            }
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
        return new Result(last, written, confirmed, damage);
    }

    private static RaftStartException unreadable(Path dir, IOException e) {
        return new RaftStartException(
                "The log in " + dir + " can not be read: " + e.getMessage() + ". Check the disk and the permissions.",
                e);
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

    /** Without what an interrupted purge left in front of a gap: nobody needs it. */
    private List<Name> withoutPurged(List<Name> names) {
        int from = 0;
        for (int i = 1; i < names.size(); i++) {
            if (names.get(i).start() != names.get(i - 1).end() + 1
                    && names.get(i).start() <= after + 1) {
                from = i;
            }
        }
        return names.subList(from, names.size());
    }

    private boolean follows(Name name, boolean first) {
        if (name.start() > last + 1) {
            damaged(name, 0, "entries from " + (last + 1) + " on are missing before it");
            return false;
        }
        if (!first && name.start() != end + 1) {
            damaged(name, 0, "it begins with entry " + name.start() + " and the file before it ends with " + end);
            return false;
        }
        return true;
    }

    private void read(Name name, boolean lastFile) throws IOException {
        if (!name.open() && name.end() <= after) {
            end = name.end();
            if (end == after) {
                compareLast(name);
            }
            return;
        }
        end = name.start() - 1;
        SegmentFile file = SegmentFile.read(name.path(), maxEntryBytes);
        if (file.headerIsGood()) {
            read(name, file, lastFile);
        } else if (!name.open() || !file.headerIsTorn()) {
            damaged(name, 0, "its header is wrong");
        }
    }

    private void read(Name name, SegmentFile file, boolean lastFile) throws IOException {
        int position = SegmentFile.HEADER.length;
        for (int next; (next = file.recordAt(position)) > 0; position = next) {
            if (file.index() != end + 1) {
                damaged(name, position, "entry " + file.index() + " stands where entry " + (end + 1) + " belongs");
                return;
            }
            if (isForeign(name, file)) {
                return;
            }
            end++;
            if (end > last) {
                take(file.entryAt(position, next));
                last = end;
                lastTerm = file.term();
            }
        }
        String why = whyNoEnd(name, file, position, lastFile);
        if (why != null) {
            damaged(name, position, why);
        }
    }

    /** What is known already need not be read, but for its last entry: it tells whether this is the log that it came from. */
    private void compareLast(Name name) {
        try {
            SegmentFile file = SegmentFile.read(name.path(), maxEntryBytes);
            int position = SegmentFile.HEADER.length;
            for (int next; (next = file.recordAt(position)) > 0 && !isForeign(name, file); position = next) {
                continue;
            }
        } catch (IOException e) {
            return; // nobody needs what can't be read there
        }
    }

    /**
     * Whether the record that was found last is of another history than what is known already: another node's or another life's. Of a log the terms
     * never go down, and an entry that was applied stays what it was.
     */
    private boolean isForeign(Name name, SegmentFile file) {
        String why = null;
        if (file.index() == after && file.term() != afterTerm) {
            why = "in the store that entry is of term " + afterTerm;
        } else if (file.index() > after && file.term() < lastTerm) {
            why = "what comes before it is of term " + lastTerm;
        }
        if (why != null) {
            damage = "the log file " + name.path() + " does not go on from what comes before: entry " + file.index()
                    + " is of term " + file.term() + " there, and " + why
                    + ", so that no cluster can have confirmed both";
        }
        return why != null;
    }

    /** Why the log can't end here, {@code null} if it can. */
    private String whyNoEnd(Name name, SegmentFile file, int position, boolean lastFile) {
        boolean clean = file.zeros(position, file.size());
        if (name.open()) {
            return clean ? null : new TornWrite(file, position, end).whyNot();
        }
        boolean truncated = lastFile && end < name.end(); // and not renamed yet
        return clean && (end == name.end() || truncated) ? null : "entry " + (end + 1) + " can not be read";
    }

    private void take(LogEntryProto entry) {
        if (entry.hasStateMachineLogEntry()) {
            byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
            reader.entry(entry.getTerm(), entry.getIndex(), bytes, 0, bytes.length);
        } else {
            reader.other(entry.getTerm(), entry.getIndex());
        }
    }

    private void damaged(Name name, long offset, String why) {
        damage = "the log file " + name.path() + " is damaged at byte " + offset + ": " + why;
    }
}
