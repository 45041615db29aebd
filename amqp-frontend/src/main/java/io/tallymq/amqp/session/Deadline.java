package io.tallymq.amqp.session;

import io.netty.channel.EventLoop;
import io.tallymq.timer.Timers;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** What happens to a connection unless something else happens in time; one at a time. Event loop only. */
final class Deadline {
    private final EventLoop loop;
    private final Timers timers;
    private ScheduledFuture<?> pending;

    Deadline(EventLoop loop, Timers timers) {
        this.loop = loop;
        this.timers = timers;
    }

    /** In the place of the one before. */
    void start(int milliseconds, Runnable otherwise) {
        stop();
        pending = timers.after(loop, milliseconds, TimeUnit.MILLISECONDS, "ending a connection in time", otherwise);
    }

    void stop() {
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
    }
}
