package io.tallymq.raft.session;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Progress;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.InBatch;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Admission;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.RouteCache;
import io.tallymq.raft.pace.Pacer;
import java.util.List;
import java.util.concurrent.Executor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies entries of the log to the machine and gathers what the sessions of this node have to hear: {@link #tell} tells them,
 * {@link #flush} writes the state, too. One thread.
 */
public final class Applier {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    /** Units of work of publishes after which the state is written although nobody waits; see {@link BrokerMachine#unwritten}. */
    static final long MOST_UNWRITTEN = 32_768;

    /** Octets of commands, unpacked, after which the state is written: so much of the messages lies in memory beside its budgets. */
    static final long MOST_UNWRITTEN_BYTES = 4 << 20;

    private final String node;
    private final Replica replica;
    private final Outbox outbox;
    private final Epochs epochs;
    private final RuntimeMetrics metrics;
    private final Tracing tracing;
    private final BatchCodec.Names names = new BatchCodec.Names();
    private final RouteCache routeCache = new RouteCache();
    private final LZ4SafeDecompressor lz4 = LZ4Factory.fastestInstance().safeDecompressor();
    private final TouchedSessions sessions;
    private final SessionEffects effects;

    private long term;
    private long index = -1;
    private long time;
    private boolean dirty;
    /** Octets of commands that were applied and not written. */
    private long unwrittenBytes;
    /** The state has work left for later entries. */
    private boolean owes;
    /** Publishers of this node are slowed down, for entries leave too much behind. */
    private boolean slow;
    /** When something is due in the state that nobody asks for. */
    private long nextDue = Long.MAX_VALUE;

    /** The batch in hand: its number within the entry, and where it begins in the array. */
    private int number;

    private int begin;
    /** A batch of this node was applied since the last {@link #tell}: sessions may be waiting for room. */
    private boolean ownApplied;
    /** {@link System#nanoTime} when the entry in hand began to be applied, and the first of the entries with a batch of this node since the last {@link #tell}. */
    private long entryBegun;

    private long ownBegun;
    /** @param answering where answers that belong to no session are given */
    public Applier(
            String node,
            Replica replica,
            Outbox outbox,
            Epochs epochs,
            Pacer pacer,
            RuntimeMetrics metrics,
            Tracing tracing,
            Executor answering) {
        this.tracing = tracing;
        this.node = node;
        this.replica = replica;
        this.outbox = outbox;
        this.epochs = epochs;
        this.metrics = metrics;
        this.sessions = new TouchedSessions(pacer, metrics, tracing, answering);
        this.effects = new SessionEffects(node, outbox, pacer, tracing, metrics, sessions);
        this.time = timeOf(replica);
    }

    private static long timeOf(Replica replica) {
        BrokerMachine machine = replica.lock();
        try {
            return machine.clock();
        } finally {
            replica.unlock();
        }
    }

    /** One entry of the log: a batch, or several that were joined. What it throws, the node must not go on after. */
    public void apply(long entryTerm, long entryIndex, byte[] bytes, int offset, int length) {
        final long begun = System.nanoTime();
        entryBegun = begun;
        number = 0;
        if (BatchCodec.isJoined(bytes, offset, length)) {
            BatchCodec.forEach(bytes, offset, length, (at, size) -> batch(entryTerm, entryIndex, bytes, at, size));
        } else {
            batch(entryTerm, entryIndex, bytes, offset, length);
        }
        moved(entryTerm, entryIndex, true);
        metrics.applied(System.nanoTime() - begun, length);
    }

    private void batch(long entryTerm, long entryIndex, byte[] bytes, int offset, int length) {
        metrics.batches.increment();
        if (BatchCodec.isPacked(bytes, offset, length)) {
            byte[] unpacked = BatchCodec.unpack(bytes, offset, length, lz4);
            begin = 0;
            unwrittenBytes += unpacked.length;
            apply(entryTerm, entryIndex, BatchCodec.header(unpacked, 0, unpacked.length, names), unpacked);
        } else {
            begin = offset;
            unwrittenBytes += length;
            apply(entryTerm, entryIndex, BatchCodec.header(bytes, offset, length, names), bytes);
        }
        number++;
    }

    private void apply(long entryTerm, long entryIndex, BatchCodec.Header h, byte[] bytes) {
        boolean mine = h.epoch() == outbox.epoch() && h.node().equals(node);
        BrokerMachine machine = replica.lock();
        try {
            Stamp entry = new Stamp(entryTerm, entryIndex, h.time());
            Progress done = machine.progress(entryIndex);
            if (done != null && number <= done.batch()) {
                if (number == done.batch()) {
                    machine.resume(entry, h.node());
                    run(machine, h, bytes, done);
                    machine.end();
                }
                return;
            }
            Admission admission = machine.begin(entry, h.node(), h.epoch(), h.seq(), h.nodeUp(bytes));
            switch (admission) {
                case ACCEPTED -> accepted(machine, entry, h, bytes, mine);
                case DUPLICATE -> {
                    metrics.duplicates.increment();
                    if (mine && !effects.isServing()) {
                        registerAnew(machine); // not this start's: see Epochs
                    }
                }
                case GAP -> {
                    metrics.gaps.increment();
                    if (mine) {
                        outbox.gap();
                    }
                }
                case FENCED -> {
                    if (mine) {
                        registerAnew(machine);
                    }
                }
            }
            machine.end();
        } finally {
            replica.unlock();
        }
    }

    /** An entry without a batch. */
    public void advance(long entryTerm, long entryIndex) {
        moved(entryTerm, entryIndex, false);
    }

    /** @param batches whether it was not one of Raft's own */
    private void moved(long entryTerm, long entryIndex, boolean batches) {
        boolean full;
        boolean behind;
        BrokerMachine machine = replica.lock();
        try {
            if (batches) {
                machine.applied(entryTerm, entryIndex, effects);
            } else {
                machine.advanced(entryTerm, entryIndex);
            }
            owes = machine.owes();
            behind = machine.isBehind();
            nextDue = machine.nextDue();
            full = machine.unwritten() >= MOST_UNWRITTEN
                    || unwrittenBytes >= MOST_UNWRITTEN_BYTES
                    || machine.waitsForCommit();
            time = machine.clock();
        } finally {
            replica.unlock();
        }
        term = entryTerm;
        index = entryIndex;
        dirty = true;
        if (behind || slow) {
            slow = outbox.applied(behind);
        }
        if (full) {
            flush();
        }
    }

    private void accepted(BrokerMachine machine, Stamp entry, BatchCodec.Header h, byte[] bytes, boolean mine) {
        Batch own = mine ? outbox.answered(h.seq()) : null;
        effects.begin(own);
        int[] traced = BatchTraces.of(bytes, h);
        if (traced != null && own != null) {
            tracing.back(own);
        }
        // What this start did not send is another's, whatever its epoch says: it takes effect, but nobody here is told.
        boolean strange = mine && own == null;
        if (own != null && !ownApplied) {
            ownApplied = true;
            ownBegun = entryBegun;
        }
        boolean lost = run(machine, h, bytes, null) || strange;
        // Not before: what the registration itself closes are connections of an earlier start, whose numbers come
        // again.
        effects.serve(effects.isServing() || own != null);
        if (traced != null) {
            tracing.applied(entry, number, h, traced, own);
        }
        if (own != null) {
            for (Batch.EndedUpload u : own.uploads) {
                u.session().endUpload(u.upload());
            }
            for (Mark m : own.marks) {
                confirm(m, own);
            }
            metrics.ownBatches.increment();
            metrics.ownMessages.add(own.messages);
        }
        effects.end();
        if (lost) {
            registerAnew(machine);
        }
    }

    private void confirm(Mark m, Batch own) {
        SessionEvent.Confirmed confirmed = new SessionEvent.Confirmed(m.channel, m.lastSeq);
        if (m.waitsFor != 0 || sessions.holds(m.session)) {
            Runnable told = own.traced.isEmpty() ? null : tracing.heldBack(m);
            sessions.hold(m.waitsFor, m.session, m.waiting, confirmed, told);
        } else {
            sessions.confirmed(m.session, confirmed);
        }
    }

    /**
     * Applies the commands. Returns whether they ended this node's registration.
     *
     * @param done what was applied before a crash, null for nothing
     */
    private boolean run(BrokerMachine machine, BatchCodec.Header h, byte[] bytes, Progress done) {
        ByteReader trailer = new ByteReader(bytes, h.trailer(), h.end() - h.trailer());
        for (long holders = trailer.varint(); holders > 0; holders--) {
            long holder = trailer.varint();
            long[] ranges = CommandCodec.readRanges(trailer);
            if (done == null) {
                machine.apply(new Settle(holder, Outcome.ACK, ranges), effects);
            }
        }
        int from = done == null ? 0 : begin + done.offset();
        List<Route> routes = BatchCodec.readRoutes(trailer, routeCache);
        InBatch in = new InBatch(h.node(), routes, new Origins(trailer, h.node()));
        ByteReader r = new ByteReader(bytes, h.commands(), h.trailer() - h.commands());
        Batch own = effects.own();
        List<PendingReply> replies = own == null ? List.of() : own.replies;
        int command = 0;
        int next = 0;
        boolean lost = false;
        while (r.hasRemaining()) {
            Command c = CommandCodec.read(r, in);
            if (r.position() <= from) {
                continue;
            }
            if (c instanceof Publish p) {
                publish(machine, p.offset() >= from ? p : p.from(from, done.ordinal()));
                continue;
            }
            PendingReply waits =
                    next < replies.size() && replies.get(next).command() == command ? replies.get(next) : null;
            if (c instanceof CommitTx tx) {
                Reply reply = transaction(machine, tx, from, done);
                if (waits != null) {
                    sessions.answer(waits, reply); // behind what comes back: basic.return before tx.commit-ok
                    next++;
                }
            } else if (waits != null) {
                next++;
                replyFirst(machine, c, waits);
            } else {
                uploads(c, machine.apply(c, effects));
            }
            command++;
            lost |= endsRegistration(machine, c);
        }
        return lost;
    }

    /** A transaction that was begun before a crash was admitted then. */
    private Reply transaction(BrokerMachine machine, CommitTx tx, int from, Progress done) {
        Publish p = tx.publishes();
        boolean begun = done != null && p.offset() < from;
        if (begun) {
            machine.resumeTransaction();
        }
        Reply reply = begun ? Reply.OK : machine.admit(tx, effects);
        if (reply == Reply.OK) {
            publish(machine, begun ? p.from(from, done.ordinal()) : p);
        }
        return reply;
    }

    /** A long run is written in slices: what the store gathers and the bodies that memory must keep till then are bounded. */
    private void publish(BrokerMachine machine, Publish p) {
        effects.publishes(p);
        while (machine.publish(p, effects)) {
            replica.commit(m -> m.commitWithin(number, begin));
        }
    }

    /** Remembers where an own upload is kept, in case that its message has to go back. */
    private void uploads(Command c, Reply reply) {
        if (effects.own() == null) {
            return;
        }
        if (c instanceof BodyPart p && reply instanceof Reply.Uploaded u) {
            ClientSession s = effects.session(p.connection());
            if (s != null) {
                s.uploaded(p.upload(), u.shared());
            }
        } else if (c instanceof DropUpload d) {
            ClientSession s = effects.session(d.connection());
            if (s != null) {
                s.endUpload(d.upload());
            }
        }
    }

    /** The client hears the reply before what the command set off: basic.consume-ok before the first basic.deliver. */
    private void replyFirst(BrokerMachine machine, Command c, PendingReply pending) {
        sessions.holdBack();
        Reply reply = machine.apply(c, effects);
        sessions.letGo(pending, reply);
    }

    private boolean endsRegistration(BrokerMachine machine, Command c) {
        if (c instanceof NodeLost l) {
            return l.epoch() == outbox.epoch() && l.node().equals(node) && machine.isLost(node);
        }
        return c instanceof NodeUp u && u.epoch() > outbox.epoch() && u.node().equals(node);
    }

    /** All connections of this node are void: their sessions end, and the node registers with a higher epoch. */
    public void registerAnew(BrokerMachine machine) {
        effects.serve(false);
        long old = outbox.epoch();
        long epoch = epochs.after(Math.max(machine.epochOf(node), old));
        Outbox.Ended ended = outbox.register(epoch);
        String reason = "node " + node + " was cut off from its cluster for too long; connect again";
        for (ClientSession s : ended.sessions()) {
            s.end();
            sessions.tell(s, new SessionEvent.Closed(reason));
        }
        Reply refused = new Reply.Rejected(541, Reply.Reason.FENCED, reason);
        for (PendingReply p : ended.replies()) {
            if (p.future() != null) {
                sessions.answerLater(p, refused);
            }
        }
        if (old != 0) {
            metrics.registrations.increment();
            LOG.warn(
                    "The registration of node {} with epoch {} has ended: {} connections are closed; the new epoch is {}",
                    node,
                    old,
                    ended.sessions().size(),
                    epoch);
        }
    }

    /** Another state took the place of the one applied to: what happened in between is not known. */
    public void restart(BrokerMachine machine) {
        dirty = false;
        unwrittenBytes = 0;
        time = machine.clock();
        registerAnew(machine);
        flush();
    }

    /** Whether the last entry left work for later ones. */
    public boolean owes() {
        return owes;
    }

    /** As of the last entry; see {@link BrokerMachine#nextDue}. */
    public long nextDue() {
        return nextDue;
    }

    /** The replicated time as of the last entry, or of the store where none was applied yet, in milliseconds since 1970. */
    public long time() {
        return time;
    }

    /** Whether somebody on this node waits for the next {@link #tell}. */
    public boolean isAwaited() {
        return ownApplied || !sessions.isEmpty();
    }

    /**
     * Tells the sessions. They need not wait for the store: what they hear of lies in the log, from which the store gets it again after a
     * crash, and the messages that it has not are in memory.
     */
    public void tell() {
        if (ownApplied) {
            metrics.phases().of(Phase.APPLY).add(System.nanoTime() - ownBegun);
        }
        ownApplied = false;
        sessions.dispatch();
        if (outbox.turnedWritable()) {
            List<SessionEvent> row = List.of(new SessionEvent.Writable());
            outbox.sessions().forEach(s -> s.post(row));
        }
    }

    /** Tells the sessions and writes what was applied. */
    public void flush() {
        tell();
        if (!dirty) {
            return;
        }
        final long begun = System.nanoTime();
        replica.lock();
        try {
            replica.commit(m -> m.commit(term, index));
        } finally {
            replica.unlock();
        }
        dirty = false;
        unwrittenBytes = 0;
        metrics.flushes.increment();
        metrics.flushNanos.add(System.nanoTime() - begun);
    }
}
