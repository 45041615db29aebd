package io.tallymq.raft.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The batches of a node that take nothing more: those that wait to be sent, then those not seen applied. Guarded by the outbox. */
final class SealedBatches {
    private final ArrayDeque<Batch> ready = new ArrayDeque<>();
    private final ArrayDeque<Batch> unanswered = new ArrayDeque<>();
    private long readyBytes;
    private long sentBytes;
    private long unconfirmed;

    /** It waits for its turn. */
    void add(Batch batch) {
        ready.add(batch);
        readyBytes += batch.bytes.length;
        unconfirmed += batch.unconfirmed;
    }

    /** The next one that waits is sent now; null for none. */
    Batch send(long now) {
        Batch next = ready.poll();
        if (next != null) {
            readyBytes -= next.bytes.length;
            unconfirmed -= next.unconfirmed;
            sent(next, now);
        }
        return next;
    }

    /** It did not wait. */
    void sent(Batch batch, long now) {
        batch.sentAt = now;
        unanswered.add(batch);
        sentBytes += batch.bytes.length;
        unconfirmed += batch.unconfirmed;
    }

    /** The batch with this number is applied. Returns it if it is the oldest one that was sent, else null: then it is not one of these. */
    Batch answered(long seq) {
        Batch head = unanswered.peek();
        if (head == null || head.seq != seq) {
            return null;
        }
        unanswered.poll();
        sentBytes -= head.bytes.length;
        unconfirmed -= head.unconfirmed;
        return head;
    }

    /** Whether the batch was sent and not seen applied. */
    boolean isUnanswered(Batch batch) {
        return !unanswered.isEmpty() && batch.seq >= unanswered.peek().seq;
    }

    /** Sent and not seen applied, the oldest first. */
    Queue<Batch> unanswered() {
        return unanswered;
    }

    boolean noneReady() {
        return ready.isEmpty();
    }

    /** The oldest of all, null for none. */
    Batch oldest() {
        return unanswered.isEmpty() ? ready.peek() : unanswered.peek();
    }

    long sentBytes() {
        return sentBytes;
    }

    /** Bytes of what was published without confirms, at most. */
    long unconfirmed() {
        return unconfirmed;
    }

    long bytes() {
        return readyBytes + sentBytes;
    }

    /** Messages in all of them. */
    long messages() {
        long messages = 0;
        for (Batch b : unanswered) {
            messages += b.messages;
        }
        for (Batch b : ready) {
            messages += b.messages;
        }
        return messages;
    }

    /** Who waits for an answer to any of them. */
    List<PendingReply> replies() {
        List<PendingReply> waiting = new ArrayList<>();
        unanswered.forEach(b -> waiting.addAll(b.replies));
        ready.forEach(b -> waiting.addAll(b.replies));
        return waiting;
    }

    void clear() {
        unanswered.clear();
        ready.clear();
        sentBytes = 0;
        readyBytes = 0;
        unconfirmed = 0;
    }
}
