package io.tallymq.raft.session;

import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.raft.anatomy.ConfirmPhases;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.pace.RareSenders;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Which batch is sent next, and when: the gathering one, those that wait to be sent, and those that are sent but not seen applied, in the order of
 * their numbers. Guarded by the {@link Outbox}, which puts in and takes out.
 */
final class SendQueue {
    /** Nothing comes due by itself. */
    static final long UNTIL_WOKEN = Long.MAX_VALUE;

    private final String node;
    private final RuntimeTuning.Batches limits;
    private final LongSupplier nanoTime;
    private final BooleanSupplier fullMachine;
    private final Runnable wakeSubmitter;

    private final BatchBuilder building;
    private final SealedBatches sealed = new SealedBatches();
    private final Resending resending;
    private final Linger linger;
    private final RareSenders rare = new RareSenders();
    /** Null: nobody measures. */
    private ConfirmPhases phases;
    /** Publishes, acks and commands in the gathering batch. */
    private int gathered;
    /** The size of the gathering batch from which on the submitter wants to be woken. */
    private int wakeAt = Integer.MAX_VALUE;

    private long nextSeq;
    private boolean registered;
    private volatile long epoch;

    /**
     * Empty, and nothing is sent before {@link #register}.
     *
     * @param fullMachine whether all processors are in use: then a batch waits longer for more
     * @param wakeSubmitter something may be due
     */
    SendQueue(
            String node,
            RuntimeTuning tuning,
            LongSupplier nanoTime,
            BooleanSupplier fullMachine,
            Runnable wakeSubmitter) {
        this.node = node;
        this.limits = tuning.batches();
        this.nanoTime = nanoTime;
        this.fullMachine = fullMachine;
        this.wakeSubmitter = wakeSubmitter;
        this.building = new BatchBuilder(node);
        this.linger = new Linger(limits.linger().toNanos());
        this.resending = new Resending(tuning.timing(), nanoTime.getAsLong());
    }

    void measure(ConfirmPhases confirmPhases, Tracing tracing) {
        phases = confirmPhases;
        building.trace(tracing);
    }

    // ---- what gathers

    /** The gathering batch: after {@link #room} something is put in, then comes {@link #added}. */
    BatchBuilder gathering() {
        return building;
    }

    /** So many bytes, and units of work, fit into the gathering batch from now on. */
    void room(int bytes, int work) {
        if (!building.fits(bytes, work, limits.hard())) {
            sealed.add(seal());
        }
        if (building.isEmpty()) {
            building.since(nanoTime.getAsLong());
        }
    }

    /** What comes next is of this sender. */
    void from(RareSenders.Sender sender) {
        if (gathered < Linger.LEAST) {
            rare.sends(sender, building.serial(), nanoTime.getAsLong());
            if (rare.isFrequentIn() && linger.frequent()) {
                wakeAt = wakeSize();
            }
        }
    }

    /** Something was put in. */
    void added() {
        gathered++;
        if (building.size() >= wakeAt) {
            wakeAt = Integer.MAX_VALUE;
            wakeSubmitter.run();
        }
    }

    private Batch seal() {
        boolean patient = rare.areAll();
        linger.sent(gathered);
        rare.sealed();
        gathered = 0;
        return building.seal(epoch, nextSeq++, patient);
    }

    // ---- what is sent

    /** The next batch if one may be sent now, else null; then {@link #idle} says when to ask again. */
    Batch due() {
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

    /** Nanoseconds until something may be due although nobody said so, or {@link #UNTIL_WOKEN}. */
    long idle() {
        if (resending.isPaused()) {
            return resending.pauseLeft(nanoTime.getAsLong());
        }
        return linger.isActive() ? linger.left(nanoTime.getAsLong()) : UNTIL_WOKEN;
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

    private void wakeIfDue() {
        wakeAt = wakeSize();
        boolean waiting = !sealed.noneReady() && sealed.sentBytes() < limits.inFlightBytes();
        if (!resending.isEmpty() || waiting || !building.isEmpty() && building.size() >= wakeAt) {
            wakeAt = Integer.MAX_VALUE;
            wakeSubmitter.run();
        }
    }

    // ---- what becomes of it

    /** There is nobody to send to. */
    void disconnected() {
        resending.disconnected(nanoTime.getAsLong());
    }

    /** A batch was refused for a reason that passes. */
    void refused() {
        resending.refused(nanoTime.getAsLong());
        wakeSubmitter.run();
    }

    /** There is a leader to send to, and what was sent before may be lost: all of it goes again. */
    void connected() {
        resending.connected(sealed.unanswered(), nanoTime.getAsLong());
        wakeSubmitter.run();
    }

    /** A pause need not last longer; the next one behind a refusal is as long as it would have been. */
    void goOn() {
        if (resending.isPaused()) {
            resending.resume(sealed.unanswered(), nanoTime.getAsLong());
            wakeSubmitter.run();
        }
    }

    /** An earlier batch of this node is missing in the log. */
    void gap() {
        resending.gap(sealed.unanswered(), nanoTime.getAsLong());
        wakeSubmitter.run();
    }

    /** A batch with this node's epoch and number {@code seq} is applied. Returns it; null if it was not sent from here. */
    Batch answered(long seq, long now) {
        Batch head = sealed.answered(seq);
        if (head == null) {
            return null;
        }
        registered = true;
        resending.progress(now);
        long took = now - head.sentAt;
        if (phases != null) {
            phases.of(Phase.JOURNEY).add(took, now);
        }
        if (linger.answered(gathered, now, took, fullMachine.getAsBoolean(), rare.areAll())) {
            wakeSubmitter.run();
        }
        wakeIfDue();
        return head;
    }

    /** The epoch of what is sent. Any thread. */
    long epoch() {
        return epoch;
    }

    /** Drops everything of the old registration and begins one with a higher epoch. Returns who waited for what is dropped. */
    List<PendingReply> register(long newEpoch) {
        List<PendingReply> waiting = waiting();
        sealed.clear();
        resending.clear();
        registered = false;
        epoch = newEpoch;
        nextSeq = 0;
        ByteWriter w = new ByteWriter();
        CommandCodec.write(w, node, new NodeUp(node, newEpoch));
        room(w.size(), 1);
        building.command(w, 1);
        sealed.add(seal());
        wakeSubmitter.run();
        return waiting;
    }

    /** Who waits for an answer to what was sealed or gathers; the gathering batch is empty then. */
    List<PendingReply> waiting() {
        List<PendingReply> waiting = sealed.replies();
        waiting.addAll(building.discard());
        return waiting;
    }

    /** Sends again what was lost without a trace, unless {@code certain}. Returns nanoseconds without any progress, 0 when nothing is pending. */
    long tick(boolean certain) {
        long now = nanoTime.getAsLong();
        Batch head = sealed.unanswered().peek();
        if (head != null && !certain && resending.tick(sealed.unanswered(), head, now)) {
            wakeSubmitter.run();
        }
        Batch oldest = sealed.oldest();
        if (oldest == null && building.isEmpty()) {
            return 0;
        }
        long since = oldest != null ? oldest.since : building.since();
        return Math.max(0, now - Math.max(since, resending.lastProgress()));
    }

    /** Bytes that are gathered, wait, or are sent and not seen applied. */
    long pending() {
        return (building.isEmpty() ? 0 : building.size()) + sealed.bytes();
    }

    /** Of these, what was published without confirms, at most. */
    long pendingUnconfirmed() {
        return building.unconfirmed() + sealed.unconfirmed();
    }

    Outbox.Load load() {
        return new Outbox.Load(sealed.unanswered().size(), pending(), building.messages() + sealed.messages());
    }
}
