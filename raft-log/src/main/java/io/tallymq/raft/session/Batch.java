package io.tallymq.raft.session;

import java.util.List;

/** A batch as it is sent, and what to do once it is applied. */
final class Batch {
    final long epoch;
    final long seq;
    /** Exactly as long as the batch. */
    final byte[] bytes;

    final int messages;
    /** Bytes of those that were published without confirms, at most. */
    final long unconfirmed;

    final List<Mark> marks;
    final PublishRuns runs;
    final List<PendingReply> replies;
    final List<EndedUpload> uploads;
    /** Mostly none. */
    final List<TracedMessage> traced;
    /** {@link System#nanoTime} of the first thing that was put in. */
    final long since;
    /** {@link System#nanoTime} when it was sent first. Guarded by the outbox. */
    long sentAt;
    /** Somebody else may hold the array: it must not be changed any more. The submitter's business. */
    boolean handedOut;
    /** What is sent: {@link #bytes}, or they packed. Null before the first time. The submitter's business. */
    byte[] wire;
    /** What {@link #wire} said to who leads before the time was stamped over it. The submitter's business. */
    long hinted;

    /** An upload that a message of this batch ends. */
    record EndedUpload(ClientSession session, long upload) {}

    Batch(long epoch, long seq, byte[] bytes, BatchBuilder from) {
        this.epoch = epoch;
        this.seq = seq;
        this.bytes = bytes;
        this.messages = from.messages();
        this.unconfirmed = from.unconfirmed();
        this.marks = from.marks();
        this.runs = from.runs();
        this.replies = from.replies();
        this.uploads = from.uploads();
        this.traced = from.traced();
        this.since = from.since();
    }
}
