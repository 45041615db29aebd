package io.tallymq.raft.pace;

/**
 * Whether all that gathers for the next batch comes from sessions that send now and then. They lose nothing by a few milliseconds that the batch
 * waits for others like them: a hundred of them cost an entry each otherwise, and an entry costs more than what is in it. A session that waits for
 * each confirm before it sends again does lose, and it is known by its pace: whoever sent less than {@link #RARE_NANOS} ago is none of them, whether
 * with waits or without. Nor is there anything to wait for where few send at all. Guarded by the outbox.
 */
public final class RareSenders {
    /**
     * Ten times what a batch waits by default, five times what it and then its entry wait: who sends no sooner again sends a fifth less by it at most, if he
     * waits for the confirm first.
     */
    static final long RARE_NANOS = 80_000_000;
    /** So many have to have sent in a window: a few rare messages would wait for nobody. */
    static final int LEAST = 16;

    static final long WINDOW_NANOS = 100_000_000;

    /** When a session sent last. Guarded by the outbox. */
    public static final class Sender {
        private long at;
        /** The batch it sent in, 0 for none yet: what it sends in one batch counts once. */
        private long batch;
    }

    private boolean frequent;
    private long windowSince;
    private int inWindow;
    private int inLastWindow;

    /** Something of this session gathers in this batch, numbered from 1. */
    public void sends(Sender sender, long batch, long now) {
        if (sender.batch == batch) {
            return;
        }
        frequent |= sender.batch != 0 && now - sender.at < RARE_NANOS;
        sender.at = now;
        sender.batch = batch;
        count(now);
    }

    private void count(long now) {
        if (now - windowSince >= WINDOW_NANOS) {
            inLastWindow = now - windowSince < 2 * WINDOW_NANOS ? inWindow : 0;
            windowSince = now;
            inWindow = 0;
        }
        inWindow++;
    }

    /** The gathering batch is closed, the next one begins. */
    public void sealed() {
        frequent = false;
    }

    /** Somebody is in the gathering batch who sends often. */
    public boolean isFrequentIn() {
        return frequent;
    }

    /** Nobody is in it who sends often, and there are enough others to wait for. */
    public boolean areAll() {
        return !frequent && Math.max(inWindow, inLastWindow) >= LEAST;
    }
}
