package io.tallymq.node.tls;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;

/** What all nodes of this JVM log, and waiting for it. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final long LIMIT_NANOS = 60_000_000_000L;
    private static final long LOOK_NANOS = 10_000_000L;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.tallymq");

    LogLines() {
        start();
        logger.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(event.getFormattedMessage());
    }

    /** Lines so far. */
    int size() {
        return lines.size();
    }

    boolean has(int from, String... parts) {
        return lines.stream().skip(from).anyMatch(line -> List.of(parts).stream()
                .allMatch(line::contains));
    }

    /** Waits for a line after the first {@code from} that has all the parts. */
    void await(int from, String... parts) {
        await(String.join(" ... ", parts), () -> has(from, parts));
    }

    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for: " + what + "; logged: " + String.join("\n", lines));
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        logger.detachAppender(this);
    }
}
