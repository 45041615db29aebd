package io.tallymq.node.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;

/** Keeps the last lines of the process's log, for administrators who look at it from elsewhere. Any thread. */
public final class LogRing extends AppenderBase<ILoggingEvent> {
    /** Lines that are kept. */
    public static final int MOST_LINES = 1_000;
    /** Characters that are kept of a message, and of a stack trace. */
    static final int MOST_TEXT = 4_000;

    private static final LogRing OF_PROCESS = new LogRing();

    /** As {@code NodeStats.LogLine}. */
    public record Line(
            long number, Instant time, String level, String logger, String thread, String message, String error) {}

    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private long number;

    /** The process has one log. */
    static LogRing ofProcess() {
        return OF_PROCESS;
    }

    /** What is kept of the process's log, the oldest first. */
    public static List<Line> lines() {
        return OF_PROCESS.kept();
    }

    List<Line> kept() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        String error = event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
        synchronized (lines) {
            lines.add(new Line(
                    ++number,
                    Instant.ofEpochMilli(event.getTimeStamp()),
                    event.getLevel().toString(),
                    event.getLoggerName(),
                    event.getThreadName(),
                    shortened(event.getFormattedMessage()),
                    shortened(error)));
            if (lines.size() > MOST_LINES) {
                lines.poll();
            }
        }
    }

    private static String shortened(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + " ...";
    }
}
