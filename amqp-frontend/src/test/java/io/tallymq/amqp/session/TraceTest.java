package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.raft.trace.TraceBook;
import io.tallymq.raft.trace.TraceShare;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The header x-trace with the real client: whose times are noted, and what is told of a message. */
class TraceTest extends ClientCase {
    private static final int CONFIRM_TIMEOUT = 20_000;

    private String queue;
    private String id;

    @BeforeEach
    void begin() throws Exception {
        queue = declare(Map.of());
        id = unique("message");
        channel.confirmSelect();
    }

    private AMQP.BasicProperties traced(Object value) {
        return new AMQP.BasicProperties.Builder()
                .messageId(id)
                .correlationId("c-" + id)
                .headers(new TreeMap<>(Map.of("x-trace", value, "x-other", "1")))
                .build();
    }

    /** What the node tells of the message, the last of the log first. */
    private List<TraceShare.Publish> shares() {
        return server.broker().traces().stream()
                .map(TraceBook.Trace::shares)
                .flatMap(s -> s.values().stream())
                .map(TraceShare::publish)
                .filter(Objects::nonNull)
                .filter(p -> p.names().messageId().equals(id))
                .toList();
    }

    /** Its confirm may be with the client before it is noted that it was given to the socket. */
    private TraceShare.Publish written() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (shares().isEmpty() || shares().get(0).write() < 0) {
            assertTrue(System.nanoTime() < end, "no time of the confirm: " + shares());
            Thread.onSpinWait();
        }
        return shares().get(0);
    }

    @Test
    @Row("header x-trace")
    void theTimesOfATracedMessageAreNoted() throws Exception {
        String fanout = unique("fanout");
        String other = declare(Map.of());
        channel.exchangeDeclare(fanout, BuiltinExchangeType.FANOUT, true);
        channel.queueBind(queue, fanout, "");
        channel.queueBind(other, fanout, "");
        channel.basicPublish(fanout, "key", headers(Map.of("x-trade", true)), new byte[3]);
        channel.basicPublish(fanout, "key", traced(true), new byte[10]);
        channel.basicPublish(fanout, "key", traced(false), new byte[3]);
        channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT);
        TraceShare.Publish p = written();
        assertEquals(new TraceShare.Names("/", fanout, "key", id, "c-" + id, "guest"), p.names());
        assertEquals(List.of(queue, other), p.queues().stream().sorted().toList());
        assertEquals(0, p.moreQueues());
        assertEquals("confirmed", p.outcome());
        assertTrue(p.gather() >= 0 && p.journey() > 0 && p.apply() >= 0, p.toString());
        assertEquals(1, shares().size());
        channel.basicGet(queue, true);
        assertEquals(
                true,
                channel.basicGet(queue, true).getProps().getHeaders().get("x-trace"),
                "who gets the message sees that it was traced");
    }

    @Test
    void whatBecameOfItIsTold() throws Exception {
        CompletableFuture<String> back = new CompletableFuture<>();
        channel.addReturnListener(r -> back.complete(r.getReplyText()));
        channel.basicPublish("", "nowhere", true, traced(true), new byte[1]);
        channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT);
        assertEquals("NO_ROUTE", back.get(PATIENCE, TimeUnit.SECONDS));
        assertEquals("returned: no route", written().outcome());
        assertEquals(List.of(), written().queues());

        id = unique("message");
        String full = declare(Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
        channel.basicPublish("", full, traced(true), new byte[1]);
        assertFalse(channel.waitForConfirms(CONFIRM_TIMEOUT));
        assertTrue(written().outcome().startsWith("refused: "), written().outcome());
    }

    @Test
    void ofLargeBodiesAndOfTransactionsToo() throws Exception {
        channel.basicPublish("", queue, traced(true), new byte[3 << 20]);
        channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT);
        assertEquals(TraceShare.UNKNOWN, written().moreQueues(), "its queues are not told");

        id = unique("message");
        channel = connection.createChannel();
        channel.txSelect();
        channel.basicPublish("", queue, null, new byte[1]);
        channel.basicPublish("", queue, traced(true), new byte[1]);
        channel.txCommit();
        assertEquals(List.of(queue), written().queues());
    }

    @Test
    void anythingButABooleanIsRefused() throws Exception {
        for (Object wrong : List.of("true", 1)) {
            channel = connection.createChannel();
            CompletableFuture<ShutdownSignalException> closed = new CompletableFuture<>();
            channel.addShutdownListener(closed::complete);
            channel.basicPublish("", queue, traced(wrong), new byte[1]);
            var reason =
                    (AMQP.Channel.Close) closed.get(PATIENCE, TimeUnit.SECONDS).getReason();
            assertEquals(406, reason.getReplyCode());
            assertEquals("PRECONDITION_FAILED - invalid header 'x-trace': a boolean expected", reason.getReplyText());
        }
    }
}
