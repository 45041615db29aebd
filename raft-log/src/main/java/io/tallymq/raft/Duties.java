package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import io.tallymq.format.Versions;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.cluster.Continuation;
import io.tallymq.raft.cluster.DueWatch;
import io.tallymq.raft.cluster.Fencing;
import io.tallymq.raft.cluster.LostNodes;
import io.tallymq.raft.cluster.Raising;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.raft.session.Blocking;
import io.tallymq.raft.session.Outbox;
import io.tallymq.raft.session.Replica;
import io.tallymq.raft.session.Replicator;
import io.tallymq.raft.session.RuntimeMetrics;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.raft.session.Withholding;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What a node does though nobody asks for it: it sends again, lets publishers know that nothing is confirmed, withholds what it may not hand out, and if it leads
 * declares nodes lost, raises the level, and has the log go on with what is due. One thread, the clock's, but for what says otherwise.
 */
final class Duties {
    /** Ticks between two looks while nothing is going on. */
    private static final int SELDOM = 10;

    private final String node;
    private final ClusterView cluster;
    private final RuntimeTuning tuning;
    private final Replica replica;
    private final Outbox outbox;
    private final Replicator replicator;
    private final Pacer pacer;
    private final Blocking blocking;
    private final Withholding withholding;
    private final LostNodes lostNodes;
    private final Continuation continuation;
    private final DueWatch dueWatch;
    private final Raising raising;
    private final ScheduledExecutorService ticker;
    private final Rhythm clock;
    private final Timers timers = new Timers();

    /**
     * Makes one that does nothing yet.
     *
     * @param levels that this program knows
     * @param submit puts a command into the log
     */
    Duties(
            BrokerRuntime.Parts parts,
            Fencing fencing,
            Versions levels,
            Replica replica,
            Outbox outbox,
            Replicator replicator,
            Pacer pacer,
            RuntimeMetrics metrics,
            Blocking blocking,
            Withholding withholding,
            Function<Command, CompletableFuture<Reply>> submit) {
        this.node = parts.node();
        this.cluster = parts.cluster();
        this.tuning = parts.tuning();
        this.replica = replica;
        this.outbox = outbox;
        this.replicator = replicator;
        this.pacer = pacer;
        this.blocking = blocking;
        this.withholding = withholding;
        Platform platform = parts.platform();
        this.lostNodes = new LostNodes(
                cluster, this::otherNodes, submit, fencing.giveAway().toNanos(), platform::nanoTime);
        this.raising = new Raising(cluster, levels, replica::level, submit);
        this.ticker = platform.scheduler(node + "-clock");
        this.continuation = new Continuation(
                cluster,
                this::owesWork,
                replica::level,
                metrics::batches,
                submit,
                platform::nanoTime,
                (nanos, next) -> timers.after(ticker, nanos, TimeUnit.NANOSECONDS, "letting the log go on", next));
        this.dueWatch = new DueWatch(cluster, timers, ticker, submit);
        Duration tick = tuning.timing().tick();
        this.clock =
                new Rhythm(timers, ticker, tick, tick.multipliedBy(SELDOM), "looking at the cluster", this::lookAround);
    }

    void start() {
        clock.start();
    }

    void stop() {
        ticker.shutdownNow();
    }

    /** For what else this node does by the clock. Any thread. */
    Timers timers() {
        return timers;
    }

    /** Something is not as it was at the last look: another leader, a node that is gone or back. Any thread. */
    void lookSoon() {
        clock.hurry();
    }

    /** The last entry has left something for later ones. The applying thread. */
    void owes() {
        continuation.tick();
    }

    /**
     * An entry was applied. The applying thread.
     *
     * @param due when the next thing is, in the replicated time, as {@code time} is
     */
    void applied(long due, long time) {
        dueWatch.applied(due, time);
    }

    /** The other nodes that are registered and not lost, with their epochs. */
    private Map<String, Long> otherNodes() {
        BrokerMachine machine = replica.lock();
        try {
            Map<String, Long> others = machine.servingNodes();
            others.remove(node);
            return others;
        } finally {
            replica.unlock();
        }
    }

    private boolean owesWork() {
        BrokerMachine machine = replica.lock();
        try {
            return machine.owes();
        } finally {
            replica.unlock();
        }
    }

    private boolean lookAround() {
        boolean active = isActive();
        tick();
        return active || isActive();
    }

    /** Whether something may become due within milliseconds. What is looked for beside it is so after seconds, or comes with {@link #lookSoon}. */
    private boolean isActive() {
        Outbox.Load load = outbox.load();
        return load.inFlight() > 0
                || load.pendingBytes() > 0
                || pacer.isActive()
                || !cluster.holdsLease()
                || !cluster.others().stream().allMatch(cluster::reachable);
    }

    /** What has to be looked at from time to time. The clock's thread. */
    private void tick() {
        long stuck = outbox.tick(replicator.certain());
        blocking.stuck(stuck > tuning.timing().blockedAfter().toNanos() ? whyStuck() : null);
        pacer.tick();
        withholding.tick();
        lostNodes.tick();
        continuation.tick();
        raising.tick();
    }

    private String whyStuck() {
        return replica.waitsForRoom()
                ? "the disk of the store of node " + node + " is full"
                : "no majority of the cluster confirms at the moment";
    }
}
