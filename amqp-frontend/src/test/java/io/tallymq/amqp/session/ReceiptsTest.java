package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.LongStringHelper;
import io.tallymq.amqp.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes that have names, with the real client: published again they are stored once, and their receipts are got like messages. */
class ReceiptsTest extends ClientCase {
    private String queue;
    private String producer;

    @BeforeEach
    void declare() throws IOException {
        channel.confirmSelect();
        queue = declare(Map.of());
        producer = unique("payments") + "/1";
    }

    private void publish(Channel on, String to, Map<String, Object> headers) throws IOException {
        on.basicPublish("", to, headers(headers), new byte[] {1});
    }

    private Map<String, Object> name(long seq) {
        return Map.of("x-producer-id", producer, "x-publish-seq", seq);
    }

    private boolean confirmed() throws Exception {
        return channel.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE));
    }

    private JsonNode receipt(String name) throws IOException {
        GetResponse r = channel.basicGet("amq.receipt." + name, false);
        if (r == null) {
            return null;
        }
        channel.basicAck(r.getEnvelope().getDeliveryTag(), false);
        JsonNode body = new ObjectMapper().readTree(r.getBody());
        Object outcome = r.getProps().getHeaders().get("x-outcome");
        assertEquals(body.path("outcome").asText(""), outcome == null ? "" : outcome.toString());
        return body;
    }

    private JsonNode receipt(long seq) throws IOException {
        return receipt(producer + "." + seq);
    }

    /** A nack decides it: what this node answers by itself does not wait for a publish behind it. */
    @Test
    void afterARefusedVoidTheChannelGoesOn() throws Exception {
        publish(channel, queue, name(1));
        assertTrue(confirmed());
        channel.basicPublish("amq.receipt", "void", headers(name(1)), new byte[0]);
        assertFalse(confirmed());
        CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
            try {
                channel.basicQos(7);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        answered.get(PATIENCE, TimeUnit.SECONDS);
    }

    @Test
    @Row({"header x-producer-id", "header x-publish-seq"})
    void whatIsPublishedAgainIsStoredOnceAndConfirmed() throws Exception {
        for (long seq : new long[] {1, 2, 2, 1, 3}) {
            publish(channel, queue, name(seq));
        }
        assertTrue(confirmed());
        assertEquals(3, channel.messageCount(queue));
        JsonNode r = receipt(2);
        assertEquals("stored", r.get("outcome").asText());
        assertTrue(r.get("final").asBoolean());
        assertEquals("ready", r.get("queues").get(0).get("state").asText());
        assertEquals(queue, r.get("queues").get(0).get("queue").asText());
        assertTrue(r.get("index").asLong() > 0);
        assertEquals(1, r.get("duplicates").asLong());
        assertEquals(0, receipt(3).get("duplicates").asLong());
        assertEquals("unseen", receipt(4).get("outcome").asText());
        assertFalse(receipt(4).get("final").asBoolean());
    }

    /** With the headers that it got, as Spring's RepublishMessageRecoverer does it, and people who fetch dead letters back. */
    @Test
    @Row({"header x-produced-by", "header x-produced-no"})
    void whoPassesAMessageOnPublishesAnotherOne() throws Exception {
        publish(channel, queue, name(1));
        assertTrue(confirmed());
        for (int i = 0; i < 2; i++) {
            GetResponse got = channel.basicGet(queue, false);
            Map<String, Object> headers = got.getProps().getHeaders();
            assertEquals(Set.of("x-produced-by", "x-produced-no"), headers.keySet());
            assertEquals(producer, headers.get("x-produced-by").toString());
            assertEquals(1L, headers.get("x-produced-no"));
            channel.basicPublish("", queue, got.getProps(), got.getBody());
            assertTrue(confirmed());
            channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
        }
        assertEquals(1, channel.messageCount(queue));
    }

    @Test
    @Row({
        "header x-produced-epoch",
        "header x-produced-if",
        "header x-preceded-by",
        "header x-preceded-no",
        "header x-preceded-epoch",
        "header x-preceded-if"
    })
    void whoGivesACopyANameOfItsOwnKeepsWhoseItWas() throws Exception {
        publish(channel, queue, name(4));
        assertTrue(confirmed());
        Map<String, Object> headers = new HashMap<>(name(5));
        headers.putAll(Map.of("x-producer-epoch", 0, "x-expect-last", 4));
        headers.putAll(Map.of("x-produced-by", "he", "x-produced-no", 3, "x-produced-epoch", 2, "x-produced-if", 1));
        headers.putAll(Map.of("x-preceded-by", "she", "x-preceded-if", 7, "note", Map.of("x-preceded-by", "nobody")));
        publish(channel, queue, headers);
        publish(channel, queue, headers);
        assertTrue(confirmed());
        assertEquals(2, channel.messageCount(queue));
        channel.basicGet(queue, true);
        Map<String, Object> got = new TreeMap<>();
        channel.basicGet(queue, true).getProps().getHeaders().forEach((k, v) -> got.put(k, v.toString()));
        assertEquals(
                Map.of(
                        "x-produced-by",
                        producer,
                        "x-produced-no",
                        "5",
                        "x-produced-epoch",
                        "0",
                        "x-produced-if",
                        "4",
                        "x-preceded-by",
                        "he",
                        "x-preceded-no",
                        "3",
                        "x-preceded-epoch",
                        "2",
                        "x-preceded-if",
                        "1",
                        "note",
                        "{x-preceded-by=nobody}"),
                got);
    }

    @Test
    void whatComesBackToItsPublisherHasItsName() throws Exception {
        BlockingQueue<Map<String, Object>> back = new LinkedBlockingQueue<>();
        channel.addReturnListener((code, text, x, key, p, body) -> back.add(p.getHeaders()));
        for (int size : new int[] {1, 5 << 20}) {
            channel.basicPublish("", unique("nowhere"), true, headers(name(size)), new byte[size]);
            assertTrue(confirmed());
            Map<String, Object> headers = back.poll(PATIENCE, TimeUnit.SECONDS);
            assertEquals(Set.of("x-producer-id", "x-publish-seq"), headers.keySet());
            assertEquals((long) size, headers.get("x-publish-seq"));
        }
    }

    @Test
    void theProducerIsToldAbout() throws Exception {
        assertNull(receipt(producer), "nothing is known of it");
        publish(channel, queue, name(7));
        publish(channel, queue, name(10));
        assertTrue(confirmed());
        JsonNode p = receipt(producer);
        assertEquals(10, p.get("last").asLong());
        assertEquals("[0,6]", p.get("gaps").get(0).toString());
        assertEquals("[8,9]", p.get("gaps").get(1).toString());
    }

    @Test
    void whatIsTooOldIsNackedWithItsReason() throws Exception {
        BlockingQueue<String> why = new LinkedBlockingQueue<>();
        channel.addReturnListener((code, text, x, key, p, body) -> why.add(code + " " + text));
        publish(channel, queue, name(10_000));
        assertTrue(confirmed());
        channel.basicPublish("", queue, true, headers(name(1)), new byte[1]);
        assertFalse(confirmed());
        assertTrue(why.poll(PATIENCE, TimeUnit.SECONDS).contains("is too old"));
        assertEquals("forgotten", receipt(1).get("outcome").asText());
        assertEquals(1, channel.messageCount(queue));
    }

    /** There is no nack; whoever wants what is refused back is told by that. */
    @Test
    void withoutConfirmsWhatIsTooOldEndsTheChannel() throws Exception {
        publish(channel, queue, name(10_000));
        assertTrue(confirmed());
        Channel unconfirmed = connection.createChannel();
        BlockingQueue<String> why = new LinkedBlockingQueue<>();
        unconfirmed.addReturnListener((code, text, x, key, p, body) -> why.add(code + " " + text));
        unconfirmed.basicPublish("", queue, true, headers(name(1)), new byte[1]);
        assertTrue(why.poll(PATIENCE, TimeUnit.SECONDS).contains("is too old"));
        publish(unconfirmed, queue, name(10_000)); // came before, which is no mistake
        assertEquals(1, unconfirmed.messageCount(queue));
        String text = ErrorCodes.channelClosed(406, unconfirmed, () -> publish(unconfirmed, queue, name(1)));
        assertTrue(text.contains("is too old"), text);
        assertEquals(1, channel.messageCount(queue));
    }

    @Test
    @Row("name amq.receipt")
    void whatIsMadeVoidNeverComes() throws Exception {
        publish(channel, queue, name(1));
        channel.basicPublish("amq.receipt", "void", headers(name(2)), new byte[0]);
        assertTrue(confirmed());
        publish(channel, queue, name(2));
        assertFalse(confirmed());
        assertEquals("void", receipt(2).get("outcome").asText());
        channel.basicPublish("amq.receipt", "void", headers(name(1)), new byte[0]);
        assertFalse(confirmed(), "it is stored");
        assertEquals(1, channel.messageCount(queue));
    }

    @Test
    @Row({"header x-expect-last", "header x-expect-queue-length-below"})
    void conditionsAreKept() throws Exception {
        Map<String, Object> first = new HashMap<>(name(1));
        first.put("x-expect-last", 0);
        publish(channel, queue, first);
        assertTrue(confirmed());
        Map<String, Object> third = new HashMap<>(name(3));
        third.put("x-expect-last", 2);
        publish(channel, queue, third);
        assertFalse(confirmed());
        assertEquals("refused", receipt(3).get("outcome").asText());
        publish(channel, queue, Map.of("x-expect-queue-length-below", 1));
        assertFalse(confirmed());
        publish(channel, queue, Map.of("x-expect-queue-length-below", 2));
        assertTrue(confirmed());
    }

    @Test
    void whoTakesAProducersPlaceEndsTheOneBefore() throws Exception {
        publish(channel, queue, name(1));
        assertTrue(confirmed());
        BlockingQueue<ShutdownSignalException> ended = new LinkedBlockingQueue<>();
        connection.addShutdownListener(ended::add);
        ConnectionFactory factory = server.factory();
        Map<String, Object> properties = new HashMap<>(factory.getClientProperties());
        properties.put("producer_id", producer);
        factory.setClientProperties(properties);
        try (Connection next = factory.newConnection()) {
            assertTrue(ended.poll(PATIENCE, TimeUnit.SECONDS)
                    .getMessage()
                    .contains("#method<connection.close>(reply-code=320"));
            Channel c = next.createChannel();
            c.confirmSelect();
            publish(c, queue, name(1));
            publish(c, queue, name(2));
            assertTrue(c.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
            assertEquals(2, c.messageCount(queue));
        }
    }

    private Connection connect(Map<String, Object> claim) throws Exception {
        ConnectionFactory factory = server.factory().clone();
        Map<String, Object> properties = new HashMap<>(factory.getClientProperties());
        properties.putAll(claim);
        factory.setClientProperties(properties);
        return factory.newConnection();
    }

    private Map<String, Object> name(long seq, long epoch) {
        return Map.of("x-producer-id", producer, "x-publish-seq", seq, "x-producer-epoch", epoch);
    }

    /** Whoever connects again is younger than the one that took the place: what keeps him out is what he says. */
    @Test
    @Row("header x-producer-epoch")
    void whoSaysWhatEpochHeIsOfIsKeptOutOnEveryConnection() throws Exception {
        publish(channel, queue, name(1, 0));
        assertTrue(confirmed());
        connect(Map.of("producer_id", producer)).close();
        try (Connection again = server.factory().newConnection();
                Connection third = connect(Map.of("producer_id", producer, "producer_epoch", 1))) {
            Channel c = again.createChannel();
            c.confirmSelect();
            publish(c, queue, name(2, 0));
            assertFalse(c.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
            publish(c, queue, name(2, 1));
            assertTrue(c.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
            Channel d = third.createChannel();
            d.confirmSelect();
            publish(d, queue, name(3));
            assertTrue(d.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE)));
            assertEquals(3, d.messageCount(queue));
        }
        IOException e =
                assertThrows(IOException.class, () -> connect(Map.of("producer_id", producer, "producer_epoch", 0)));
        assertTrue(e.getCause().getMessage().contains("(epoch 1): one of epoch 0"), "" + e.getCause());
        Map<String, Object> many = new HashMap<>(Map.of("producer_id", producer, "producer_epoch", 0));
        for (int i = 0; i < 300; i++) {
            many.put("p" + i, i);
        }
        e = assertThrows(IOException.class, () -> connect(many), "properties of which only some are kept");
        assertTrue(e.getCause().getMessage().contains("(epoch 1): one of epoch 0"), "" + e.getCause());
    }

    /** Also one whose id ends as a publish's name does. */
    @Test
    void aProducerOfSuchANameIsToldAbout() throws Exception {
        producer = unique("10.0.0") + ".1";
        assertEquals("unseen", receipt(producer).get("outcome").asText());
        publish(channel, queue, name(5));
        assertTrue(confirmed());
        assertEquals(5, receipt(producer).get("last").asLong());
        assertFalse(receipt(producer).has("more_gaps"));
        assertEquals("stored", receipt(5).get("outcome").asText());
    }

    /** The name of what is got has 255 bytes at most: who has a longer one asks over HTTP. */
    @Test
    void theLongestNamesThatCanBeAskedFor() throws Exception {
        producer = "p".repeat(255 - "amq.receipt..7".length());
        publish(channel, queue, name(7));
        assertTrue(confirmed());
        assertEquals("stored", receipt(7).get("outcome").asText());
        assertThrows(IllegalArgumentException.class, () -> receipt(10));
        assertEquals(7, receipt(producer).get("last").asLong());
    }

    private byte[] filled(int bytes) {
        byte[] body = new byte[bytes];
        java.util.Arrays.fill(body, (byte) 'x');
        return body;
    }

    /** What is larger than a part is decided by the entry of its last part. */
    @Test
    void aBodyInPartsHasANameAsAnyOther() throws Exception {
        byte[] large = filled(3 << 20);
        for (int n = 0; n < 2; n++) {
            channel.basicPublish("", queue, headers(name(1)), large);
        }
        assertTrue(confirmed());
        assertEquals(1, channel.messageCount(queue));
        assertEquals("stored", receipt(1).get("outcome").asText());
        assertEquals(1, receipt(1).get("duplicates").asLong());
        channel.basicPublish("amq.receipt", "void", headers(name(2)), new byte[0]);
        assertTrue(confirmed());
        channel.basicPublish("", queue, headers(name(2)), large);
        assertFalse(confirmed());
        assertEquals("void", receipt(2).get("outcome").asText());
        assertEquals(1, channel.messageCount(queue));
    }

    /** Why the channel is or comes to be closed. */
    private String closed(Channel c) {
        try {
            c.queueDeclarePassive(queue);
            return "it is open";
        } catch (IOException e) {
            return "" + e.getCause();
        } catch (ShutdownSignalException e) {
            return "" + e.getMessage();
        }
    }

    @Test
    void whatHasNoGoodNameEndsTheChannel() throws Exception {
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of("x-producer-id", "p"),
                Map.of("x-publish-seq", 1),
                Map.of("x-producer-id", "p", "x-publish-seq", "1"),
                Map.of("x-producer-id", "p", "x-publish-seq", -1),
                Map.of("x-producer-id", "p", "x-publish-seq", Long.MAX_VALUE),
                Map.of("x-producer-id", 7, "x-publish-seq", 1),
                Map.of("x-producer-id", "", "x-publish-seq", 1),
                Map.of("x-producer-id", "p".repeat(256), "x-publish-seq", 1),
                Map.of(
                        "x-producer-id",
                        LongStringHelper.asLongString(new byte[] {'m', (byte) 0xfc}),
                        "x-publish-seq",
                        1),
                Map.of("x-delay", 1, "x-schedule-id", LongStringHelper.asLongString(new byte[] {(byte) 0xfc})),
                Map.of("CC", List.of(LongStringHelper.asLongString(new byte[] {(byte) 0xfc}))),
                Map.of("x-expect-last", 1),
                Map.of("x-producer-epoch", 1),
                Map.of("x-producer-id", "p", "x-publish-seq", 1, "x-producer-epoch", "1"),
                Map.of("x-producer-id", "p", "x-publish-seq", 1, "x-producer-epoch", -1),
                Map.of("x-expect-queue-length-below", "many"))) {
            Channel c = connection.createChannel();
            publish(c, queue, bad);
            String why = closed(c);
            assertTrue(why.contains("reply-code=406"), bad + " " + why);
        }
        assertEquals(0, channel.messageCount(queue));
    }

    @Test
    void aReceiptsNameIsNoQueue() throws Exception {
        Channel c = connection.createChannel();
        IOException e = assertThrows(IOException.class, () -> c.queueDeclarePassive("amq.receipt.p.1"));
        assertTrue(e.getCause().getMessage().contains("reply-code=403"), "" + e.getCause());
        Channel d = connection.createChannel();
        publish(d, "amq.receipt.p.1", Map.of());
        String why = closed(d);
        assertTrue(why.contains("basic.get takes a receipt from it"), why);
    }

    @Test
    void aTransactionThatCommitsAgainIsDoneOnce() throws Exception {
        for (int n = 0; n < 2; n++) {
            Channel c = connection.createChannel();
            c.txSelect();
            publish(c, queue, name(1));
            publish(c, queue, name(2));
            c.txCommit();
            c.close();
        }
        assertEquals(2, channel.messageCount(queue));
        assertEquals(1, receipt(2).get("duplicates").asLong());
        Channel c = connection.createChannel();
        c.txSelect();
        publish(c, queue, name(2));
        publish(c, queue, name(3));
        IOException e = assertThrows(IOException.class, c::txCommit);
        assertTrue(e.getCause().getMessage().contains("reply-code=406"), "" + e.getCause());
        assertEquals("unseen", receipt(3).get("outcome").asText());
    }
}
