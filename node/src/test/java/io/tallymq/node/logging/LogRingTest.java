package io.tallymq.node.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;

class LogRingTest {
    private final Logger logger = new LoggerContext().getLogger("a.logger");
    private final LogRing ring = new LogRing();

    private void log(String text, Throwable thrown) {
        ring.append(new LoggingEvent("x", logger, Level.WARN, "{} told", thrown, new Object[] {text}));
    }

    @Test
    void theLastLinesAreKeptWithTheirNumbers() {
        for (int i = 1; i <= LogRing.MOST_LINES + 5; i++) {
            log("line " + i, null);
        }
        assertEquals(LogRing.MOST_LINES, ring.kept().size());
        LogRing.Line first = ring.kept().get(0);
        assertEquals(6, first.number());
        assertEquals("line 6 told", first.message());
        assertEquals("WARN", first.level());
        assertEquals("a.logger", first.logger());
        assertEquals("", first.error());
    }

    @Test
    void whatIsLongIsCut() {
        log("x".repeat(LogRing.MOST_TEXT * 2), new IllegalStateException("y".repeat(LogRing.MOST_TEXT * 2)));
        LogRing.Line line = ring.kept().get(0);
        assertEquals(LogRing.MOST_TEXT + 4, line.message().length());
        assertEquals(LogRing.MOST_TEXT + 4, line.error().length());
        assertTrue(line.error().startsWith("java.lang.IllegalStateException: yyy"), line.error());
    }
}
