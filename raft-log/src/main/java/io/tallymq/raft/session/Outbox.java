package io.tallymq.raft.session;

import io.tallymq.broker.Broker;
import io.tallymq.broker.Session.Content;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.PolicyWork;
import io.tallymq.raft.anatomy.ConfirmPhases;
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
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ConcurrentHashMap<Long, ClientSession> sessions = new ConcurrentHashMap<>();

    private final SendQueue queue;
    /** What gathers in the queue. */
    private final BatchBuilder building;

    private final Writability writability;

    private final CommandWork commandWork;
    private final NodeReplies replies = NodeReplies.ofHeap();

    private long nextConnection = 1;
    private final AtomicLong nextUpload = new AtomicLong(1);
    private long generation;
    private boolean closed;

    private volatile long connections;

    /**
     * Empty; for one start of a node.
     *
     * @param node this node's id
     * @param nanoTime as {@link System#nanoTime}
     * @param fullMachine whether all processors are in use: then a batch waits longer for more
     * @param policies what declares cost
     */
    public Outbox(
            String node,
            RuntimeTuning tuning,
            LongSupplier nanoTime,
            BooleanSupplier fullMachine,
            PolicyWork policies) {
        this.node = node;
        this.limits = tuning.batches();
        this.nanoTime = nanoTime;
        this.queue = new SendQueue(node, tuning, nanoTime, fullMachine, work::signal);
        this.building = queue.gathering();
        this.writability = new Writability(limits.pendingBytes());
        this.commandWork = new CommandWork(policies);
    }

    /** For one without policies. */
    Outbox(String node, RuntimeTuning tuning, LongSupplier nanoTime, BooleanSupplier fullMachine) {
        this(node, tuning, nanoTime, fullMachine, (vhost, name) -> 0);
    }

    /** Before anything is put in: where the time of batches is counted, and that of messages noted. */
    public void measure(ConfirmPhases confirmPhases, Tracing tracing) {
        queue.measure(confirmPhases, tracing);
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
            ClientSession session = new ClientSession(id, listener, loop, this, replies, mayDeliver);
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
                building.published(s, bound);
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
                building.published(s, part.bodyLength());
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
            if (enter(s, bound, BatchBuilder.work(settles))) {
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

    /** How much a command is, for who puts it in. Any thread; holds nothing up. */
    public int units(Command command) {
        return commandWork.units(command);
    }

    /**
     * @param work its {@link #units}
     * @param mayEnd whether it ends its channel when it is refused
     */
    void command(ClientSession s, ByteWriter encoded, int work, boolean mayEnd, Consumer<Reply> onReply) {
        checkSize(encoded);
        lock.lock();
        try {
            if (enter(s, encoded.size() + COMMAND_OVERHEAD, work)) {
                building.command(encoded, work);
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
     * @param work its {@link #units}
     * @param future gets the reply, or an {@link IllegalStateException} when the node is stopping
     * @throws IllegalArgumentException it does not fit one batch
     */
    public void command(ByteWriter encoded, int work, CompletableFuture<Reply> future) {
        checkSize(encoded);
        lock.lock();
        try {
            if (closed) {
                future.completeExceptionally(new IllegalStateException("The node is stopping."));
                return;
            }
            queue.room(encoded.size() + COMMAND_OVERHEAD, work);
            building.command(encoded, work);
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
    boolean isWritable(boolean publisher, boolean unconfirmed) {
        return writability.isWritable(publisher, unconfirmed);
    }

    private boolean enter(ClientSession s, int bytes) {
        return enter(s, bytes, 1);
    }

    private boolean enter(ClientSession s, int bytes, int work) {
        if (closed || s.generation != generation) {
            return false;
        }
        queue.room(bytes, work);
        queue.from(s.sender);
        return true;
    }

    private void added() {
        queue.added();
        writability.grown(queue.pending(), queue.pendingUnconfirmed());
    }

    // ---- the submitter

    /** Waits for the next batch to send; null when closed. */
    Batch take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                Batch due = queue.due();
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
            return closed ? null : queue.due();
        } finally {
            lock.unlock();
        }
    }

    /** Until something may be due. */
    private void await() throws InterruptedException {
        long idle = queue.idle();
        if (idle == SendQueue.UNTIL_WOKEN) {
            work.await();
        } else {
            work.awaitNanos(idle);
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
                queue.disconnected();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A batch was refused for a reason that passes. Any thread. */
    public void retryLater() {
        lock.lock();
        try {
            queue.refused();
        } finally {
            lock.unlock();
        }
    }

    /** Who refused a batch may take it now. Any thread. */
    public void goOn() {
        lock.lock();
        try {
            queue.goOn();
        } finally {
            lock.unlock();
        }
    }

    /** There is a leader to send to, and what was sent before may be lost: all of it goes again. Any thread. */
    public void connected() {
        lock.lock();
        try {
            connections = connections + 1; // under the lock
            queue.connected();
        } finally {
            lock.unlock();
        }
    }

    // ---- the applying thread

    long epoch() {
        return queue.epoch();
    }

    /** A batch with this node's epoch and number {@code seq} is applied. Returns it; null if it was not sent from here. */
    Batch answered(long seq) {
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            Batch head = queue.answered(seq, now);
            if (head != null) {
                writability.answered(head, now - head.sentAt, now, queue.pending());
            }
            return head;
        } finally {
            lock.unlock();
        }
    }

    /** An entry is applied. As {@link PendingLimit#applied}. */
    boolean applied(boolean behind) {
        lock.lock();
        try {
            return writability.applied(behind);
        } finally {
            lock.unlock();
        }
    }

    /** An earlier batch of this node is missing in the log. */
    void gap() {
        lock.lock();
        try {
            queue.gap();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #isWritable} just turned true for some: then all sessions have to hear it. */
    boolean turnedWritable() {
        if (writability.isOpen()) {
            return false;
        }
        lock.lock();
        try {
            return writability.shrunk(queue.pending(), queue.pendingUnconfirmed());
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
            return new Ended(old, queue.register(newEpoch));
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
            return queue.tick(certain);
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
            return queue.load();
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
            return queue.waiting();
        } finally {
            lock.unlock();
        }
    }
}
