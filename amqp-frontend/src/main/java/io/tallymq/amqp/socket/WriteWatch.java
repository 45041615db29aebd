package io.tallymq.amqp.socket;

import io.netty.channel.EventLoop;
import io.tallymq.timer.Timers;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Notices a client that takes nothing of what waits for its socket: it does not read, or the network has lost it. While memory is scarce it has to
 * take a part of it in the time, else a few octets now and then would keep a node from delivering anything. Looks on only while something waits. Event
 * loop only.
 */
public final class WriteWatch {
    /** Such a part of what waits has to be taken, */
    private static final int PART = 4;
    /** or so many octets, which is little on any line; */
    private static final int ENOUGH = 64 << 10;
    /** and any of so few. */
    private static final int FEW = 4 << 10;

    private final EventLoop loop;
    private final Timers timers;
    private final SocketOutput outbox;
    private final int step;
    private final int stepsOfTimeout;
    private final int stepsOfPatience;
    private final Runnable stuck;
    private ScheduledFuture<?> next;
    private long progress;
    /** So often it was the same. */
    private int same;
    // What it was at the last look.
    private long taken;
    private long waited;
    private boolean scarce;
    /** So often little of it was taken since. */
    private int slow;

    /**
     * @param timeout milliseconds without progress
     * @param patience the same while memory is scarce, or with too little
     * @param stuck runs once when that is over
     */
    public WriteWatch(EventLoop loop, Timers timers, SocketOutput outbox, int timeout, int patience, Runnable stuck) {
        this.loop = loop;
        this.timers = timers;
        this.outbox = outbox;
        this.step = Math.min(timeout, patience);
        this.stepsOfTimeout = steps(timeout);
        this.stepsOfPatience = steps(patience);
        this.stuck = stuck;
    }

    private int steps(int milliseconds) {
        return (milliseconds + step - 1) / step;
    }

    /** To be called when something was written. */
    public void look() {
        if (next == null && outbox.unsentBytes() > 0) {
            lookLater();
        }
    }

    private void lookLater() {
        progress = outbox.progress();
        taken = outbox.taken();
        waited = outbox.unsentBytes();
        scarce = outbox.isInTheWay();
        next = timers.after(
                loop, step, TimeUnit.MILLISECONDS, "looking for clients that read nothing", this::lookAgain);
    }

    private void lookAgain() {
        next = null;
        same = outbox.progress() == progress ? same + 1 : 0;
        slow = isSlow() ? slow + 1 : 0;
        if (outbox.unsentBytes() == 0) {
            same = 0;
            slow = 0;
        } else if (same >= stepsOfTimeout || outbox.isInTheWay() && isTooLong()) {
            stuck.run();
        } else {
            lookLater();
            outbox.goOnIfNotScarce();
        }
    }

    private boolean isSlow() {
        return scarce
                && outbox.isInTheWay()
                && waited >= FEW
                && outbox.taken() - taken < Math.min(ENOUGH, waited / PART);
    }

    private boolean isTooLong() {
        return same >= stepsOfPatience || slow >= stepsOfPatience && outbox.hasMuch();
    }

    /** The socket is gone: nobody looks any more. */
    public void stop() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }
}
