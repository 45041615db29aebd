package io.tallymq.timer;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Warnings that somebody else, a stranger or a client, can cause any number of times: the first is written, then at most one per {@link #PAUSE}, with the number
 * of those that were not. All are counted. Any thread.
 */
public final class SparseLog {
    static final long PAUSE = TimeUnit.SECONDS.toNanos(10);

    private final Logger log;
    private final AtomicLong writtenNanos = new AtomicLong(System.nanoTime() - PAUSE);
    private final AtomicLong left = new AtomicLong();
    private final AtomicLong total = new AtomicLong();

    public SparseLog(Logger log) {
        this.log = log;
    }

    public void warn(String format, Object... arguments) {
        warn(Map.of(), format, arguments);
    }

    /**
     * The same with fields.
     *
     * @param fields what the line is about, for who reads the log by program
     */
    public void warn(Map<String, String> fields, String format, Object... arguments) {
        total.incrementAndGet();
        long now = System.nanoTime();
        long written = writtenNanos.get();
        if (now - written < PAUSE || !writtenNanos.compareAndSet(written, now)) {
            left.incrementAndGet();
            return;
        }
        LoggingEventBuilder line = log.atWarn();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            line = line.addKeyValue(field.getKey(), field.getValue());
        }
        line.log(format, arguments);
        long more = left.getAndSet(0);
        if (more > 0) {
            log.warn("{} more like it were not written since the last one", more);
        }
    }

    /** All of them since the start, written or not. */
    public long total() {
        return total.get();
    }
}
