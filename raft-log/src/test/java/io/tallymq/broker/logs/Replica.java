package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Machines;
import io.tallymq.broker.Progress;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Admission;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.store.MemoryStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A machine and the entries of its log: whose they are, that they are committed, and that it comes back from what is committed. */
public final class Replica {
    private final MachineLimits limits;
    private final Effects effects;
    private final Map<String, Long> epochs = new LinkedHashMap<>();
    /** The last batch of each node's start; -1: the node was given up. */
    private final Map<String, Long> seqs = new LinkedHashMap<>();

    private final UnaryOperator<MessageStore> watch;

    MemoryStore store;
    BrokerMachine machine;
    /** Each slice of a run of publishes is written, and a restored machine goes on. */
    boolean restartWithinEntries;

    /** What a restart finds of the store. */
    UnaryOperator<MemoryStore> restarts = MemoryStore::copy;

    int interruptions;
    private long index;
    /** The entry in hand takes more commands. */
    private boolean together;

    private boolean open;

    Replica(MemoryStore store, MachineLimits limits, Effects effects) {
        this(store, limits, effects, s -> s);
    }

    /** @param watch what stands between the machine and its store */
    Replica(MemoryStore store, MachineLimits limits, Effects effects, UnaryOperator<MessageStore> watch) {
        this.limits = limits;
        this.effects = effects;
        this.watch = watch;
        this.store = store;
        this.machine = made();
    }

    private BrokerMachine made() {
        return Machines.of(watch.apply(store), limits);
    }

    /** The last entry. */
    long index() {
        return index;
    }

    /** Whether a node's batches are taken. */
    boolean isUp(String node) {
        return seqs.getOrDefault(node, -1L) >= 0;
    }

    /** Of a node's last start; 0: it has never been there. */
    long epochOf(String node) {
        return epochs.getOrDefault(node, 0L);
    }

    /** The node starts anew: {@link NodeUp} follows. */
    void starts(String node) {
        epochs.merge(node, 1L, Long::sum);
        seqs.put(node, 0L);
    }

    /** The cluster has given the node up. */
    void lost(String node) {
        seqs.put(node, -1L);
    }

    /** The commands that follow are one entry. */
    void together() {
        together = true;
    }

    /** Whether commands of an entry were applied, and others may follow. */
    boolean isOpen() {
        return open;
    }

    /** That was all of the entry, if there was one. */
    void apart() {
        together = false;
        if (open) {
            open = false;
            machine.applied(1, index, effects);
        }
    }

    /**
     * One more entry, or what follows in one.
     *
     * @param node that sends it
     * @param time of the entry, milliseconds since the epoch
     */
    Reply entry(String node, Command command, long time) {
        index += open ? 0 : 1;
        open = true;
        long seq = seqs.merge(node, 1L, Long::sum);
        Stamp e = new Stamp(1, index, time);
        Admission a = machine.begin(e, node, epochOf(node), seq, command instanceof NodeUp);
        check(a == Admission.ACCEPTED, "batch " + seq + " of " + node + " is " + a);
        Reply r = restartWithinEntries ? applyWithRestarts(e, node, command) : machine.apply(command, effects);
        machine.end();
        if (!together) {
            apart();
        }
        return r;
    }

    private Reply applyWithRestarts(Stamp e, String node, Command command) {
        if (command instanceof CommitTx tx) {
            Reply admitted = machine.admit(tx, effects);
            return admitted == Reply.OK ? publishWithRestarts(e, node, tx.publishes(), true) : admitted;
        }
        return command instanceof Publish p ? publishWithRestarts(e, node, p, false) : machine.apply(command, effects);
    }

    private Reply publishWithRestarts(Stamp e, String node, Publish whole, boolean admitted) {
        Publish p = whole;
        while (machine.publish(p, effects)) {
            machine.commitWithin(0, 0);
            store = store.copy();
            machine = made();
            Progress done = machine.progress(index);
            machine.resume(e, node);
            if (admitted) {
                machine.resumeTransaction();
            }
            p = p.from(done.offset(), done.ordinal());
            interruptions++;
        }
        return Reply.OK;
    }

    /** All entries so far are committed. */
    void commit() {
        machine.commit(1, index);
    }

    /** A machine that is restored from what was committed goes on; all was. */
    void restart() {
        long before = machine.digest();
        store = restarts.apply(store);
        machine = made();
        check(before == machine.digest(), "the digest changed by a restore");
    }

    void check(boolean ok, String what) {
        if (!ok) {
            throw new AssertionError("entry " + index + ": " + what);
        }
    }
}
