package io.tallymq.amqp.socket;

import io.netty.channel.EventLoop;
import io.tallymq.timer.Timers;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** What happens to a connection unless something else happens in time; one at a time. Event loop only. */
public final class Deadline {
    private final EventLoop loop;
    private final Timers timers;
    private ScheduledFuture<?> pending;

    /** @param timers whose clock it goes by */
    public Deadline(EventLoop loop, Timers timers) {
        this.loop = loop;
        this.timers = timers;
    }

    /** In the place of the one before. */
    public void start(int milliseconds, Runnable otherwise) {
        stop();
        pending = timers.after(loop, milliseconds, TimeUnit.MILLISECONDS, "ending a connection in time", otherwise);
    }

    /** Nothing happens in the place of what was started last. */
    public void stop() {
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
    }
}
