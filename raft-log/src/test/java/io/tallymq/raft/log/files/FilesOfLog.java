package io.tallymq.raft.log.files;

import io.tallymq.raft.log.files.SegmentFile.Name;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

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
        return names(dir).stream().map(Name::path).toList();
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
            return names(dir).stream().mapToLong(Name::start).findFirst().orElse(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Name> names(Path dir) throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(SegmentFile::name)
                    .filter(Objects::nonNull)
                    .sorted(Comparator.comparingLong(Name::start))
                    .toList();
        }
    }

    /** Writes entries as Ratis does, and returns where each one ends in the file. */
    static List<Integer> write(Path file, long term, long first, int count, int size) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SegmentFile.HEADER);
        List<Integer> ends = new ArrayList<>(List.of(out.size()));
        for (long i = first; i < first + count; i++) {
            byte[] body = new byte[size];
            Arrays.fill(body, (byte) (i + 1));
            out.writeBytes(record(term, i, body));
            ends.add(out.size());
        }
        Files.write(file, out.toByteArray());
        return ends;
    }

    private static byte[] record(long term, long index, byte[] data) throws IOException {
        LogEntryProto entry = LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(data)))
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        entry.writeDelimitedTo(out);
        CRC32C crc = new CRC32C();
        crc.update(out.toByteArray());
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
        return out.toByteArray();
    }
}
