package io.tallymq.raft.session;

import io.tallymq.broker.Broker;
import io.tallymq.broker.Session.Content;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.anatomy.ConfirmPhases;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.pace.RareSenders;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What this node wants in the log: the gathering batch, those that wait to be sent, and those that are sent but not seen
 * applied. All sessions put in, the submitter takes out, the applying thread strikes off. One lock, held for the
 * time of copying one message at most.
 */
public final class Outbox {
    /** Most that a command has beside its fields: kind, connection, numbers. */
    private static final int COMMAND_OVERHEAD = 64;

    /** A message whose body was uploaded in parts. */
    record Upload(int channel, long seq, long upload, long bodyLength) {}

    private final String node;
    private final RuntimeTuning.Batches limits;
    private final LongSupplier nanoTime;
    private final BooleanSupplier fullMachine;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ConcurrentHashMap<Long, ClientSession> sessions = new ConcurrentHashMap<>();

    private final BatchBuilder building;
    private final SealedBatches sealed = new SealedBatches();
    private final Resending resending;
    private final Linger linger;
    private final RareSenders rare = new RareSenders();
    private final PendingLimit pendingLimit;
    /** Null: nobody measures. */
    private ConfirmPhases phases;
    /** Publishes, acks and commands in the gathering batch. */
    private int gathered;

    private long nextSeq;
    private long nextConnection = 1;
    private final AtomicLong nextUpload = new AtomicLong(1);
    private long generation;
    private boolean registered;
    private boolean closed;
    /** The size of the gathering batch from which on the submitter wants to be woken. */
    private int wakeAt = Integer.MAX_VALUE;

    private volatile long connections;
    private volatile long epoch;
    /** Room for what publishers send. */
    private volatile boolean writable = true;
    /** No room for anything, such as acks and declarations without end. */
    private volatile boolean full;

    /**
     * Empty; for one start of a node.
     *
     * @param node this node's id
     * @param nanoTime as {@link System#nanoTime}
     * @param fullMachine whether all processors are in use: then a batch waits longer for more
     */
    public Outbox(String node, RuntimeTuning tuning, LongSupplier nanoTime, BooleanSupplier fullMachine) {
        this.node = node;
        this.limits = tuning.batches();
        this.nanoTime = nanoTime;
        this.fullMachine = fullMachine;
        this.building = new BatchBuilder(node);
        this.linger = new Linger(tuning.batches().linger().toNanos());
        this.pendingLimit = new PendingLimit(tuning.batches().pendingBytes());
        this.resending = new Resending(tuning.timing(), nanoTime.getAsLong());
    }

    /** Before anything is put in: where the time of batches is counted, and that of messages noted. */
    public void measure(ConfirmPhases confirmPhases, Tracing tracing) {
        phases = confirmPhases;
        building.trace(tracing);
    }

    // ---- sessions, on their event loops

    /**
     * A new session of this node; what it puts in before the node's registration is applied waits so long.
     *
     * @param loop runs one thing at a time, in order: there the session is used, and the listener told
     * @param mayDeliver whether the session may hand out messages at this moment
     */
    public ClientSession connect(SessionListener listener, Executor loop, Predicate<ClientSession> mayDeliver) {
        lock.lock();
        try {
            ConnectionId id = new ConnectionId(node, nextConnection++);
            ClientSession session = new ClientSession(id, listener, loop, this, mayDeliver);
            session.generation = generation;
            sessions.put(id.number(), session);
            return session;
        } finally {
            lock.unlock();
        }
    }

    /** The session with this number, or null. Any thread. */
    ClientSession session(long number) {
        return sessions.get(number);
    }

    /** All that are connected, as a view that changes. Any thread. */
    public Collection<ClientSession> sessions() {
        return sessions.values();
    }

    void forget(ClientSession session) {
        sessions.remove(session.id().number(), session);
    }

