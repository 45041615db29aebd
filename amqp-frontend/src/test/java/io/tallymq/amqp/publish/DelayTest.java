package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** x-delayed-message, x-delay, x-deliver-at and x-schedule-id with the real client. */
class DelayTest extends ClientCase {
    private String queue;
    private final BlockingQueue<GetResponse> came = new LinkedBlockingQueue<>();

    @BeforeEach
    void begin() throws Exception {
        channel.confirmSelect();
        queue = channel.queueDeclare().getQueue();
        channel.basicConsume(queue, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties p, byte[] body) {
                came.add(new GetResponse(envelope, p, body, 0));
            }
        });
    }

    private static AMQP.BasicProperties header(String name, Object value) {
        return new AMQP.BasicProperties.Builder().headers(Map.of(name, value)).build();
    }

    private GetResponse next() throws InterruptedException {
        GetResponse r = came.poll(PATIENCE, TimeUnit.SECONDS);
        assertNotNull(r, "nothing came");
        return r;
    }

    @Test
    @Row({"type x-delayed-message", "exchange x-delayed-type", "header x-delay"})
    void delayedMessagesComeInTheOrderOfTheirTimes() throws Exception {
        String x = "later-" + System.nanoTime();
        channel.exchangeDeclare(x, "x-delayed-message", true, false, Map.of("x-delayed-type", "direct"));
        channel.queueBind(queue, x, "k");
        channel.basicPublish(x, "k", header("x-delay", 7_200_000), new byte[] {3});
        channel.basicPublish(x, "k", header("x-delay", "3600000"), new byte[] {2});
        channel.basicPublish(x, "k", header("x-delay", 0), new byte[] {0});
        channel.basicPublish(x, "k", header("x-delay", -5), new byte[] {1});
        assertTrue(channel.waitForConfirms(PATIENCE * 1000), "a confirm does not wait for the message's time");
        for (int i = 0; i < 4; i++) {
            if (i == 2) {
                server.pass(7_200_000);
            }
            assertEquals(i, next().getBody()[0]);
        }
    }

    @Test
    @Row("header x-delay")
    void whoComesLateIsToldHowLongItWasHeld() throws Exception {
        channel.basicPublish("", queue, header("x-delay", 20), new byte[1]);
        assertEquals(-20L, next().getProps().getHeaders().get("x-delay"));
    }

    @Test
    @Row("header x-deliver-at")
    void aTimeOfTheClockWorksOnEveryExchange() throws Exception {
        channel.basicPublish("", queue, header("x-deliver-at", new Date(0)), new byte[] {1});
        channel.basicPublish("", queue, header("x-deliver-at", server.now() + 3_600_000), new byte[] {3});
        channel.basicPublish("", queue, header("x-deliver-at", "1000"), new byte[] {2});
        for (int i = 1; i < 4; i++) {
            if (i == 3) {
                assertTrue(channel.waitForConfirms(PATIENCE * 1000));
                server.pass(3_600_000);
            }
            assertEquals(i, next().getBody()[0]);
        }
    }

    @Test
    void largeBodiesWaitToo() throws Exception {
        byte[] body = new byte[2 << 20];
        new Random(3).nextBytes(body);
        channel.basicPublish("", queue, header("x-delay", 100), body);
        assertArrayEquals(body, next().getBody());
    }

    @Test
    @Row("header x-schedule-id")
    void whatHasAnIdIsReplaced() throws Exception {
        Map<String, Object> far = Map.of("x-delay", 3_000_000, "x-schedule-id", "job");
        Map<String, Object> near = Map.of("x-delay", 10, "x-schedule-id", "job");
        channel.basicPublish(
                "", queue, new AMQP.BasicProperties.Builder().headers(far).build(), new byte[] {1});
        channel.basicPublish(
                "", queue, new AMQP.BasicProperties.Builder().headers(near).build(), new byte[] {2});
        assertEquals(2, next().getBody()[0]);
    }

    @Test
    @Row("name amq.schedule")
    void whatWaitsIsToldByItsId() throws Exception {
        String id = unique("told");
        long due = server.now() + 3_600_000;
        channel.basicPublish(
                "amq.direct", "k", headers(Map.of("x-schedule-id", id, "x-deliver-at", due)), new byte[] {1, 2});
        GetResponse told = channel.basicGet("amq.schedule." + id, true); // knows of what this channel published before
        JsonNode body = new ObjectMapper().readTree(told.getBody());
        assertEquals(id, body.get("id").asText());
        assertEquals(due, body.get("deliver_at").asLong());
        assertEquals(
                "amq.direct k",
                body.get("exchange").asText() + " " + body.get("routing_key").asText());
        assertEquals(2, body.get("payload_bytes").asInt());
        assertEquals("schedule", told.getProps().getType());
        assertEquals(due, told.getProps().getHeaders().get("x-deliver-at"));
        channel.basicPublish("amq.schedule", "", headers(Map.of("x-schedule-id", id)), new byte[0]);
        assertNull(channel.basicGet("amq.schedule." + id, true));
    }

    @Test
    @Row({"name amq.schedule", "header x-schedule-id"})
    void whatIsCalledOffDoesNotCome() throws Exception {
        List<Integer> returned = new ArrayList<>();
        channel.addReturnListener(r -> returned.add(r.getReplyCode()));
        AMQP.BasicProperties job = headers(Map.of("x-schedule-id", "called off"));
        channel.basicPublish(
                "", queue, headers(Map.of("x-schedule-id", "called off", "x-delay", 3_600_000)), new byte[] {1});
        channel.basicPublish("", queue, headers(Map.of("x-delay", 3_600_000)), new byte[] {2});
        channel.basicPublish("amq.schedule", "", true, job, new byte[0]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(List.of(), returned);
        channel.basicPublish("amq.schedule", "", true, job, new byte[0]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(List.of(312), returned, "there was nothing any more");
        server.pass(7_200_000);
        assertEquals(2, next().getBody()[0]);
        channel.queueDeclarePassive(queue); // what came would have come before
        assertTrue(came.isEmpty());
    }

    /** At its time it would go nowhere, and what waits would be lost. */
    @Test
    void whatOnlyCallsOffTakesNoTime() throws Exception {
        channel.basicPublish(
                "", queue, headers(Map.of("x-schedule-id", "stays", "x-delay", 3_600_000)), new byte[] {1});
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        for (String time : List.of("x-delay", "x-deliver-at")) {
            Channel c = connection.createChannel();
            AMQP.BasicProperties p = headers(Map.of("x-schedule-id", "stays", time, 7_200_000));
            String why = ErrorCodes.channelClosed(406, c, () -> c.basicPublish("amq.schedule", "", p, new byte[] {2}));
            assertTrue(why.contains("'amq.schedule' only calls off"), why);
        }
        server.pass(7_200_000);
        assertEquals(1, next().getBody()[0]);
    }

    /** A clock that is set forward, or a leader whose clock is ahead: what comes then has its own time, not that of what was waited for. */
    @Test
    void afterALeapOfTheClock() throws Exception {
        channel.basicPublish("", queue, header("x-delay", 3_600_000), new byte[] {1});
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        server.pass(7_200_000);
        assertEquals(1, next().getBody()[0]);
        channel.basicPublish("", queue, header("x-delay", 20), new byte[] {2});
        assertEquals(2, next().getBody()[0]);
    }

    /** As late as it can be said, and nothing that comes before waits for it. */
    @Test
    @Row("header x-deliver-at")
    void theLastMomentOfTheYear9999() throws Exception {
        String id = unique("far");
        for (Object far : List.of(253_402_300_799_999L, "253402300799999", new Date(253_402_300_799_000L))) {
            channel.basicPublish("", queue, headers(Map.of("x-deliver-at", far, "x-schedule-id", id)), new byte[] {9});
        }
        channel.basicPublish("", queue, headers(Map.of("x-delay", 315_619_200_000L)), new byte[] {8});
        channel.basicPublish("", queue, headers(Map.of("x-delay", 1)), new byte[] {1});
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(1, next().getBody()[0]);
        server.pass(86_400_000L * 365);
        channel.basicPublish("", queue, null, new byte[] {2});
        assertEquals(2, next().getBody()[0]);
        channel.basicPublish("amq.schedule", "", true, headers(Map.of("x-schedule-id", id)), new byte[0]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertTrue(came.isEmpty());
    }

    static Stream<Map<String, Object>> bad() {
        return Stream.of(
                Map.of("x-delay", "soon"),
                Map.of("x-delay", 1e300),
                Map.of("x-delay", Long.MAX_VALUE),
                Map.of("x-delay", true),
                Map.of("x-deliver-at", "tomorrow"),
                Map.of("x-deliver-at", 253_402_300_800_000L),
                Map.of("x-deliver-at", -1),
                Map.of("x-deliver-at", 1, "x-delay", 1),
                Map.of("x-delay", 1, "x-schedule-id", 7),
                Map.of("x-delay", 1, "x-schedule-id", "x".repeat(256)));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void whatMakesNoSenseIsRefused(Map<String, Object> headers) throws Exception {
        AMQP.BasicProperties p =
                new AMQP.BasicProperties.Builder().headers(headers).build();
        String text = ErrorCodes.channelClosed(406, channel, () -> channel.basicPublish("", queue, p, new byte[1]));
        assertTrue(text.contains("x-"), text);
    }
}
