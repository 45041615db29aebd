package io.tallymq.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** However often a stranger is refused, the log has few lines of it, and the count all. */
class SparseLogTest {
    @Test
    void fewLinesForVeryManyRefusals() {
        Logger logger = new LoggerContext().getLogger("refusals");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        SparseLog log = new SparseLog(logger);
        long begun = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
            log.warn("{} is refused", i);
        }
        long pauses = (System.nanoTime() - begun) / SparseLog.PAUSE + 1;
        assertEquals(10_000, log.total());
        assertEquals("0 is refused", lines.list.get(0).getFormattedMessage());
        assertTrue(
                lines.list.size() <= 2 * pauses,
                lines.list.size() + " lines in " + TimeUnit.NANOSECONDS.toSeconds(SparseLog.PAUSE * pauses));
    }
}
