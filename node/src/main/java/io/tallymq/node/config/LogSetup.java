package io.tallymq.node.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies {@code log.level}. Call once, before anything logs. */
public final class LogSetup {
    /** What they say at info is of use to few: they are a level quieter than the broker. */
    private static final List<String> LIBRARIES = List.of("org.apache.ratis", "io.netty", "io.grpc", "org.rocksdb");

    private LogSetup() {}

    public static void apply(LogLevel level) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(own(level));
            Level libraries = libraries(level);
            LIBRARIES.forEach(name -> context.getLogger(name).setLevel(libraries));
        }
        JavaLogging.redirect(level == LogLevel.TRACE ? java.util.logging.Level.FINE : java.util.logging.Level.INFO);
    }

    private static Level own(LogLevel level) {
        return switch (level) {
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }

    private static Level libraries(LogLevel level) {
        return switch (level) {
            case ERROR -> Level.ERROR;
            case WARN, INFO -> Level.WARN;
            case DEBUG -> Level.INFO;
            case TRACE -> Level.DEBUG;
        };
    }
}
