package io.tallymq.node.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tallymq.node.config.value.LogFormat;
import io.tallymq.node.config.value.LogLevel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JavaLoggingTest {
    private static final String GRPC = "org.apache.ratis.thirdparty.io.grpc.netty.TcpMetrics";

    private final ListAppender<ILoggingEvent> seen = new ListAppender<>();

    private List<String> logged(LogLevel level) {
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        seen.start();
        root.addAppender(seen);
        try {
            LogSetup.apply(level, LogFormat.TEXT, "n1");
            java.util.logging.Logger logger = java.util.logging.Logger.getLogger(GRPC);
            logger.log(java.util.logging.Level.FINER, "below everything");
            logger.log(java.util.logging.Level.INFO, "Epoll available: {0}", true);
            logger.log(java.util.logging.Level.WARNING, "that is worth a line");
        } finally {
            LogSetup.apply(LogLevel.INFO, LogFormat.TEXT, "n1");
            root.setLevel(before);
            root.detachAppender(seen);
        }
        return seen.list.stream()
                .filter(e -> e.getLoggerName().equals(GRPC))
                .map(e -> e.getLevel() + " " + e.getFormattedMessage())
                .toList();
    }

    @Test
    void aLibrarysChatterIsNotLoggedAtInfo() {
        assertEquals(List.of("WARN that is worth a line"), logged(LogLevel.INFO));
    }

    @Test
    void itIsAtDebug() {
        assertEquals(List.of("INFO Epoll available: true", "WARN that is worth a line"), logged(LogLevel.DEBUG));
    }
}
