package io.tallymq.node.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a node's Raft log takes on its disk, read from the names and sizes of its files. Also while the node runs. */
final class RaftFiles {
    private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-(\\d+))?");

    /**
     * What is there.
     *
     * @param first index of the first entry that is kept
     * @param bytes of all segments
     */
    record Kept(long first, long bytes) {}

    private RaftFiles() {}

    static Kept kept(Path data) throws IOException {
        while (true) {
            try {
                return look(data.resolve("log"));
            } catch (NoSuchFileException e) {
                continue; // a segment went while we looked
            }
        }
    }

    private static Kept look(Path log) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(log)) {
            files = all.toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        long first = Long.MAX_VALUE;
        long bytes = 0;
        for (Path file : files) {
            Matcher name = SEGMENT.matcher(file.getFileName().toString());
            if (name.matches()) {
                first = Math.min(first, Long.parseLong(name.group(1)));
                bytes += Files.size(file);
            }
        }
        return new Kept(first, bytes);
    }
}