    void message(ClientSession s, int channel, long seq, PublishTarget target, Content content) {
        if (content.bodyLength() > Broker.PART_SIZE) {
            throw new IllegalArgumentException("A body of " + content.bodyLength() + " bytes in one piece: upload it in"
                    + " parts of " + Broker.PART_SIZE + " bytes.");
        }
        int bound = BatchBuilder.messageBound(target, content, content.bodyLength());
        lock.lock();
        try {
            if (enter(s, bound)) {
                building.message(s, channel, seq, target, content);
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    long nextUpload() {
        return nextUpload.getAndIncrement();
    }

    void part(ClientSession s, long upload, Content part) {
        if (part.bodyLength() > Broker.PART_SIZE) {
            throw new IllegalArgumentException(
                    "A part of " + part.bodyLength() + " bytes: parts have at most " + Broker.PART_SIZE + " bytes.");
        }
        lock.lock();
        try {
            if (enter(s, part.bodyLength() + COMMAND_OVERHEAD)) {
                building.part(s.id(), upload, part);
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    void uploadedMessage(ClientSession s, Upload upload, PublishTarget target, Content properties) {
        int bound = BatchBuilder.messageBound(target, properties, MessageRecord.EXTERNAL_LENGTH);
        lock.lock();
        try {
            if (enter(s, bound)) {
                building.uploadedMessage(s, target, properties, upload.upload(), upload.bodyLength());
                building.mark(s, upload.channel(), upload.seq());
                building.trace(s, upload.channel(), target, properties.trace(), true);
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    /** All of it is in one batch. */
    void transaction(
            ClientSession s, int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply) {
        int bound = COMMAND_OVERHEAD + BatchBuilder.transactionBound(settles, publishes);
        lock.lock();
        try {
            if (enter(s, bound)) {
                building.transaction(s, channel, settles, publishes);
                s.mayEndIn(building.serial());
                building.reply(s, onReply);
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    void ack(ClientSession s, long holder, long firstSeq, long lastSeq) {
        lock.lock();
        try {
            if (enter(s, BatchBuilder.ackBound())) {
                building.ack(s, holder, firstSeq, lastSeq);
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    /** @param mayEnd whether it ends its channel when it is refused */
    void command(ClientSession s, ByteWriter encoded, boolean mayEnd, Consumer<Reply> onReply) {
        checkSize(encoded);
        lock.lock();
        try {
            if (enter(s, encoded.size() + COMMAND_OVERHEAD)) {
                building.command(encoded);
                if (mayEnd) {
                    s.mayEndIn(building.serial());
                }
                if (onReply != null) {
                    building.reply(s, onReply);
                }
                added();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * A command of nobody's session. Any thread; waits for no disk.
     *
     * @param encoded is copied
     * @param future gets the reply, or an {@link IllegalStateException} when the node is stopping
     * @throws IllegalArgumentException it does not fit one batch
     */
    public void command(ByteWriter encoded, CompletableFuture<Reply> future) {
        checkSize(encoded);
        lock.lock();
        try {
            if (closed) {
                future.completeExceptionally(new IllegalStateException("The node is stopping."));
                return;
            }
            room(encoded.size() + COMMAND_OVERHEAD);
            building.command(encoded);
            building.reply(future);
            added();
        } finally {
            lock.unlock();
        }
    }

    private void checkSize(ByteWriter encoded) {
        if (encoded.size() > limits.hard()) {
            throw new IllegalArgumentException(
                    "A command of " + encoded.size() + " bytes: at most " + limits.hard() + " bytes fit one batch.");
        }
    }

    /** False while more is pending than who asks may add to. Any thread. */
    boolean isWritable(boolean publisher) {
        return publisher ? writable : !full;
    }

    private boolean enter(ClientSession s, int bytes) {
        if (closed || s.generation != generation) {
            return false;
        }
        room(bytes);
        if (gathered < Linger.LEAST) {
            rare.sends(s.sender, building.serial(), nanoTime.getAsLong());
            if (rare.isFrequentIn() && linger.frequent()) {
                wakeAt = wakeSize();
            }
        }
        return true;
    }

    private void room(int bytes) {
        if (!building.fits(bytes, limits.hard())) {
            sealed.add(seal());
        }
        if (building.isEmpty()) {
            building.since(nanoTime.getAsLong());
        }
    }

    private void added() {
        gathered++;
        if (building.size() >= wakeAt) {
            wakeAt = Integer.MAX_VALUE;
            work.signal();
        }
        if (writable && pending() > pendingLimit.bytes()) {
            writable = false;
        }
        if (!full && pending() > limits.pendingBytes()) {
            full = true;
        }
    }

    private Batch seal() {
        boolean patient = rare.areAll();
        linger.sent(gathered);
        rare.sealed();
        gathered = 0;
        return building.seal(epoch, nextSeq++, patient);
    }

    private long pending() {
        return (building.isEmpty() ? 0 : building.size()) + sealed.bytes();
    }

    // ---- the submitter

    /** Waits for the next batch to send; null when closed. */
    Batch take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Batch due = due();
                if (due != null) {
                    return due;
                }
                await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** The next batch if one may be sent now, else null. */
    Batch poll() {
        lock.lock();
        try {
            return closed ? null : due();
        } finally {
            lock.unlock();
        }
    }

    private Batch due() {
        long now = nanoTime.getAsLong();
        if (resending.isPaused()) {
            if (resending.pauseLeft(now) > 0) {
                wakeAt = Integer.MAX_VALUE;
                return null;
            }
            resending.resume(sealed.unanswered(), now);
        }
        if (linger.isActive() && linger.left(now) <= 0) {
            linger.over();
        }
        Batch next = next(now);
        if (next == null) {
            wakeAt = wakeSize();
        }
        return next;
    }

    /** Until something may be due. */
    private void await() throws InterruptedException {
        if (resending.isPaused()) {
            work.awaitNanos(resending.pauseLeft(nanoTime.getAsLong()));
        } else if (linger.isActive()) {
            work.awaitNanos(linger.left(nanoTime.getAsLong()));
        } else {
            work.await();
        }
    }

    private Batch next(long now) {
        for (Batch again = resending.next(); again != null; again = resending.next()) {
            if (again.epoch == epoch && sealed.isUnanswered(again)) {
                return again;
            }
        }
        if (!registered && !sealed.unanswered().isEmpty() || sealed.sentBytes() >= limits.inFlightBytes()) {
            return null;
        }
        Batch next = sealed.send(now);
        if (next == null && registered && !building.isEmpty() && building.size() >= wakeSize()) {
            next = seal();
            sealed.sent(next, now);
        }
        if (next != null && phases != null) {
            phases.of(Phase.GATHER).add(now - next.since, now);
        }
        return next;
    }

    /** How large the gathering batch has to be to be sent at once. */
    private int wakeSize() {
        if (resending.isPaused() || !registered || sealed.sentBytes() >= limits.inFlightBytes()) {
            return Integer.MAX_VALUE;
        }
        return sealed.unanswered().size() < limits.inFlight() && !linger.isActive() ? 1 : limits.soft();
    }

    private void wake() {
        wakeAt = wakeSize();
        boolean waiting = !sealed.noneReady() && sealed.sentBytes() < limits.inFlightBytes();
        if (!resending.isEmpty() || waiting || !building.isEmpty() && building.size() >= wakeAt) {
            wakeAt = Integer.MAX_VALUE;
            work.signal();
        }
    }

    /** Number of {@link #connected} so far. Any thread. */
    long connections() {
        return connections;
    }

    /** There is nobody to send to, unless {@link #connected} was called since {@code connections} was asked. */
    void disconnected(long seen) {
        lock.lock();
        try {
            if (connections == seen) {
                resending.disconnected(nanoTime.getAsLong());
            }
        } finally {
            lock.unlock();
        }
    }

    /** A batch was refused for a reason that passes. Any thread. */
    public void retryLater() {
        lock.lock();
        try {
            resending.refused(nanoTime.getAsLong());
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** There is a leader to send to, and what was sent before may be lost: all of it goes again. Any thread. */
    public void connected() {
        lock.lock();
        try {
            connections = connections + 1; // under the lock
            resending.resume(sealed.unanswered(), nanoTime.getAsLong());
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    // ---- the applying thread

    long epoch() {
        return epoch;
    }

    /** A batch with this node's epoch and number {@code seq} is applied. Returns it; null if it was not sent from here. */
    Batch answered(long seq) {
        lock.lock();
        try {
            Batch head = sealed.answered(seq);
            if (head == null) {
                return null;
            }
            registered = true;
            long now = nanoTime.getAsLong();
            resending.progress(now);
            if (phases != null) {
                phases.of(Phase.JOURNEY).add(now - head.sentAt, now);
            }
            pendingLimit.answered(head.bytes.length, now - head.sentAt, now, pending() > 0);
            if (linger.answered(gathered, now, now - head.sentAt, fullMachine.getAsBoolean(), rare.areAll())) {
                work.signal();
            }
            wake();
            return head;
        } finally {
            lock.unlock();
        }
    }

    /** An earlier batch of this node is missing in the log. */
    void gap() {
        lock.lock();
        try {
            resending.gap(sealed.unanswered(), nanoTime.getAsLong());
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #isWritable} just turned true: then all sessions have to hear it. */
    boolean turnedWritable() {
        if (writable) {
            return false;
        }
        lock.lock();
        try {
            writable = pending() <= pendingLimit.bytes() / 2;
            full &= !writable;
            return writable;
        } finally {
            lock.unlock();
        }
    }

    /** Who has to learn that a registration has ended. */
    record Ended(List<ClientSession> sessions, List<PendingReply> replies) {}

    /** Drops everything of the old registration and begins one with a higher epoch. */
    Ended register(long newEpoch) {
        lock.lock();
        try {
            final List<ClientSession> old = new ArrayList<>(sessions.values());
            sessions.clear();
            generation++;
            List<PendingReply> waiting = waiting();
            sealed.clear();
            resending.clear();
            registered = false;
            epoch = newEpoch;
            nextSeq = 0;
            ByteWriter w = new ByteWriter();
            CommandCodec.write(w, node, new NodeUp(node, newEpoch));
            room(w.size());
            building.command(w);
            sealed.add(seal());
            work.signal();
            return new Ended(old, waiting);
        } finally {
            lock.unlock();
        }
    }

    // ---- the clock

    /**
     * Sends again what was lost without a trace.
     *
     * @param certain what was sent is not lost now
     * @return for how many nanoseconds something has been pending without any progress, 0 when nothing is
     */
    public long tick(boolean certain) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            Batch head = sealed.unanswered().peek();
            if (head != null && !certain && resending.tick(sealed.unanswered(), head, now)) {
                work.signal();
            }
            Batch oldest = sealed.oldest();
            if (oldest == null && building.isEmpty()) {
                return 0;
            }
            long since = oldest != null ? oldest.since : building.since();
            return Math.max(0, now - Math.max(since, resending.lastProgress()));
        } finally {
            lock.unlock();
        }
    }

    /** Sent and not applied: batches; gathered or sent and not applied: bytes and messages. */
    public record Load(int inFlight, long pendingBytes, long messages) {}

    /** What this node has under way. Any thread. */
    public Load load() {
        lock.lock();
        try {
            return new Load(sealed.unanswered().size(), pending(), building.messages() + sealed.messages());
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the submitter for its end and returns who waits in vain. */
    public List<PendingReply> close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            return waiting();
        } finally {
            lock.unlock();
        }
    }

    /** Who waits for an answer to what was sealed or gathers, and the gathering batch is empty then. */
    private List<PendingReply> waiting() {
        List<PendingReply> waiting = sealed.replies();
        waiting.addAll(building.discard());
        return waiting;
    }
}
