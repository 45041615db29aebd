package io.tallymq.raft;

import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.nio.file.Path;

/** Copies of a leader's store for nodes that need entries which its {@link ModelLog} no longer has. */
final class ModelCheckpoints {
    private static final long PATIENCE = 2 * VirtualTime.SECOND;
    private static final long COPYING = 100 * VirtualTime.MILLI;
    private static final long RELOADING = 20 * VirtualTime.MILLI;

    private final ModelLog log;
    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ModelDisk disk;
    private final ReplicatedState state;
    private final FatalHandler fatal;
    private boolean fetching;
    private boolean reloading;

    ModelCheckpoints(ModelLog log, ModelLog.Parts parts, ReplicatedState state, FatalHandler fatal) {
        this.log = log;
        this.process = parts.process();
        this.network = parts.network();
        this.disk = parts.disk();
        this.state = state;
        this.fatal = fatal;
    }

    /** A copy has taken the store's place, and the log does not follow it yet. */
    boolean isReloading() {
        return reloading;
    }

    /** The leader no longer has what this node needs. */
    void behind(String from, long term, long base) {
        if (!log.election().hears(from, term)) {
            return;
        }
        long had = state.applied().index();
        if (!reloading && had >= base && had <= disk.flushed()) {
            network.send(log.node(), from, "has it", its -> its.replication().refusedBy(log.node(), term, had));
            return;
        }
        network.send(log.node(), from, "behind", its -> its.replication().answered(log.node()));
        if (fetching || reloading) {
            return;
        }
        fetching = true;
        process.after(PATIENCE, "patience", () -> fetching = false);
        network.send(log.node(), from, "fetch", its -> its.checkpoints().copyFor(log.node()));
    }

    private void copyFor(String node) {
        if (reloading) {
            return;
        }
        try {
            Path copy = state.checkpoint(Path.of(
                    log.node() + "-" + process.number() + "-" + process.time().now()));
            Position atLeast = state.durable();
            process.soon(
                    COPYING,
                    "copied",
                    () -> network.send(log.node(), node, "install", its -> its.checkpoints()
                            .install(copy, atLeast)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void install(Path copy, Position atLeast) {
        if (!fetching || reloading) {
            return;
        }
        if (log.election().leads()) {
            fetching = false;
            return;
        }
        if (atLeast.index() <= state.applied().index()) {
            log.applying().flush();
            state.forceDurable();
            fetching = false;
            return;
        }
        Position installed = install(copy);
        Ledger.check(
                state.durable().index() >= installed.index(),
                "%s: a checkpoint was installed and is not durable",
                log.node());
        log.applying().begunAnew();
        reloading = true;
        log.world().installed(log.node(), installed);
        process.soon(RELOADING, "reloaded", () -> reloaded(installed));
    }

    private Position install(Path copy) {
        try {
            return state.install(copy);
        } catch (IOException | RuntimeException | Error e) {
            fatal.onFatal("a checkpoint could not be installed", e);
            throw new AssertionError(log.node() + ": a checkpoint could not be installed", e);
        }
    }

    private void reloaded(Position installed) {
        reloading = false;
        fetching = false;
        long index = installed.index();
        long term = log.world().termOf(index);
        if (index >= disk.last() || index < disk.base() || disk.termAt(index) != term) {
            disk.restart(index, term);
            log.replication().begunAnew(index);
        }
        log.replication().committed(index);
        log.applying().soon();
    }
}
