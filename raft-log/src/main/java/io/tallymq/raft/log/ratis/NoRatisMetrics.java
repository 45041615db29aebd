package io.tallymq.raft.log.ratis;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis keeps some twenty timers and histograms per entry. Nothing here reads them: a node's status says what is
 * needed. Found by Ratis through {@code META-INF/services}.
 */
public final class NoRatisMetrics extends MetricRegistries {
    private static final Timekeeper.Context NO_TIME = () -> 0;
    private static final Timekeeper NO_TIMER = () -> NO_TIME;

    private static final LongCounter NO_COUNTER = new LongCounter() {
        @Override
        public void inc(long n) {
            // counts nothing
        }

        @Override
        public void dec(long n) {
            // counts nothing
        }

        @Override
        public long getCount() {
            return 0;
        }
    };

    /** Ratis' name for how long a flush of the log took. */
    private static final String FLUSH = "flushTime";

    /** Who hears of the flushes of a node's log, by the node's id. */
    private static final Map<String, LongConsumer> FLUSHES = new ConcurrentHashMap<>();

    private record Registry(MetricRegistryInfo info) implements RatisMetricRegistry {
        @Override
        public Timekeeper timer(String name) {
            // Ratis names its registries node@group.
            LongConsumer listener =
                    name.equals(FLUSH) ? FLUSHES.get(info.getPrefix().split("@")[0]) : null;
            return listener == null
                    ? NO_TIMER
                    : () -> {
                        long begun = System.nanoTime();
                        return () -> {
                            long took = System.nanoTime() - begun;
                            listener.accept(took);
                            return took;
                        };
                    };
        }

        @Override
        public LongCounter counter(String name) {
            return NO_COUNTER;
        }

        @Override
        public boolean remove(String name) {
            return true;
        }

        @Override
        public <T> void gauge(String name, Supplier<Supplier<T>> gaugeSupplier) {
            // reads nothing
        }

        @Override
        public MetricRegistryInfo getMetricRegistryInfo() {
            return info;
        }
    }

    /** Tells who listens, in nanoseconds, of each flush of this node's log, from its next start on; on the thread that flushed. */
    public static void onFlush(String node, LongConsumer listener) {
        FLUSHES.put(node, listener);
    }

    @Override
    public void clear() {
        // holds nothing
    }

    @Override
    public RatisMetricRegistry create(MetricRegistryInfo info) {
        return new Registry(info);
    }

    @Override
    public boolean remove(MetricRegistryInfo key) {
        return true;
    }

    @Override
    public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
        return Optional.empty();
    }

    @Override
    public Set<MetricRegistryInfo> getMetricRegistryInfos() {
        return Set.of();
    }

    @Override
    public Collection<RatisMetricRegistry> getMetricRegistries() {
        return List.of();
    }

    @Override
    public void addReporterRegistration(
            Consumer<RatisMetricRegistry> reporterRegistration, Consumer<RatisMetricRegistry> stopReporter) {
        // nothing to report
    }

    @Override
    public void enableJmxReporter() {
        // nothing to report
    }

    @Override
    public void enableConsoleReporter(TimeDuration consoleReportRate) {
        // nothing to report
    }
}
