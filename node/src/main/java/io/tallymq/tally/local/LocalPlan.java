package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is to be started, if it can be.
 *
 * @param only the number of the one node; 0 for all
 */
record LocalPlan(Path directory, LocalSettings settings, int only) {
    private static final int DEFAULT_NODES = 3;
    private static final int DEFAULT_AMQP = 5672;
    private static final int DEFAULT_HTTP = 15672;

    /**
     * Looks at the directory, and for ports.
     *
     * @param wish what was asked for; null for what was not
     * @throws Failure with one sentence if it can't be
     */
    static LocalPlan of(Path directory, LocalWish wish) {
        LocalSettings there = LocalSettings.read(directory);
        if (there == null) {
            requireUsable(directory, wish);
        } else if (wish.nodes() != null && wish.nodes() != there.nodes()) {
            throw Failure.usage(directory + " holds a cluster of " + there.nodes() + " nodes, not " + wish.nodes()
                    + ": leave --nodes out or give another --dir");
        }
        int nodes = there != null ? there.nodes() : wish.nodes() == null ? DEFAULT_NODES : wish.nodes();
        int only = wish.only() == null ? 0 : wish.only();
        if (only > nodes) {
            throw Failure.usage("--only is " + only + ", but the cluster in " + directory + " has " + nodes + " nodes");
        }
        int amqp = first(wish.amqpPort(), there == null ? DEFAULT_AMQP : there.amqpPort());
        int http = first(wish.httpPort(), there == null ? DEFAULT_HTTP : there.httpPort());
        if (only > 0 && (amqp != there.amqpPort() || http != there.httpPort())) {
            throw Failure.usage("with --only the ports are those of the running cluster, " + there.amqpPort() + " and "
                    + there.httpPort() + ": leave --amqp-port and --http-port out");
        }
        if (LocalPorts.overlap(amqp, http, nodes)) {
            throw Failure.usage(
                    "the AMQP ports from " + amqp + " and the HTTP ports from " + http + " overlap: give others");
        }
        requireStopped(directory, only == 0 ? IntStream.rangeClosed(1, nodes) : IntStream.of(only));
        LocalSettings settings =
                there == null ? LocalSettings.chosen(nodes, amqp, http) : there.withClientPorts(amqp, http);
        LocalPlan plan = new LocalPlan(directory, settings, only);
        plan.requirePorts();
        return plan;
    }

    private static int first(Integer asked, int other) {
        return asked == null ? other : asked;
    }

    /** Before anything is written into it: it is of a cluster, or empty. */
    static void requireUsable(Path directory, LocalWish wish) {
        if (Files.exists(LocalSettings.file(directory))) {
            return;
        }
        try (Stream<Path> all = Files.list(directory)) {
            if (all.anyMatch(path -> !path.endsWith(LocalLock.FILE))) {
                throw Failure.usage(directory
                        + " is not empty and holds no cluster of this script (no cluster.env): give another --dir");
            }
            if (wish.only() != null) {
                Files.deleteIfExists(directory.resolve(LocalLock.FILE));
                Files.delete(directory);
                throw Failure.usage("there is no cluster in " + directory + ": start one without --only first");
            }
        } catch (IOException e) {
            throw Failure.usage("the directory " + directory + " can not be read: give another with --dir");
        }
    }

    private static void requireStopped(Path directory, IntStream numbers) {
        numbers.forEach(i -> new LocalNode(directory, i).process().ifPresent(process -> {
            throw Failure.usage("node" + i + " of " + directory + " is already running (process " + process.pid()
                    + "): stop it first, or give another --dir");
        }));
    }

    private void requirePorts() {
        for (LocalNode node : nodes()) {
            int at = node.number() - 1;
            requireFree(
                    node,
                    "AMQP",
                    settings.amqpPort() + at,
                    "stop what listens there or choose others with --amqp-port");
            requireFree(
                    node,
                    "HTTP",
                    settings.httpPort() + at,
                    "stop what listens there or choose others with --http-port");
            String known =
                    "stop what listens there; the nodes know each other by it (" + LocalSettings.file(directory) + ")";
            requireFree(node, "RAFT", settings.raftPort() + at, known);
            requireFree(node, "LINK", settings.linkPort() + at, known);
        }
    }

    private static void requireFree(LocalNode node, String what, int port, String hint) {
        if (LocalPorts.isTaken(port)) {
            throw Failure.usage("port " + port + ", needed by " + node.name() + " for " + what + ", is taken: " + hint);
        }
    }

    boolean isOfAll() {
        return only == 0;
    }

    /** Those to be started. */
    List<LocalNode> nodes() {
        return isOfAll() ? allNodes() : List.of(new LocalNode(directory, only));
    }

    List<LocalNode> allNodes() {
        return IntStream.rangeClosed(1, settings.nodes())
                .mapToObj(i -> new LocalNode(directory, i))
                .toList();
    }
}
