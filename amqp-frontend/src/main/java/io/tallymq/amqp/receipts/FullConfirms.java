package io.tallymq.amqp.receipts;

import io.tallymq.broker.Broker;
import io.tallymq.timer.Timers;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a channel until all members of the cluster have its publishes with x-confirm: all, and its transaction. Once at a time: what
 * comes meanwhile waits for the next. Event loop only.
 */
public final class FullConfirms {
    /** Publishes of a channel that wait, beyond which its connection is not read. */
    public static final int MOST = 16_384;

    private static final Logger LOG = LoggerFactory.getLogger(FullConfirms.class);
    /** After so long the client is told what it waits for. */
    private static final long PATIENCE_MILLIS = 1_000;

    /** Publishes that wait. */
    public interface Held {
        /** How many wait, on their way ones included. */
        int size();

        /** The last publish that is applied, -1 when none of those waits. */
        long awaits();

        /** All members have the publishes up to this one. */
        void release(long through);
    }

    /** Tells the client. */
    public interface Notice {
        /** Confirms are late because members lack what they are for. */
        void late(boolean is);

        /** So many wait that no more are wanted. */
        void full(boolean is);

        /** Something was written behind a row of events. */
        void written();

        /** Runs what came from another thread or by the clock: the connection ends if it throws. */
        void run(Runnable work);
    }

    private final Broker broker;
    private final ScheduledExecutorService loop;
    private final Timers timers;
    private final Held held;
    private final Notice notice;
    private boolean asked;
    private boolean full;
    private boolean late;
    private boolean closed;
    private ScheduledFuture<?> patience;
    /** Takes back what is waited for: by publishes, and by commits in their order. */
    private Runnable giveUp = () -> {};

    private final ArrayDeque<Runnable> commits = new ArrayDeque<>();

    /** For one channel. How many answers to commits may be due is not its concern: its connection counts all that are. */
    public FullConfirms(Broker broker, ScheduledExecutorService loop, Timers timers, Held held, Notice notice) {
        this.broker = broker;
        this.loop = loop;
        this.timers = timers;
        this.held = held;
        this.notice = notice;
    }

    /** More publishes wait, or more of those that do are applied. */
    public void changed() {
        if (closed || held.size() == 0 && !full) {
            return;
        }
        fill();
        if (!asked && held.awaits() >= 0) {
            ask();
        }
    }

    /**
     * Answers a commit, unless the channel ends before, when all members have what is applied now.
     *
     * @return false: the channel has ended already
     */
    public boolean await(Runnable answer) {
        if (closed) {
            return false;
        }
        commits.add(broker.onceOnAll(() -> onLoop(() -> {
            if (!closed) {
                commits.remove();
                answer.run();
                calm();
                notice.written();
                watch();
            }
        })));
        watch();
        return true;
    }

    private void ask() {
        asked = true;
        long through = held.awaits();
        giveUp = broker.onceOnAll(() -> onLoop(() -> arrived(through)));
        watch();
    }

    private void arrived(long through) {
        asked = false;
        if (closed) {
            return;
        }
        held.release(through);
        calm();
        notice.written();
        changed();
    }

    private void watch() {
        if (patience == null && (asked || !commits.isEmpty())) {
            patience = timers.after(
                    loop,
                    PATIENCE_MILLIS,
                    TimeUnit.MILLISECONDS,
                    "telling that confirms are late",
                    () -> notice.run(this::tellLate));
        }
    }

    private void tellLate() {
        if (!closed && (asked || !commits.isEmpty())) {
            late = true;
            notice.late(true);
        }
    }

    private void calm() {
        if (patience != null) {
            patience.cancel(false);
            patience = null;
        }
        if (late) {
            late = false;
            notice.late(false);
        }
        fill();
    }

    private void fill() {
        boolean now = full ? held.size() > MOST / 2 : held.size() >= MOST;
        if (now != full) {
            full = now;
            notice.full(now);
        }
    }

    /** The channel has ended: nothing of it is confirmed any more. */
    public void close() {
        closed = true;
        giveUp.run();
        commits.forEach(Runnable::run);
        commits.clear();
        calm();
        if (full) {
            full = false;
            notice.full(false);
        }
    }

    /** From any thread. */
    private void onLoop(Runnable what) {
        try {
            loop.execute(() -> notice.run(what));
        } catch (RejectedExecutionException e) {
            LOG.debug("An event loop has ended before those that wait for all copies", e);
        }
    }
}
