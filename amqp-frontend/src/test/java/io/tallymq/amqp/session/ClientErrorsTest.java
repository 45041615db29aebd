package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a line says of an error of a client, and that a client that fails in a loop does not fill the log. */
class ClientErrorsTest {
    private static final AmqpError NO_QUEUE =
            AmqpError.of(ReplyCode.NOT_FOUND, "no queue 'q' in vhost '/'", MethodId.QUEUE_DECLARE);

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long now;
    private final ClientErrors errors = new ClientErrors(logger(), () -> now);

    private Logger logger() {
        Logger logger = new LoggerContext().getLogger("clients");
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
        return logger;
    }

    private static LogSubject subject(int port, String user) {
        return new LogSubject("10.0.0.1:" + port + " -> 10.0.0.2:5672", "10.0.0.1", user, "/");
    }

    private List<String> told() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static Map<String, String> fields(ILoggingEvent line) {
        Map<String, String> fields = new TreeMap<>();
        line.getKeyValuePairs().forEach(pair -> fields.put(pair.key, String.valueOf(pair.value)));
        return fields;
    }

    @Test
    void aChannelErrorIsOneLineInWordsAndFields() {
        errors.channel(subject(1, "bob"), 7, NO_QUEUE);
        assertEquals(
                List.of("Channel error on connection 10.0.0.1:1 -> 10.0.0.2:5672 (vhost: '/', user: 'bob'), channel 7:"
                        + " operation queue.declare caused a channel exception not_found: no queue 'q' in vhost '/'"),
                told());
        assertEquals(
                new TreeMap<>(Map.of(
                        "event", "channel.error",
                        "connection", "10.0.0.1:1 -> 10.0.0.2:5672",
                        "user", "bob",
                        "vhost", "/",
                        "channel", "7",
                        "operation", "queue.declare",
                        "code", "404",
                        "text", "NOT_FOUND - no queue 'q' in vhost '/'")),
                fields(lines.list.get(0)));
    }

    @Test
    void aConnectionErrorToo() {
        errors.connection(
                subject(1, "bob"), AmqpError.connection(ReplyCode.CONNECTION_FORCED, "user 'bob' is deleted"));
        assertEquals(
                List.of(
                        "Error on connection 10.0.0.1:1 -> 10.0.0.2:5672 (vhost: '/', user: 'bob'): operation none caused"
                                + " a connection exception connection_forced: user 'bob' is deleted"),
                told());
        assertEquals("320", fields(lines.list.get(0)).get("code"));
    }

    /** Whatever its connection is called each time. */
    @Test
    void aClientThatFailsInALoopIsCountedAndToldOf() {
        for (int i = 0; i < 1_000; i++) {
            errors.channel(subject(i, "bob"), 1, NO_QUEUE);
        }
        errors.channel(subject(1, "eve"), 1, NO_QUEUE);
        assertEquals(ClientErrors.MOST_OF_KIND + 1, lines.list.size());
        assertTrue(told().get(ClientErrors.MOST_OF_KIND).contains("'eve'"), told().toString());
        assertEquals(1_001, errors.channels(ReplyCode.NOT_FOUND));
        assertEquals(0, errors.channels(ReplyCode.ACCESS_REFUSED));
        now += ClientErrors.WINDOW - 1;
        errors.tellLeft();
        assertEquals(ClientErrors.MOST_OF_KIND + 1, lines.list.size());
        now++;
        errors.tellLeft();
        assertEquals(
                "997 more like it were not written: channel queue.declare NOT_FOUND of user 'bob' in vhost '/' from 10.0.0.1",
                told().get(ClientErrors.MOST_OF_KIND + 1));
        assertEquals(ClientErrors.MOST_OF_KIND + 2, lines.list.size());
        errors.channel(subject(5, "bob"), 1, NO_QUEUE);
        assertEquals(ClientErrors.MOST_OF_KIND + 3, lines.list.size());
    }

    @Test
    void soAreVeryManyKinds() {
        for (int i = 0; i < 10 * ClientErrors.MOST_KINDS; i++) {
            errors.note(subject(i, "user" + i), "connection.stuck", "is dropped");
        }
        assertEquals(ClientErrors.MOST_KINDS, lines.list.size());
        now += ClientErrors.WINDOW;
        errors.tellLeft();
        assertEquals(
                List.of(9 * ClientErrors.MOST_KINDS + " more errors of clients, of other kinds, were not written"),
                told().subList(ClientErrors.MOST_KINDS, lines.list.size()));
    }
}
