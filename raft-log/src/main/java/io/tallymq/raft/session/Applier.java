package io.tallymq.raft.session;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Progress;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
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
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Admission;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Chunk;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.anatomy.Times;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.RouteCache;
import io.tallymq.raft.pace.Pacer;
import java.util.ArrayList;
import java.util.Arrays;
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
public final class Applier implements Effects {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    /** Units of work of publishes after which the state is written although nobody waits; see {@link BrokerMachine#unwritten}. */
    static final long MOST_UNWRITTEN = 32_768;

    /** Octets of commands, unpacked, after which the state is written: so much of the messages lies in memory beside its budgets. */
    static final long MOST_UNWRITTEN_BYTES = 4 << 20;

    private final String node;
    private final Replica replica;
    private final Outbox outbox;
    private final Epochs epochs;
    private final Pacer pacer;
    private final RuntimeMetrics metrics;
    private final Tracing tracing;
    private final Executor answering;
    private final BatchCodec.Names names = new BatchCodec.Names();
    private final RouteCache routeCache = new RouteCache();
    private final List<ClientSession> touched = new ArrayList<>();
    private final LZ4SafeDecompressor lz4 = LZ4Factory.fastestInstance().safeDecompressor();
    private final List<Runnable> answers = new ArrayList<>();
    /** What a command set off waits until its reply is told. */
    private boolean holdBack;

    private final List<ClientSession> heldSessions = new ArrayList<>();
    private final List<SessionEvent> heldEvents = new ArrayList<>();
    /** This node's registration is applied: effects for its connections concern sessions of now. */
    private boolean serving;

    private long term;
    private long index = -1;
    private long time;
    private boolean dirty;
    /** Octets of commands that were applied and not written. */
    private long unwrittenBytes;
    /** The state has work left for later entries. */
    private boolean owes;
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
    /** One of those who hear of a confirm with the next {@link #tell}: how long its socket takes is measured for all of them. */
    private ClientSession measured;

