package io.tallymq.raft;

import io.tallymq.broker.Command;
import io.tallymq.broker.Reply;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's duty to declare silent nodes lost, once per node and epoch: after the grace, or after half of it if
 * the node's process seems to have ended. It counts from the beginning of its leadership: a node
 * that the former leader still heard may have a lease of it ({@link ClusterView#holdsLease}), and hands out messages as long. One thread.
 */
final class LostNodes {
    private static final Logger LOG = LoggerFactory.getLogger(LostNodes.class);

    private final ClusterView cluster;
    private final ToLongFunction<String> epochOf;
    private final Function<Command, CompletableFuture<Reply>> submit;
    private final long graceNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Long> silentSince = new HashMap<>();
    private final Map<String, Declared> declared = new HashMap<>();

    private record Declared(long epoch, CompletableFuture<Reply> answer) {
        boolean stands() {
            return !answer.isDone() || !answer.isCompletedExceptionally() && answer.join() instanceof Reply.Ok;
        }
    }

    LostNodes(
            ClusterView cluster,
            ToLongFunction<String> epochOf,
            Function<Command, CompletableFuture<Reply>> submit,
            long graceNanos,
            LongSupplier nanoTime) {
        this.cluster = cluster;
        this.epochOf = epochOf;
        this.submit = submit;
        this.graceNanos = graceNanos;
        this.nanoTime = nanoTime;
    }

    void tick() {
        long now = nanoTime.getAsLong();
        if (!cluster.isLeader()) {
            silentSince.clear();
            return;
        }
        for (String node : cluster.others()) {
            if (cluster.reachable(node)) {
                silentSince.remove(node);
                continue;
            }
            long silent = now - silentSince.computeIfAbsent(node, n -> now);
            if (silent >= (cluster.gone(node) ? graceNanos / 2 : graceNanos)) {
                declare(node, silent);
            }
        }
    }

    private void declare(String node, long silent) {
        long epoch = epochOf.applyAsLong(node);
        Declared before = declared.get(node);
        if (epoch == 0 || before != null && before.epoch() == epoch && before.stands()) {
            return;
        }
        LOG.warn("Node {} has been silent for {} s: its connections are closed", node, silent / 1_000_000_000L);
        declared.put(node, new Declared(epoch, submit.apply(new Command.NodeLost(node, epoch))));
    }
}
