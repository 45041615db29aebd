package io.tallymq.admin.stats;

import io.tallymq.admin.request.AdminContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a sample in every interval and keeps the last two. A sample walks over all queues, so it is taken only while somebody
 * looks: from the first question for rates until {@link #WATCHED} after the last one.
 */
public final class Sampler implements Runnable {
    static final Duration WATCHED = Duration.ofMinutes(5);
    /** A pair whose newer sample is older than so many intervals tells nothing of now. */
    private static final int STALE_INTERVALS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Sampler.class);

    private final AdminContext context;
    private final long interval;
    private final LongSupplier clock;
    private volatile Rates rates = Rates.NONE;
    private volatile Sample last;
    private volatile long asked;
    private volatile boolean everAsked;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();

    /** Looks at each sample. On the sampling thread. */
    public interface Watcher {
        void sampled(Sample sample);

        /** None are taken any more. */
        void ended();
    }

    /** @param clock monotonic nanoseconds */
    public Sampler(AdminContext context, Duration interval, LongSupplier clock) {
        this.context = context;
        this.interval = interval.toNanos();
        this.clock = clock;
    }

    /** One turn, on the sampling thread. */
    @Override
    public void run() {
        if (!everAsked || clock.getAsLong() - asked > WATCHED.toNanos()) {
            if (last != null) {
                watchers.forEach(Watcher::ended);
            }
            last = null;
            rates = Rates.NONE;
            return;
        }
        try {
            sample();
        } catch (RuntimeException e) {
            // The schedule would end without a word.
            LOG.error("no sample was taken; rates will be missing", e);
        }
    }

    private void sample() {
        Sample before = last;
        Sample now = Sample.take(context, clock.getAsLong(), before);
        last = now;
        watchers.forEach(w -> w.sampled(now));
        rates = before == null || now.nanos() <= before.nanos() ? Rates.NONE : new Rates(before, now);
    }

    public void watch(Watcher watcher) {
        watchers.add(watcher);
    }

    /** Now, by the clock of samples. */
    public long nanos() {
        return clock.getAsLong();
    }

    /** The newest rates. */
    public Rates rates() {
        asked = clock.getAsLong();
        everAsked = true;
        Rates newest = rates;
        boolean stale = newest.newer() != null && asked - newest.newer().nanos() > STALE_INTERVALS * interval;
        return stale ? Rates.NONE : newest;
    }
}
