package io.tallymq.raft.log.files;

import io.tallymq.raft.log.config.RaftStartException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;

/**
 * Looks at Ratis' small files beside the log before Ratis does. {@code raft-meta} holds the term and whom this node voted for: a node
 * that forgot it could vote twice in one term. {@code raft-meta.conf} holds the members. Both are replaced as a whole, so no crash
 * tears them: what is not sound was damaged.
 */
public final class RaftMetaFiles {
    static final String META = "raft-meta";
    static final String CONF = "raft-meta.conf";

    private RaftMetaFiles() {}

    /** As {@link #check(Path, long)}, whatever the store holds. */
    public static void check(Path dir) throws RaftStartException {
        check(dir, -1);
    }

    /**
     * Reads them, and changes nothing. A directory without a log needs none of them if nothing of a log is in the store either: a node that was
     * founded, and one that was restored, has its {@code raft-meta} before its store can have an entry.
     *
     * @param durable what the store holds, -1 if nothing
     * @throws RaftStartException names the file
     */
    public static void check(Path dir, long durable) throws RaftStartException {
        Path meta = dir.resolve(META);
        Path conf = dir.resolve(CONF);
        try {
            if (Files.exists(meta)) {
                checkMeta(meta);
            } else if (hasLog(dir)) {
                throw RaftStartException.damage(
                        "The file " + meta + " is missing although there is a log beside it. " + LogScan.ADVICE);
            } else if (durable >= 0) {
                throw RaftStartException.damage("The file " + meta
                        + " is missing although the store holds entries up to "
                        + durable + ": the log they came from is gone, and with it whom this node voted for. If its"
                        + " disk is not mounted, mount it. Else: " + LogScan.ADVICE);
            }
            if (Files.exists(conf)) {
                checkConf(conf);
            }
        } catch (IOException e) {
            throw new RaftStartException(
                    "The files in " + dir + " can not be read: " + e + ". Check the disk and the" + " permissions.", e);
        }
    }

    private static boolean hasLog(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            return false;
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.anyMatch(f -> SegmentFile.name(f) != null);
        }
    }

    private static void checkMeta(Path meta) throws IOException, RaftStartException {
        String text = new String(Files.readAllBytes(meta), StandardCharsets.UTF_8);
        Properties values = new Properties();
        try {
            values.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            throw damaged(meta, "it is no list of values");
        }
        String term = values.getProperty("term");
        if (term == null || !term.matches("\\d{1,18}")) {
            throw damaged(meta, "it names no term");
        }
        if (values.getProperty("votedFor") == null || !text.endsWith("\n")) {
            throw damaged(meta, "it ends too early");
        }
    }

    private static void checkConf(Path conf) throws IOException, RaftStartException {
        try (InputStream in = Files.newInputStream(conf)) {
            if (LogEntryProto.parseFrom(in).hasConfigurationEntry()) {
                return;
            }
        } catch (InvalidProtocolBufferException e) {
            throw damaged(conf, "it is no entry of a log");
        }
        throw damaged(conf, "it names no members");
    }

    private static RaftStartException damaged(Path file, String why) {
        return RaftStartException.damage("The file " + file + " is damaged: " + why + ". " + LogScan.ADVICE);
    }
}
