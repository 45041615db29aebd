package io.tallymq.raft;

import io.tallymq.raft.ModelDisk.Item;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Hands the committed entries of a {@link ModelLog} to its node's state, in order, and tells who submitted them. */
final class ModelApplying {
    /** Entries after which the state writes although nobody waits. */
    private static final int GATHERED = 64;

    /** Submitted here, in this term. */
    private record Pending(long term, CompletableFuture<Position> future) {}

    private final ModelLog log;
    private final VirtualProcess process;
    private final ModelDisk disk;
    private final ReplicatedState state;
    private final FatalHandler fatal;
    private final TreeMap<Long, Pending> pending = new TreeMap<>();
    private ModelReplay replay;
    private boolean underWay;
    private int gathered;

    ModelApplying(ModelLog log, ModelLog.Parts parts, ReplicatedState state, FatalHandler fatal) {
        this.log = log;
        this.process = parts.process();
        this.disk = parts.disk();
        this.state = state;
        this.fatal = fatal;
    }

    /** What the log holds now is what this start applies again. */
    void start() {
        replay = new ModelReplay(process.random(), disk.last(), disk.late);
        disk.late = false;
        soon();
    }

    boolean isUnderWay() {
        return underWay;
    }

    // ---- who submitted

    /** An entry of this term is to come at this index. */
    CompletableFuture<Position> expect(long index, long term) {
        CompletableFuture<Position> future = new CompletableFuture<>();
        pending.put(index, new Pending(term, future));
        return future;
    }

    int expected() {
        return pending.size();
    }

    void leadsNoMore() {
        List<Pending> lost = List.copyOf(pending.values());
        pending.clear();
        lost.forEach(p -> p.future().completeExceptionally(new IOException("this node leads no more")));
    }

    private void came(long index, Item item) {
        Pending submitted = pending.remove(index);
        if (submitted != null && submitted.term() == item.term()) {
            submitted.future().complete(new Position(item.term(), index));
        }
    }

    // ---- the applying thread

    void soon() {
        boolean rests = underWay || log.checkpoints().isReloading() || log.isStopped();
        long applied = state.applied().index();
        if (!rests && applied < log.replication().applicable()) {
            underWay = true;
            process.soon(replay.pause(applied), "apply", this::apply);
        }
    }

    private void apply() {
        underWay = false;
        long most = log.replication().applicable();
        for (int n = replay.atOnce(process.random(), state.applied().index());
                n > 0 && !log.checkpoints().isReloading() && state.applied().index() < most;
                n--) {
            long index = state.applied().index() + 1;
            Item item = disk.item(index);
            log.world().committed(log.node(), index, item);
            log.world().applying(log.node(), item);
            try {
                apply(index, item);
            } catch (RuntimeException | Error e) {
                fatal.onFatal("entry " + index + " could not be applied", e);
                throw e;
            }
            log.world().applied(log.node(), index, item.term());
            came(index, item);
        }
        soon();
    }

    private void apply(long index, Item item) {
        if (item.bytes() == null) {
            state.advance(log.shown(item.term()), index);
        } else {
            state.apply(log.shown(item.term()), index, item.bytes(), 0, item.bytes().length);
        }
        gathered++;
        if (gathered >= GATHERED
                || state.isAwaited() && index >= log.replication().commit()) {
            flush();
        }
        Ledger.check(Item.sum(item.bytes()) == item.sum(), "entry %s was changed while it was in the log", index);
    }

    /** The state writes what it was given. */
    void flush() {
        if (gathered > 0) {
            gathered = 0;
            state.flush();
        }
    }

    /** Another state took the place of the one that was given entries. */
    void begunAnew() {
        gathered = 0;
    }
}
