package io.tallymq.node.logging;

import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Takes what libraries write through {@code java.util.logging} (gRPC does) into the node's own log, format and levels. */
final class JavaLogging extends Handler {
    private static final int WARNING = java.util.logging.Level.WARNING.intValue();

    private final SimpleFormatter formatter = new SimpleFormatter();

    /** @param lowest what is not even formed into a record below this */
    static void redirect(java.util.logging.Level lowest) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(new JavaLogging());
        root.setLevel(lowest);
    }

    @Override
    public void publish(LogRecord entry) {
        String name = entry.getLoggerName();
        LoggerFactory.getLogger(name == null || name.isEmpty() ? "java.util.logging" : name)
                .atLevel(level(entry.getLevel().intValue()))
                .setCause(entry.getThrown())
                .log(() -> formatter.formatMessage(entry));
    }

    private static Level level(int value) {
        if (value > WARNING) {
            return Level.ERROR;
        }
        if (value == WARNING) {
            return Level.WARN;
        }
        if (value >= java.util.logging.Level.INFO.intValue()) {
            return Level.INFO;
        }
        return value >= java.util.logging.Level.FINE.intValue() ? Level.DEBUG : Level.TRACE;
    }

    @Override
    public void flush() {
        // nothing is kept back
    }

    @Override
    public void close() {
        // the node's log has its own end
    }
}
