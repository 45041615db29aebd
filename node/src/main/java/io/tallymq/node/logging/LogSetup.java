package io.tallymq.node.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.tallymq.node.config.value.LogFormat;
import io.tallymq.node.config.value.LogLevel;
import java.util.List;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies {@code log.level} and {@code log.format}. Call once, before anything logs. */
public final class LogSetup {
    /** What they say at info is of use to few: they are a level quieter than the broker. */
    private static final List<String> LIBRARIES = List.of("org.apache.ratis", "io.netty", "io.grpc", "org.rocksdb");

    /** What lines of text have as their node's name. */
    static final String NODE = "tallymq.node";

    private LogSetup() {}

    /** @param node whose log it is */
    public static void apply(LogLevel level, LogFormat format, String node) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(own(level));
            Level libraries = libraries(level);
            LIBRARIES.forEach(name -> context.getLogger(name).setLevel(libraries));
            context.putProperty(NODE, node);
            keep(context);
            if (format == LogFormat.JSON) {
                writeJson(context, node);
            }
        }
        JavaLogging.redirect(level == LogLevel.TRACE ? java.util.logging.Level.FINE : java.util.logging.Level.INFO);
    }

    private static void keep(LoggerContext context) {
        LogRing ring = LogRing.ofProcess();
        if (!ring.isStarted()) {
            ring.setContext(context);
            ring.start();
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(ring);
        }
    }

    private static void writeJson(LoggerContext context, String node) {
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        for (var all = root.iteratorForAppenders(); all.hasNext(); ) {
            if (all.next() instanceof ConsoleAppender<ILoggingEvent> console) {
                JsonLines lines = new JsonLines(node);
                lines.setContext(context);
                lines.start();
                console.stop();
                console.setEncoder(lines);
                console.start();
            }
        }
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
