package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ReplyCode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** An operator finds out of the log why an application fails: what the client was told is there, and whose it was. */
class ErrorLinesTest extends ServerCase {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(AmqpConnection.class);

    /** What all connections of this JVM log. */
    private static final class Heard extends AppenderBase<ILoggingEvent> {
        private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent line) {
            lines.add(line);
        }
    }

    private final Heard heard = new Heard();

    @BeforeEach
    void hear() {
        LOGGER.setLevel(Level.INFO);
        heard.start();
        LOGGER.addAppender(heard);
    }

    @AfterEach
    void hearNoMore() {
        LOGGER.detachAppender(heard);
        LOGGER.setLevel(null);
    }

    private ILoggingEvent only(String part) {
        List<ILoggingEvent> found = heard.lines.stream()
                .filter(line -> line.getFormattedMessage().contains(part))
                .toList();
        assertEquals(1, found.size(), part + " in " + heard.lines);
        return found.get(0);
    }

    private static String field(ILoggingEvent line, String name) {
        return line.getKeyValuePairs().stream()
                .filter(pair -> pair.key.equals(name))
                .map(pair -> String.valueOf(pair.value))
                .findFirst()
                .orElse("no " + name);
    }

    private static void assertWhose(ILoggingEvent line) {
        assertTrue(line.getFormattedMessage().contains("(vhost: '/', user: 'guest')"), line.getFormattedMessage());
        assertTrue(
                field(line, "connection").matches("127\\.0\\.0\\.1:\\d+ -> 127\\.0\\.0\\.1:" + server.port()),
                field(line, "connection"));
        assertEquals("guest", field(line, "user"));
        assertEquals("/", field(line, "vhost"));
    }

    private static QueueMethod.Declare passive(String queue) {
        return new QueueMethod.Declare(queue, true, false, false, false, false, FieldTable.EMPTY);
    }

    @Test
    void aChannelThatIsClosedWithAnErrorIsToldOfAndCounted() throws IOException {
        long before = server.server().errors().channels(ReplyCode.NOT_FOUND);
        try (RawClient client = server.raw().open().openChannel(3)) {
            client.send(3, passive("nowhere"));
            client.expect(ChannelMethod.Close.class);
            ILoggingEvent line = only("'nowhere'");
            assertTrue(
                    line.getFormattedMessage()
                            .contains(
                                    "channel 3: operation queue.declare caused a channel exception not_found: no queue"),
                    line.getFormattedMessage());
            assertEquals("channel.error", field(line, "event"));
            assertWhose(line);
            assertEquals(before + 1, server.server().errors().channels(ReplyCode.NOT_FOUND));
        }
    }

    @Test
    void aConnectionToo() throws IOException {
        try (RawClient client = server.raw().open()) {
            client.send(7, passive("of no channel"));
            client.expect(ConnectionMethod.Close.class);
            ILoggingEvent line = only("expected 'channel.open' on channel 7");
            assertTrue(
                    line.getFormattedMessage()
                            .contains("operation queue.declare caused a connection exception channel_error:"),
                    line.getFormattedMessage());
            assertWhose(line);
        }
    }
}