    // While an own batch is applied: the batch, and the message that effects were last asked about.
    private Batch own;
    private Publish run;
    private int cursorOrdinal;
    private int cursor;

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
        this.answering = answering;
        this.pacer = pacer;
        this.node = node;
        this.replica = replica;
        this.outbox = outbox;
        this.epochs = epochs;
        this.metrics = metrics;
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
        metrics.entries.increment();
        metrics.entryBytes.add(length);
        metrics.applyNanos.add(System.nanoTime() - begun);
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
                    if (mine && !serving) {
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
        BrokerMachine machine = replica.lock();
        try {
            if (batches) {
                machine.applied(entryTerm, entryIndex, this);
            } else {
                machine.advanced(entryTerm, entryIndex);
            }
            owes = machine.owes();
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
        if (full) {
            flush();
        }
    }

    private void accepted(BrokerMachine machine, Stamp entry, BatchCodec.Header h, byte[] bytes, boolean mine) {
        own = mine ? outbox.answered(h.seq()) : null;
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
        serving |= own != null;
        if (traced != null) {
            tracing.applied(entry, number, h, traced, own);
        }
        if (own != null) {
            for (Batch.EndedUpload u : own.uploads) {
                u.session().endUpload(u.upload());
            }
            for (Mark m : own.marks) {
                confirm(m);
            }
            metrics.ownBatches.increment();
            metrics.ownMessages.add(own.messages);
        }
        own = null;
        run = null;
        if (lost) {
            registerAnew(machine);
        }
    }

    private void confirm(Mark m) {
        SessionEvent confirmed = new SessionEvent.Confirmed(m.channel, m.lastSeq);
        if (m.waitsFor != 0 || pacer.holds(m.session)) {
            Runnable told = own.traced.isEmpty() ? null : tracing.heldBack(m);
            pacer.hold(m.waitsFor, m.session, m.waiting, () -> m.session.post(List.of(confirmed), told));
        } else {
            measured = m.session;
            tell(m.session, confirmed);
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
                machine.apply(new Settle(holder, Outcome.ACK, ranges), this);
            }
        }
        int from = done == null ? 0 : begin + done.offset();
        List<Route> routes = BatchCodec.readRoutes(trailer, routeCache);
        InBatch in = new InBatch(h.node(), routes, new Origins(trailer, h.node()));
        ByteReader r = new ByteReader(bytes, h.commands(), h.trailer() - h.commands());
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
                    answer(waits, reply); // behind what comes back: basic.return before tx.commit-ok
                    next++;
                }
            } else if (waits != null) {
                next++;
                replyFirst(machine, c, waits);
            } else {
                uploads(c, machine.apply(c, this));
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
        Reply reply = begun ? Reply.OK : machine.admit(tx, this);
        if (reply == Reply.OK) {
            publish(machine, begun ? p.from(from, done.ordinal()) : p);
        }
        return reply;
    }

    /** A long run is written in slices: what the store gathers and the bodies that memory must keep till then are bounded. */
    private void publish(BrokerMachine machine, Publish p) {
        run = p;
        cursor = p.offset();
        cursorOrdinal = p.first();
        while (machine.publish(p, this)) {
            replica.commit(m -> m.commitWithin(number, begin));
        }
    }

    /** Remembers where an own upload is kept, in case that its message has to go back. */
    private void uploads(Command c, Reply reply) {
        if (own == null) {
            return;
        }
        if (c instanceof BodyPart p && reply instanceof Reply.Uploaded u) {
            ClientSession s = session(p.connection());
            if (s != null) {
                s.uploaded(p.upload(), u.shared());
            }
        } else if (c instanceof DropUpload d) {
            ClientSession s = session(d.connection());
            if (s != null) {
                s.endUpload(d.upload());
            }
        }
    }

    /** The client hears the reply before what the command set off: basic.consume-ok before the first basic.deliver. */
    private void replyFirst(BrokerMachine machine, Command c, PendingReply pending) {
        holdBack = true;
        Reply reply = machine.apply(c, this);
        holdBack = false;
        answer(pending, reply);
        for (int i = 0; i < heldEvents.size(); i++) {
            tell(heldSessions.get(i), heldEvents.get(i));
        }
        heldSessions.clear();
        heldEvents.clear();
    }

    private boolean endsRegistration(BrokerMachine machine, Command c) {
        if (c instanceof NodeLost l) {
            return l.epoch() == outbox.epoch() && l.node().equals(node) && machine.isLost(node);
        }
        return c instanceof NodeUp u && u.epoch() > outbox.epoch() && u.node().equals(node);
    }

    private void answer(PendingReply pending, Reply reply) {
        if (pending.session() != null) {
            pacer.release(pending.session()); // what it asked before is answered before
            tell(pending.session(), new SessionEvent.Replied(pending.onReply(), reply));
        } else {
            answers.add(() -> pending.future().completeAsync(() -> reply, answering));
        }
    }

    private void tell(ClientSession session, SessionEvent event) {
        if (holdBack) {
            heldSessions.add(session);
            heldEvents.add(event);
        } else if (session.add(event)) {
            touched.add(session);
        }
    }

    /** All connections of this node are void: their sessions end, and the node registers with a higher epoch. */
    public void registerAnew(BrokerMachine machine) {
        serving = false;
        long old = outbox.epoch();
        long epoch = epochs.after(Math.max(machine.epochOf(node), old));
        Outbox.Ended ended = outbox.register(epoch);
        String reason = "node " + node + " was cut off from its cluster for too long; connect again";
        for (ClientSession s : ended.sessions()) {
            s.end();
            tell(s, new SessionEvent.Closed(reason));
        }
        Reply refused = new Reply.Rejected(541, Reply.Reason.FENCED, reason);
        for (PendingReply p : ended.replies()) {
            if (p.future() != null) {
                answers.add(() -> p.future().completeAsync(() -> refused, answering));
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

    /** The replicated time as of the last entry, in milliseconds since 1970. */
    public long time() {
        return time;
    }

    /** Whether somebody on this node waits for the next {@link #tell}. */
    public boolean isAwaited() {
        return ownApplied || !touched.isEmpty() || !answers.isEmpty();
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
        boolean traces = tracing.hasUntold();
        if (traces) {
            tracing.tell();
        }
        for (ClientSession s : touched) {
            Times times = s == measured ? metrics.phases().of(Phase.WRITE) : null;
            s.dispatch(times, traces ? tracing.telling(s) : null);
        }
        measured = null;
        if (traces) {
            tracing.told();
        }
        touched.clear();
        for (Runnable a : answers) {
            a.run();
        }
        pacer.release();
        answers.clear();
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

    // ---- effects

    @Override
    public void deliver(Consumer consumer, Delivery delivery) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            tell(
                    s,
                    new SessionEvent.Delivered(
                            consumer.channel(), consumer.spec().tag(), delivery));
        }
    }

    @Override
    public void consumerCancelled(Consumer consumer) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            tell(
                    s,
                    new SessionEvent.Cancelled(
                            consumer.channel(), consumer.spec().tag(), consumer.number()));
        }
    }

    @Override
    public void grew(Consumer reader, Chunk chunk) {
        ClientSession s = session(reader.connection());
        if (s != null) {
            tell(s, new SessionEvent.Grew(reader.channel(), reader.number(), chunk));
        }
    }

    @Override
    public void ready(Consumer filtering, long[] ranges) {
        ClientSession s = session(filtering.connection());
        if (s != null) {
            tell(s, new SessionEvent.Ready(filtering.channel(), filtering.number(), ranges));
        }
    }

    @Override
    public void timedOut(Consumer consumer, long timeout, long messages) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            tell(s, new SessionEvent.TimedOut(consumer.channel(), consumer.number(), timeout, messages));
        }
    }

    @Override
    public void giveBack(Consumer consumer) {
        ClientSession s = session(consumer.connection());
        if (s != null) {
            tell(s, new SessionEvent.GiveBack(consumer.channel(), consumer.number()));
        }
    }

    @Override
    public void connectionForced(ConnectionId connection, String reason) {
        ClientSession s = session(connection);
        if (s != null) {
            tell(s, new SessionEvent.Forced(reason));
        }
    }

    @Override
    public void connectionClosed(ConnectionId connection, String reason) {
        ClientSession s = session(connection);
        if (s != null) {
            s.end();
            outbox.forget(s);
            tell(s, new SessionEvent.Closed(reason));
        }
    }

    private ClientSession session(ConnectionId id) {
        return serving && id.node().equals(node) ? outbox.session(id.number()) : null;
    }

    @Override
    public void unroutable(int ordinal) {
        if (own == null) {
            return;
        }
        tracing.outcome(own, ordinal, "returned: no route");
        giveBack(ordinal, Reason.NO_ROUTE);
    }

    /** The message comes back to its publisher. */
    private void giveBack(int ordinal, Reason why) {
        byte[] b = run.bytes();
        int at = record(ordinal);
        Route route = run.routes().get(MessageRecord.route(b, at));
        Mark m = own.runs.mark(ordinal);
        if (MessageRecord.isExternal(b, at)) {
            returnUpload(m, own.runs.seq(ordinal), why, route, at);
            return;
        }
        ReturnedMessage message = new ReturnedMessage(
                why,
                route,
                b,
                MessageRecord.propertiesOffset(b, at),
                MessageRecord.propertiesLength(b, at),
                MessageRecord.bodyOffset(b, at),
                MessageRecord.inlineLength(b, at));
        tell(m.session, new SessionEvent.Returned(m.channel, own.runs.seq(ordinal), message));
    }

    private void returnUpload(Mark m, long seq, Reason why, Route route, int at) {
        byte[] b = run.bytes();
        int properties = MessageRecord.propertiesOffset(b, at);
        long upload = MessageRecord.externalId(b, at);
        Long shared = m.session.endUpload(upload);
        if (shared == null) {
            return; // the session has ended, and its uploads with it
        }
        byte[] copied = Arrays.copyOfRange(b, properties, properties + MessageRecord.propertiesLength(b, at));
        ReturnedUpload.StoredBody body = new ReturnedUpload.StoredBody(upload, shared, MessageRecord.bodyLength(b, at));
        tell(m.session, ReturnedUpload.of(m, seq, why, route, copied, body));
    }

    @Override
    public void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {
        ClientSession s = session(to.connection());
        if (s == null) {
            return;
        }
        AddressedReply reply = AddressedReply.of(s, to, run.bytes(), record(ordinal), upload, shared);
        if (reply.isTaken()) {
            tell(s, reply);
        } else {
            metrics.droppedReplies.increment();
            reply.drop();
        }
    }

    @Override
    public void publishing(int first, int end, Backlog queue) {
        if (own == null) {
            return;
        }
        if (!own.traced.isEmpty()) {
            tracing.reaches(own, first, end, queue.name());
        }
        if (queue.confirmsByAll()) {
            own.runs.forEach(
                    first,
                    end,
                    (mark, seq, messages) ->
                            tell(mark.session, new SessionEvent.AwaitsAll(mark.channel, seq, seq + messages - 1)));
        }
        if (pacer.isFull() && pacer.isBehind(queue)) {
            own.runs.forEach(first, end, (mark, seq, messages) -> {
                mark.waitsFor = queue.number();
                mark.waiting += messages;
            });
        }
    }

    @Override
    public void awaitsAll(int ordinal) {
        if (own != null) {
            Mark m = own.runs.mark(ordinal);
            long seq = own.runs.seq(ordinal);
            tell(m.session, new SessionEvent.AwaitsAll(m.channel, seq, seq));
        }
    }

    @Override
    public void publishRefused(int ordinal, Reply.Rejected why) {
        if (own == null) {
            return;
        }
        tracing.outcome(own, ordinal, "refused: " + why.text());
        if (!why.reason().endsPublisher() && MessageRecord.comesBack(run.bytes(), record(ordinal))) {
            giveBack(ordinal, Reason.of(why));
        }
        Mark m = own.runs.mark(ordinal);
        tell(m.session, new SessionEvent.Refused(m.channel, own.runs.seq(ordinal), why));
    }

    /** Where the message's record begins. Ordinals mostly ascend, so the way from the last one is short. */
    private int record(int ordinal) {
        if (ordinal < cursorOrdinal) {
            cursorOrdinal = run.first();
            cursor = run.offset();
        }
        while (cursorOrdinal < ordinal) {
            cursor += MessageRecord.length(run.bytes(), cursor);
            cursorOrdinal++;
        }
        return cursor;
    }
}
