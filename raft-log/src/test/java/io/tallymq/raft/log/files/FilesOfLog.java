package io.tallymq.raft.log.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** What tests of whole nodes look for in a log's directories, and damage there. */
public final class FilesOfLog {
    /** In the directory of a node: whose it is. */
    public static final String IDENTITY = NodeIdentity.FILE;

    /** In the directory of a node: what was committed. */
    public static final String COMMITTED = CommittedMark.FILE;

    /** Beside the segments: term and vote. */
    public static final String META = RaftMetaFiles.META;

    /** Beside the segments: the members. */
    public static final String CONF = RaftMetaFiles.CONF;

    private FilesOfLog() {}

    /** The segments in Ratis' directory, the oldest first. */
    public static List<Path> segments(Path dir) throws IOException {
        return names(dir).stream().map(SegmentFile.Name::path).toList();
    }

    /** The oldest segment in Ratis' directory that still grows, or that does not any more. */
    public static Path segment(Path dir, boolean open) throws IOException {
        return names(dir).stream()
                .filter(n -> n.open() == open)
                .findFirst()
                .orElseThrow()
                .path();
    }

    /** The first entry's index, 0 when there is no segment. */
    public static long firstIndex(Path dir) {
        try {
            return names(dir).stream()
                    .mapToLong(SegmentFile.Name::start)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<SegmentFile.Name> names(Path dir) throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(SegmentFile::name)
                    .filter(Objects::nonNull)
                    .sorted(Comparator.comparingLong(SegmentFile.Name::start))
                    .toList();
        }
    }
}
