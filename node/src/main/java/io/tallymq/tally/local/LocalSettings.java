package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a cluster of this machine is: {@code cluster.env} in its directory. */
record LocalSettings(
        int nodes, int amqpPort, int httpPort, int raftPort, int linkPort, String clusterName, String clusterSecret) {
    private static final String FILE = "cluster.env";
    private static final List<String> KEYS =
            List.of("NODES", "AMQP_PORT", "HTTP_PORT", "RAFT_PORT", "LINK_PORT", "CLUSTER_NAME", "CLUSTER_SECRET");

    static Path file(Path directory) {
        return directory.resolve(FILE);
    }

    /** @return null if there is none */
    static LocalSettings read(Path directory) {
        Path file = file(directory);
        if (!Files.exists(file)) {
            return null;
        }
        Map<String, String> values = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                int at = line.indexOf('=');
                if (at > 0) {
                    values.put(line.substring(0, at), line.substring(at + 1));
                }
            }
        } catch (IOException e) {
            throw Failure.usage(file + " can not be read: " + e.getMessage());
        }
        String format = values.getOrDefault("FORMAT", "1");
        if (!format.equals("1")) {
            throw Failure.usage(file + " has format " + format
                    + ": it was written by another version of this script; give another --dir");
        }
        for (String key : KEYS) {
            if (values.getOrDefault(key, "").isEmpty()) {
                throw Failure.usage(file + " has no " + key + ": the file is damaged; give another --dir");
            }
        }
        return new LocalSettings(
                number(file, values, "NODES"),
                number(file, values, "AMQP_PORT"),
                number(file, values, "HTTP_PORT"),
                number(file, values, "RAFT_PORT"),
                number(file, values, "LINK_PORT"),
                values.get("CLUSTER_NAME"),
                values.get("CLUSTER_SECRET"));
    }

    private static int number(Path file, Map<String, String> values, String key) {
        try {
            return Integer.parseInt(values.get(key));
        } catch (NumberFormatException e) {
            throw Failure.usage(file + " has no number for " + key + ": the file is damaged; give another --dir");
        }
    }

    /** Of a new cluster: the nodes' own ports are chosen, and their secret. */
    static LocalSettings chosen(int nodes, int amqpPort, int httpPort) {
        int raft = LocalPorts.choose("log", amqpPort + 20_000, nodes, amqpPort, httpPort);
        int link = LocalPorts.choose("link", amqpPort + 21_000, nodes, amqpPort, httpPort, raft);
        return new LocalSettings(nodes, amqpPort, httpPort, raft, link, "local-" + random(4), random(16));
    }

    private static String random(int bytes) {
        byte[] some = new byte[bytes];
        new SecureRandom().nextBytes(some);
        return HexFormat.of().formatHex(some);
    }

    LocalSettings withClientPorts(int amqp, int http) {
        return new LocalSettings(nodes, amqp, http, raftPort, linkPort, clusterName, clusterSecret);
    }

    void write(Path directory) {
        Path file = file(directory);
        Path next = file.resolveSibling(FILE + ".new");
        try {
            writePrivate(
                    next,
                    List.of(
                            "FORMAT=1",
                            "NODES=" + nodes,
                            "AMQP_PORT=" + amqpPort,
                            "HTTP_PORT=" + httpPort,
                            "RAFT_PORT=" + raftPort,
                            "LINK_PORT=" + linkPort,
                            "CLUSTER_NAME=" + clusterName,
                            "CLUSTER_SECRET=" + clusterSecret));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw Failure.usage(file + " can not be written");
        }
    }

    /** There is a secret in it: for its owner only. */
    static void writePrivate(Path file, List<String> lines) throws IOException {
        Files.deleteIfExists(file);
        if (Files.getFileStore(file.getParent()).supportsFileAttributeView("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, lines);
    }

    /** For the nodes' configuration. */
    String peers() {
        StringBuilder peers = new StringBuilder();
        for (int i = 1; i <= nodes; i++) {
            peers.append(i == 1 ? "" : ",")
                    .append("n" + i + "@127.0.0.1:" + (raftPort + i - 1) + ":" + (linkPort + i - 1));
        }
        return peers.toString();
    }
}
