package io.tallymq.raft.log.files;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.SegmentFile.Name;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log's files before Ratis does, because Ratis has one policy for two different things. A write that a power
 * cut tore apart was never acknowledged: it is cut off. A record that was flushed and is damaged now may have
 * been acknowledged, and a node that forgets it and votes can lose it for all: the node does not start.
 *
 * <p>What counts as torn is {@link TornWrite}'s judgement; nothing is cut that is known to be committed, see {@link CommittedMark}.
 *
 * <p>It also finishes what a crash interrupted: a purge (Ratis deletes the newer files first), a truncation (which
 * renames the file last) and the installation of a checkpoint (which leaves a log that ends before the store, or goes on behind it with what an
 * older leader had and no majority).
 */
public final class LogScan {
    private static final Logger LOG = LoggerFactory.getLogger(LogScan.class);

    /**
     * The log after the scan.
     *
     * @param first index of the first entry, -1 if the log is empty
     * @param last index of the last entry, -1 if the log is empty
     * @param cutBytes how much was cut off as torn
     */
    public record Result(long first, long last, long cutBytes) {}

    private final Path dir;
    private final int maxEntryBytes;
    private final long committed;
    private final long durable;
    private final long durableTerm;
    private final LogAmount keep;
    private final Found found;
    private long cutBytes;
    /** Of the last entry that was read. */
    private long lastTerm;

    /** Told of each entry. */
    public interface Found {
        /**
         * In the order of the log, on the thread that scans.
         *
         * @param bytes of the entry's content, without its envelope
         */
        void entry(long index, int bytes);
    }

    /**
     * For one scan.
     *
     * @param dir Ratis' own; a missing one is an empty log
     * @param maxEntryBytes a record that claims more is damaged
     * @param committed known to be committed, -1 if unknown
     * @param durable what the store holds, -1 if nothing
     * @param durableTerm the term of that entry
     * @param keep stays although the store holds it
     */
    public LogScan(
            Path dir, int maxEntryBytes, long committed, long durable, long durableTerm, LogAmount keep, Found found) {
        this.dir = dir;
        this.maxEntryBytes = maxEntryBytes;
        this.committed = committed;
        this.durable = durable;
        this.durableTerm = durableTerm;
        this.keep = keep;
        this.found = found;
    }

