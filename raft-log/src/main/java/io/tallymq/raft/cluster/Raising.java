package io.tallymq.raft.cluster;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.effect.Reply;
import io.tallymq.format.Versions;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's duty to raise the cluster's level (decision 013) to the highest that every configured node has said its program
 * knows: a node that is down, or has not said it since it came back, holds the others at the level they have. One thread.
 */
public final class Raising {
    private static final Logger LOG = LoggerFactory.getLogger(Raising.class);

    private final ClusterView cluster;
    private final Versions own;
    private final IntSupplier level;
    private final Function<Command, CompletableFuture<Reply>> submit;
    private Raise asked;
    private CompletableFuture<Reply> answer;

    /**
     * Makes one that has asked for nothing.
     *
     * @param own the levels that this program knows
     * @param level the level that was applied here
     * @param submit puts a command into the log
     */
    public Raising(
            ClusterView cluster, Versions own, IntSupplier level, Function<Command, CompletableFuture<Reply>> submit) {
        this.cluster = cluster;
        this.own = own;
        this.level = level;
        this.submit = submit;
    }

    /** Asks for a higher level if this node leads and all know it. The clock's thread; never blocks. */
    public void tick() {
        long term = cluster.leadingTerm();
        if (term == ClusterView.NOT_LEADING || !cluster.holdsLease() || own.max() <= level.getAsInt()) {
            return;
        }
        Raise raise = new Raise(common(), term);
        if (raise.level() > level.getAsInt() && !(raise.equals(asked) && stands())) {
            LOG.info("All nodes know level {}: raising the cluster to it", raise.level());
            asked = raise;
            answer = submit.apply(raise);
        }
    }

    private boolean stands() {
        return !answer.isDone() || !answer.isCompletedExceptionally() && answer.join() instanceof Reply.Ok;
    }

    /** The highest level that all nodes know, 0 if there is none or not everybody has told. */
    private int common() {
        Versions all = own;
        for (String node : cluster.others()) {
            Versions its = cluster.levels(node);
            if (its == null || all.common(its) == 0) {
                return 0;
            }
            all = new Versions(Math.max(all.min(), its.min()), Math.min(all.max(), its.max()));
        }
        return all.max();
    }
}
