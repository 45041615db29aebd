package io.tallymq.raft.session;

import java.util.ArrayDeque;
import java.util.Collection;

/**
 * When what was sent is sent again: at a new leader or link, after a refusal that passes, when the log misses a batch, and when
 * nothing comes back for long. What arrives twice is dropped by the machine. Guarded by the {@link Outbox}.
 */
final class Resending {
    /** Pauses double up to this many times while nothing is applied. */
    private static final int MAX_DOUBLINGS = 5;

    private final RuntimeTuning.Timing timing;
    private final ArrayDeque<Batch> queue = new ArrayDeque<>();
    private boolean paused;
    private long pausedUntil;
    private boolean gapSeen;
    private long progress;
    private long repeated;
    private int timeouts;
    private int refusals;

    Resending(RuntimeTuning.Timing timing, long now) {
        this.timing = timing;
        this.progress = now;
        this.repeated = now;
    }

    /** The next batch that goes again, or null. */
    Batch next() {
        return queue.poll();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Nothing may be sent at the moment. */
    boolean isPaused() {
        return paused;
    }

    /** Nanoseconds until something may be sent although nobody said so. */
    long pauseLeft(long now) {
        return pausedUntil - now;
    }

    /** There is nobody to send to. */
    void disconnected(long now) {
        paused = true;
        pausedUntil = now + timing.resendAfter().toNanos();
    }

    /** A batch was refused for a reason that passes. What is refused in a pause was sent before it, often in the same entry: it is the same refusal. */
    void refused(long now) {
        if (paused) {
            return;
        }
        paused = true;
        pausedUntil = now + (timing.retryAfter().toNanos() << Math.min(refusals++, MAX_DOUBLINGS));
    }

    /** Another leader or link: what was refused before says nothing of it. */
    void connected(Collection<Batch> unanswered, long now) {
        refusals = 0;
        resume(unanswered, now);
    }

    /** Ends a pause: all of {@code unanswered} goes again. */
    void resume(Collection<Batch> unanswered, long now) {
        paused = false;
        repeat(unanswered, now);
    }

    /** The log misses a batch. Only the first gap before progress counts: the others are its echo. */
    void gap(Collection<Batch> unanswered, long now) {
        if (!gapSeen && !paused) {
            gapSeen = true;
            repeat(unanswered, now);
        }
    }

    /** A batch came back. */
    void progress(long now) {
        progress = now;
        gapSeen = false;
        timeouts = 0;
        refusals = 0;
    }

    long lastProgress() {
        return progress;
    }

    /** Sends again when nothing came back for long. Returns whether it does. */
    boolean tick(Collection<Batch> unanswered, Batch oldest, long now) {
        if (paused) {
            return false;
        }
        long quiet = now - Math.max(Math.max(progress, repeated), oldest.since);
        if (quiet <= timing.resendAfter().toNanos() << Math.min(timeouts, MAX_DOUBLINGS)) {
            return false;
        }
        timeouts++;
        gapSeen = false;
        repeat(unanswered, now);
        return true;
    }

    void clear() {
        queue.clear();
    }

    private void repeat(Collection<Batch> unanswered, long now) {
        queue.clear();
        queue.addAll(unanswered);
        repeated = now;
    }
}