    /**
     * Reads all of the log; what was torn is cut off, and whole files that nobody needs are deleted, durably. Blocks.
     *
     * @throws RaftStartException the log is damaged, or can't be read
     */
    public Result run() throws RaftStartException {
        try {
            List<Name> names = withoutOld(list());
            List<Name> sound = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                Name scanned = scan(names.get(i), i == names.size() - 1);
                if (scanned != null) {
                    sound.add(scanned);
                }
            }
            return reconcile(sound);
        } catch (IOException e) {
            throw new RaftStartException(
                    "The log in " + dir + " can not be read: " + e.getMessage() + ". Check the"
                            + " disk and the permissions.",
                    e);
        }
    }

    private List<Name> list() throws IOException, RaftStartException {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        List<Name> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(dir)) {
            for (Path path : (Iterable<Path>) files::iterator) {
                Name name = SegmentFile.name(path);
                if (name != null) {
                    names.add(name);
                }
            }
        }
        names.sort(Comparator.comparingLong(Name::start));
        for (int i = 0; i < names.size() - 1; i++) {
            if (names.get(i).open()) {
                throw damaged(names.get(i).path(), 0, "it is not the last file of the log");
            }
        }
        return names;
    }

    /**
     * Deletes what is older than what is kept: Ratis makes an object of each entry that it finds, so that a start takes as long
     * as there are entries. What the open file holds is not counted yet.
     */
    private List<Name> withoutOld(List<Name> names) throws IOException {
        LogAmount newer = LogAmount.NONE;
        int first = names.size();
        while (first > 0) {
            Name name = names.get(first - 1);
            if (!name.open() && name.end() <= durable && newer.reaches(keep)) {
                break;
            }
            newer = newer.plus(Files.size(name.path()), name.open() ? 0 : name.end() - name.start() + 1);
            first--;
        }
        deleteAll(names.subList(0, first), "the store holds it and nobody needs it");
        return names.subList(first, names.size());
    }

    /** The file's name with its real end, {@code null} if there was nothing in it and it was deleted. */
    private Name scan(Name name, boolean lastFile) throws IOException, RaftStartException {
        SegmentFile file = SegmentFile.read(name.path(), maxEntryBytes);
        if (!file.headerIsGood()) {
            if (name.open() && file.headerIsTorn() && name.start() > committed) {
                return delete(name, file.size());
            }
            throw damaged(name.path(), 0, "its header is wrong");
        }
        long expected = name.start();
        int position = SegmentFile.HEADER.length;
        for (int end; (end = file.recordAt(position)) > 0; position = end) {
            if (file.index() != expected) {
                throw damaged(
                        name.path(),
                        position,
                        "entry " + file.index() + " stands where entry " + expected + " belongs");
            }
            found.entry(expected, end - position);
            lastTerm = file.term();
            expected++;
        }
        boolean clean = file.zeros(position, file.size());
        long last = expected - 1;
        if (name.open()) {
            if (!clean) {
                cutTorn(name, file, position, last);
            }
            return last < name.start() ? delete(name, 0) : new Name(name.path(), name.start(), last);
        }
        if (clean && last == name.end()) {
            return name;
        }
        if (clean && lastFile && last < name.end()) {
            return finishTruncation(name, last);
        }
        throw damaged(name.path(), position, "entry " + expected + " can not be read");
    }

    private void cutTorn(Name name, SegmentFile file, int position, long lastGood)
            throws IOException, RaftStartException {
        if (Math.max(lastGood, durable) < committed) {
            throw damaged(
                    name.path(),
                    position,
                    "entry " + (lastGood + 1) + " can not be read and entries up to " + committed + " were confirmed");
        }
        String whyNot = new TornWrite(file, position, lastGood).whyNot();
        if (whyNot != null) {
            throw damaged(name.path(), position, whyNot);
        }
        int cut = file.size() - position;
        LOG.warn("The last write to {} was torn: cutting {} bytes off after entry {}", name.path(), cut, lastGood);
        truncate(name.path(), position);
        cutBytes += cut;
    }

    private Name finishTruncation(Name name, long last) throws IOException, RaftStartException {
        if (Math.max(last, durable) < committed) {
            throw damaged(
                    name.path(),
                    Files.size(name.path()),
                    "it ends with entry " + last + " and entries up to " + committed + " were confirmed");
        }
        if (last < name.start()) {
            return delete(name, 0);
        }
        Path renamed = name.path().resolveSibling("log_" + name.start() + "-" + last);
        LOG.info("Finishing an interrupted truncation: {} becomes {}", name.path(), renamed);
        Files.move(name.path(), renamed);
        Directories.sync(dir);
        return new Name(renamed, name.start(), last);
    }

    private Result reconcile(List<Name> names) throws IOException, RaftStartException {
        int from = 0;
        for (int i = 1; i < names.size(); i++) {
            long missing = names.get(i - 1).end() + 1;
            if (names.get(i).start() != missing) {
                if (names.get(i).start() - 1 > durable) {
                    throw damaged(names.get(i).path(), 0, "entries from " + missing + " are missing before it");
                }
                from = i;
            }
        }
        deleteAll(names.subList(0, from), "left behind by an interrupted purge");
        List<Name> kept = names.subList(from, names.size());
        // Terms only grow along a log: one that ends in an older term than the store did not fill it, and what lies
        // beyond is nobody's.
        if (!kept.isEmpty() && (kept.get(kept.size() - 1).end() < durable || lastTerm < durableTerm)) {
            deleteAll(kept, "left behind by a checkpoint that was installed");
            kept = List.of();
        }
        long first = kept.isEmpty() ? -1 : kept.get(0).start();
        long last = kept.isEmpty() ? -1 : kept.get(kept.size() - 1).end();
        if (first > durable + 1) {
            throw RaftStartException.damage("The log in " + dir + " begins with entry " + first
                    + " but the store ends with entry " + durable + ": the store is not the one this log belongs to. "
                    + ADVICE);
        }
        if (Math.max(last, durable) < committed) {
            throw RaftStartException.damage("The log in " + dir + " ends with entry " + Math.max(last, durable)
                    + " but entries up to " + committed + " were confirmed: log files are missing. " + ADVICE);
        }
        return new Result(first, last, cutBytes);
    }

    private void deleteAll(List<Name> names, String why) throws IOException {
        for (Name name : names) {
            LOG.info("Deleting {}: {}", name.path(), why);
            Files.delete(name.path());
        }
        if (!names.isEmpty()) {
            Directories.sync(dir);
        }
    }

    private Name delete(Name name, int cut) throws IOException {
        LOG.info("Deleting {}: it has no entry", name.path());
        Files.delete(name.path());
        Directories.sync(dir);
        cutBytes += cut;
        return null;
    }

    private static void truncate(Path path, int size) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(size);
            channel.force(true);
        }
    }

    /** What an operator does with a node whose log is damaged, or gone. */
    public static final String ADVICE =
            "Move this node's data directories (log and store) away and start it again while the"
                    + " other nodes run: it copies everything from the leader. Never do that on a majority of the nodes.";

    private static RaftStartException damaged(Path file, long offset, String why) {
        return RaftStartException.damage(
                "The log file " + file + " is damaged at byte " + offset + ": " + why + ". " + ADVICE);
    }
}
