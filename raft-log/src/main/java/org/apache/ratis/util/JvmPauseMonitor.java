package org.apache.ratis.util;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.util.function.CheckedConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the class of the same name in ratis-common, which looks at all garbage collectors three times a second, in case there
 * was a pause: a fifteenth of what an idle node cost. Pauses that matter here are those of many seconds (a leader steps down, a node that
 * was stopped for longer ends), so this one sleeps for a second at a time, and a pause counts as up to a second less than it was. It only takes effect
 * when this module comes before ratis-common on the class path; nothing breaks if it does not.
 */
public final class JvmPauseMonitor {
    private static final Logger LOG = LoggerFactory.getLogger(JvmPauseMonitor.class);
    private static final TimeDuration SLEEP = TimeDuration.ONE_SECOND;

    private final String name;
    private final TimeDuration deviation;
    private final CheckedConsumer<TimeDuration, IOException> handler;
    private Thread thread;

    private JvmPauseMonitor(Builder from) {
        this.name = "JvmPauseMonitor-" + from.name;
        this.deviation = from.deviation;
        this.handler = from.handler;
    }

    public static Builder newBuilder() {
        return new Builder();
    }

    /** As Ratis calls it. */
    public static final class Builder {
        private Object name = "default";
        private TimeDuration deviation = TimeDuration.valueOf(300, TimeUnit.MILLISECONDS);
        private CheckedConsumer<TimeDuration, IOException> handler = pause -> {};

        private Builder() {}

        public Builder setName(Object value) {
            name = value;
            return this;
        }

        /** A longer pause is logged. */
        public Builder setSleepDeviationThreshold(TimeDuration value) {
            deviation = value;
            return this;
        }

        /** Hears by how much each sleep was too long. */
        public Builder setHandler(CheckedConsumer<TimeDuration, IOException> value) {
            handler = value;
            return this;
        }

        public JvmPauseMonitor build() {
            return new JvmPauseMonitor(this);
        }
    }

    /** Begins to look; once. */
    public synchronized void start() {
        if (thread == null) {
            thread = new Thread(this::run, name);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Ends it. A handler that closes the server comes here itself. */
    public void stop() {
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running == null) {
            return;
        }
        running.interrupt();
        if (running != Thread.currentThread()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                tell(SLEEP.sleep());
            }
        } catch (InterruptedException e) {
            LOG.debug("{} ends", name, e);
        }
    }

    private void tell(TimeDuration pause) {
        if (pause.compareTo(deviation) > 0) {
            LOG.warn("The process stood still for about {}", pause.toString(TimeUnit.SECONDS, 3));
        }
        try {
            handler.accept(pause);
        } catch (IOException | RuntimeException e) {
            LOG.error("{} could not do what a pause of {} asks for", name, pause, e);
        }
    }
}
