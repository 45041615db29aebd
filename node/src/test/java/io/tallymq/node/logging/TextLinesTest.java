package io.tallymq.node.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a line of the log is as text: one line, whatever a stranger calls himself. */
class TextLinesTest {
    private static String line(String node, String message, Throwable thrown) throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(TextLinesTest.class.getResource("/logback.xml"));
        if (node != null) {
            context.putProperty(LogSetup.NODE, node);
        }
        var appender =
                (ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("stdout");
        var event = new LoggingEvent(
                "x", context.getLogger("a.B"), ch.qos.logback.classic.Level.INFO, message, thrown, new Object[0]);
        String text = new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
        context.stop();
        return text;
    }

    @Test
    void aMessageIsOneLine() throws Exception {
        String text = line("n1", "login as 'x\r\n2026-11-28 INFO forged\u001b[2J\u009b1m\u007f' refused\tnow ä", null);
        assertTrue(text.contains(" INFO  n1 ["), text);
        assertTrue(text.endsWith(" a.B login as 'x??2026-11-28 INFO forged?[2J?1m?' refused\tnow ä\n"), text);
    }

    /** Before the configuration is read, and in programs that are no node. */
    @Test
    void whoHasNoNameIsADash() throws Exception {
        String text = line(null, "it begins", null);
        assertTrue(text.contains(" INFO  - ["), text);
    }

    @Test
    void whatWasThrownFollows() throws Exception {
        String text = line("n1", "it failed", new IllegalStateException("for a reason"));
        assertTrue(text.contains(" it failed\njava.lang.IllegalStateException: for a reason\n"), text);
        assertEquals('\n', text.charAt(text.length() - 1));
    }
}
