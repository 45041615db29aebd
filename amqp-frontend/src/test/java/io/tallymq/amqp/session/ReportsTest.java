package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What publishers are told of their messages (x-report), with the real client. */
class ReportsTest extends ClientCase {
    private String queue;
    private String reports;

    @BeforeEach
    void declare() throws IOException {
        channel.confirmSelect();
        queue = declare(Map.of());
        reports = channel.queueDeclare().getQueue(); // exclusive, as they mostly are
    }

    private static AMQP.BasicProperties properties(String id, String replyTo, Object words, Map<String, Object> more) {
        Map<String, Object> headers = new HashMap<>(more);
        headers.put("x-report", words);
        return new AMQP.BasicProperties.Builder()
                .messageId(id)
                .replyTo(replyTo)
                .headers(headers)
                .build();
    }

    private boolean publish(String to, String id, Object words) throws Exception {
        channel.basicPublish("", to, properties(id, reports, words, Map.of()), new byte[] {1});
        return channel.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE));
    }

    private void settle(String from, boolean ack) throws IOException {
        long tag = channel.basicGet(from, false).getEnvelope().getDeliveryTag();
        if (ack) {
            channel.basicAck(tag, false);
        } else {
            channel.basicReject(tag, false);
        }
    }

    private GetResponse report(String event, String id) throws IOException {
        GetResponse r = fetch(reports);
        assertEquals(event, r.getProps().getHeaders().get("x-report-event").toString());
        assertEquals(id, r.getProps().getCorrelationId());
        assertEquals("application/json", r.getProps().getContentType());
        JsonNode body = new ObjectMapper().readTree(r.getBody());
        assertEquals(event, body.get("event").asText());
        assertEquals(id, body.get("message_id").asText());
        assertEquals(
                body.get("time").asLong() / 1000, r.getProps().getTimestamp().getTime() / 1000);
        return r;
    }

    private static String header(GetResponse r, String name) {
        Object value = r.getProps().getHeaders().get(name);
        return value == null ? null : value.toString();
    }

    @Test
    @Row({"header x-report", "header x-report-event", "header x-report-queue"})
    void whatBecomesOfAMessageIsTold() throws Exception {
        assertTrue(publish(queue, "m1", "stored,acked,expired,dead-lettered,refused"));
        JsonNode stored = new ObjectMapper().readTree(report("stored", "m1").getBody());
        assertEquals("[\"" + queue + "\"]", stored.get("queues").toString());
        assertTrue(stored.get("index").asLong() > 0);
        settle(queue, true);
        assertEquals(queue, header(report("acked", "m1"), "x-report-queue"));
        assertNull(channel.basicGet(reports, true), "a report is told of to nobody");
    }

    @Test
    @Row("header x-report-reason")
    void aListOfWordsIsGoodTooAndReasonsAreTold() throws Exception {
        assertTrue(publish(queue, "m1", List.of("acked", "dropped")));
        settle(queue, false);
        assertEquals("rejected", header(report("dropped", "m1"), "x-report-reason"));
        String full = declare(Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
        assertFalse(publish(full, "m2", "refused"));
        assertTrue(header(report("refused", "m2"), "x-report-reason").contains("has no room"));
    }

    @Test
    void deadLettersAndExpiredOnes() throws Exception {
        String dead = declare(Map.of());
        String dying = declare(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        assertTrue(publish(dying, "m1", "dead-lettered, acked"));
        settle(dying, false);
        GetResponse r = report("dead-lettered", "m1");
        assertEquals("rejected", header(r, "x-report-reason"));
        assertEquals(
                "[\"" + dead + "\"]",
                new ObjectMapper().readTree(r.getBody()).get("to").toString());
        fetch(dead); // a consumer that does not ack has acked when it is sent it
        assertEquals(dead, header(report("acked", "m1"), "x-report-queue"));
        String brief = declare(Map.of("x-message-ttl", 1));
        assertTrue(publish(brief, "m2", "expired"));
        assertEquals(brief, header(report("expired", "m2"), "x-report-queue"));
    }

    @Test
    @Row({"header x-report-producer-id", "header x-report-publish-seq"})
    void aMessageWithANameIsToldOfWithIt() throws Exception {
        String producer = unique("p");
        Map<String, Object> name = Map.of("x-producer-id", producer, "x-publish-seq", 7L);
        for (int n = 0; n < 2; n++) {
            channel.basicPublish("", queue, properties("m1", reports, "stored", name), new byte[1]);
            assertTrue(channel.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
        }
        GetResponse r = report("stored", "m1");
        assertEquals(producer, header(r, "x-report-producer-id"));
        assertEquals("7", header(r, "x-report-publish-seq"));
        assertNull(channel.basicGet(reports, true), "what came before is not told again");
    }

    @Test
    @Row("queue x-receipts")
    void aQueueMayHaveAllToldInTheStream() throws Exception {
        channel.queueDeclare("amq.receipts", true, false, false, Map.of("x-queue-type", "stream"));
        String audited = declare(Map.of("x-receipts", "stream"));
        channel.basicPublish("", audited, null, new byte[1]);
        assertTrue(channel.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
        settle(audited, false);
        channel.basicQos(10);
        var told = consume(channel, "amq.receipts", Map.of("x-stream-offset", "first"));
        for (String event : List.of("stored", "dropped")) {
            var headers = next(told).getProperties().getHeaders();
            assertEquals(event, headers.get("x-report-event").toString());
            assertEquals(audited, headers.get("x-report-queue").toString());
        }
        channel.queueDelete("amq.receipts");
    }

    @Test
    void transactionsTell() throws Exception {
        Channel tx = connection.createChannel();
        tx.txSelect();
        tx.basicPublish("", queue, properties("m1", reports, "stored,acked", Map.of()), new byte[1]);
        assertNull(channel.basicGet(reports, true));
        tx.txCommit();
        report("stored", "m1");
        tx.basicAck(tx.basicGet(queue, false).getEnvelope().getDeliveryTag(), false);
        assertNull(channel.basicGet(reports, true));
        tx.txCommit();
        report("acked", "m1");
    }

    /** What is told there is the broker's word. */
    @Test
    void nobodyPublishesToTheFeed() throws Exception {
        channel.queueDeclare("amq.receipts", true, false, false, Map.of("x-queue-type", "stream"));
        for (var forged : List.of(
                new AMQP.BasicProperties.Builder().type("report").build(),
                new AMQP.BasicProperties.Builder()
                        .headers(Map.of("CC", List.of("amq.receipts")))
                        .build(),
                new AMQP.BasicProperties.Builder()
                        .headers(Map.of("BCC", List.of("amq.receipts")))
                        .build(),
                properties("m", "amq.receipts", "stored", Map.of()))) {
            Channel c = connection.createChannel();
            String key = forged.getHeaders() == null ? "amq.receipts" : queue;
            String why = ErrorCodes.channelClosed(403, c, () -> c.basicPublish("", key, forged, new byte[] {1}));
            assertTrue(why.contains("by the broker alone"), why);
        }
        assertEquals(0, channel.messageCount(queue));
        channel.queueDelete("amq.receipts");
    }

    private void isRefused(AMQP.BasicProperties properties, String text) throws Exception {
        Channel other = connection.createChannel();
        other.confirmSelect();
        other.basicPublish("", queue, properties, new byte[1]);
        Exception e =
                assertThrows(Exception.class, () -> other.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(PATIENCE)));
        Throwable why = e instanceof ShutdownSignalException ? e : e.getCause();
        assertTrue(why != null && why.getMessage().contains(text), String.valueOf(e));
        assertEquals(0, channel.messageCount(queue));
    }

    @Test
    @Row("header x-report")
    void whatCantBeToldIsRefused() throws Exception {
        isRefused(
                properties("m", reports, "stored,eaten", Map.of()), "invalid header 'x-report': one or more of stored");
        isRefused(properties("m", reports, 7, Map.of()), "invalid header 'x-report'");
        isRefused(properties("m", reports, List.of("acked", 7), Map.of()), "invalid header 'x-report'");
        isRefused(properties("m", reports, "", Map.of()), "invalid header 'x-report'");
        isRefused(properties("m", reports, List.of(), Map.of()), "invalid header 'x-report'");
        isRefused(properties("m", null, "acked", Map.of()), "needs the property reply_to");
        isRefused(properties("m", "amq.rabbitmq.reply-to.x", "acked", Map.of()), "reports go to a queue");
        Channel direct = connection.createChannel();
        direct.basicConsume("amq.rabbitmq.reply-to", true, new DefaultConsumer(direct));
        direct.basicPublish("", queue, properties("m", "amq.rabbitmq.reply-to", "acked", Map.of()), new byte[1]);
        String why = ErrorCodes.channelClosed(406, direct, () -> direct.basicGet(queue, true));
        assertTrue(why.contains("reports go to a queue"), why);
    }
}
