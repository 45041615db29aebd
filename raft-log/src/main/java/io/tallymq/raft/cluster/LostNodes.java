package io.tallymq.raft.cluster;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.effect.Reply;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's duty to declare nodes lost, once per node and epoch: at once if the node's process has certainly ended, else when the
 * node was silent for the grace. The grace counts from the beginning of the term in which this node leads and reaches a majority: a
 * node that the former leader still heard may have a lease of it ({@link ClusterView#holdsLease}), and hands out messages as long.
 * A registered node that is no member of the cluster is silent. One thread.
 */
public final class LostNodes {
    private static final Logger LOG = LoggerFactory.getLogger(LostNodes.class);

    private final ClusterView cluster;
    private final Supplier<Map<String, Long>> serving;
    private final Function<Command, CompletableFuture<Reply>> submit;
    private final long graceNanos;
    private final LongSupplier nanoTime;
    private final Map<String, Long> silentSince = new HashMap<>();
    private final Map<String, Declared> declared = new HashMap<>();
    private long ledTerm = ClusterView.NOT_LEADING;

    private record Declared(long epoch, long term, CompletableFuture<Reply> answer) {
        boolean stands() {
            return !answer.isDone() || !answer.isCompletedExceptionally() && answer.join() instanceof Reply.Ok;
        }
    }

    /**
     * Makes one that has declared nothing.
     *
     * @param serving the other nodes that are registered and not lost, with their epochs
     * @param submit puts a command into the log
     */
    public LostNodes(
            ClusterView cluster,
            Supplier<Map<String, Long>> serving,
            Function<Command, CompletableFuture<Reply>> submit,
            long graceNanos,
            LongSupplier nanoTime) {
        this.cluster = cluster;
        this.serving = serving;
        this.submit = submit;
        this.graceNanos = graceNanos;
        this.nanoTime = nanoTime;
    }

    /** Looks at all nodes, and declares lost who is, if this node leads. The clock's thread; never blocks. */
    public void tick() {
        long now = nanoTime.getAsLong();
        long term = cluster.leadingTerm();
        if (term != ledTerm || !cluster.holdsLease()) {
            silentSince.clear();
            ledTerm = term;
        }
        // Without a majority nothing may be decided: what is silent then may be this node.
        if (term == ClusterView.NOT_LEADING || !cluster.holdsLease()) {
            return;
        }
        serving.get().forEach((node, epoch) -> {
            boolean member = cluster.others().contains(node);
            if (member && cluster.reachable(node)) {
                silentSince.remove(node);
            } else if (member && cluster.ended(node)) {
                declare(node, epoch, term, "has ended");
            } else if (now - Objects.requireNonNullElse(silentSince.putIfAbsent(node, now), now) >= graceNanos) {
                declare(node, epoch, term, member ? "has been silent for too long" : "is no member of the cluster");
            }
        });
    }

    private void declare(String node, long epoch, long term, String why) {
        Declared before = declared.get(node);
        if (before != null && before.epoch() == epoch && before.term() == term && before.stands()) {
            return;
        }
        LOG.warn("Node {} {}: its connections are closed", cluster.nameOf(node), why);
        declared.put(node, new Declared(epoch, term, submit.apply(new NodeLost(node, epoch, term))));
    }
}
