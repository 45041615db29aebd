package io.tallymq.node.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a line of the log is in JSON. */
class JsonLinesTest {
    private final ListAppender<ILoggingEvent> heard = new ListAppender<>();
    private final Logger log = new LoggerContext().getLogger("io.tallymq.Some");

    JsonLinesTest() {
        heard.start();
        log.setLevel(Level.INFO);
        log.addAppender(heard);
    }

    private JsonNode last() throws IOException {
        String text =
                new String(new JsonLines("n1").encode(heard.list.get(heard.list.size() - 1)), StandardCharsets.UTF_8);
        assertEquals(text.length() - 1, text.indexOf('\n'), text);
        return new ObjectMapper().readTree(text);
    }

    @Test
    void aLineSaysWhoWhenAndWhat() throws IOException {
        log.atInfo()
                .addKeyValue("connection", "c1")
                .addKeyValue("user", "guest")
                .addKeyValue("message", "not this")
                .log("Connection \"{}\"\nopened", "c1");
        JsonNode line = last();
        assertEquals("Connection \"c1\"\nopened", line.get("message").asText());
        assertEquals("INFO", line.get("level").asText());
        assertEquals("n1", line.get("node").asText());
        assertEquals("io.tallymq.Some", line.get("logger").asText());
        assertEquals(Thread.currentThread().getName(), line.get("thread").asText());
        assertEquals("c1", line.get("connection").asText());
        assertEquals("guest", line.get("user").asText());
        assertTrue(
                line.get("time").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"),
                line.toString());
    }

    @Test
    void whatWasThrownIsInTheLine() throws IOException {
        log.error("It failed", new IllegalStateException("for a reason"));
        assertTrue(last().get("error").asText().startsWith("java.lang.IllegalStateException: for a reason"));
    }
}
