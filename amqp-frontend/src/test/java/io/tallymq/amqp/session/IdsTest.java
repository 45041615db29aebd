package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.PolicySpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges that remember ids, with the real client: policy dedup-id. */
class IdsTest extends ClientCase {
    private String exchange;
    private String queue;

    @BeforeEach
    void declare() throws IOException {
        channel.confirmSelect();
        exchange = unique("orders") + ".in";
        channel.exchangeDeclare(exchange, "fanout", true);
        queue = declare(Map.of());
        channel.queueBind(queue, exchange, "");
    }

    @AfterEach
    void clear() {
        server.broker().submit(new ClearPolicy("/", exchange, false)).join();
    }

    private void policy(Map<String, Object> definition) {
        PolicySpec spec =
                new PolicySpec("^" + exchange + "$", "exchanges", 9, new Arguments(new TreeMap<>(definition)));
        assertInstanceOf(
                Reply.PolicySet.class,
                server.broker()
                        .submit(new SetPolicy("/", exchange, false, spec))
                        .join());
    }

    private static AMQP.BasicProperties id(String id) {
        return new AMQP.BasicProperties.Builder().messageId(id).build();
    }

    private void publish(Channel on, String... ids) throws IOException {
        for (String id : ids) {
            on.basicPublish(exchange, "", id(id), new byte[] {1});
        }
    }

    private boolean confirmed() throws Exception {
        return channel.waitForConfirms(TimeUnit.SECONDS.toMillis(PATIENCE));
    }

    private JsonNode receipt(String id) throws IOException {
        GetResponse r = channel.basicGet("amq.receipt.id." + exchange + "." + id, true);
        JsonNode body = new ObjectMapper().readTree(r.getBody());
        assertEquals(
                body.get("outcome").asText(),
                r.getProps().getHeaders().get("x-outcome").toString());
        return body;
    }

    @Test
    @Row("policy dedup-id")
    void whatIsPublishedAgainIsStoredOnceAndConfirmed() throws Exception {
        policy(Map.of("dedup-id", "message-id"));
        publish(channel, "a", "b.1", "a", "b.1", "c");
        assertTrue(confirmed());
        assertEquals(3, channel.messageCount(queue));
        JsonNode r = receipt("b.1");
        assertEquals("stored", r.get("outcome").asText());
        assertTrue(r.get("final").asBoolean());
        assertEquals(exchange, r.get("exchange").asText());
        assertEquals("b.1", r.get("id").asText());
        assertEquals(queue, r.get("queues").get(0).get("queue").asText());
        assertEquals("ready", r.get("queues").get(0).get("state").asText());
        assertEquals(1, r.get("duplicates").asLong());
        assertTrue(r.get("index").asLong() > 0);
        JsonNode unseen = receipt("d");
        assertEquals("unseen", unseen.get("outcome").asText());
        assertFalse(unseen.get("final").asBoolean());
        // In the millisecond in which the policy came nothing is certain, and this may be it.
        assertTrue(unseen.get("known_since").asLong() <= r.get("time").asLong() + 1);
    }

    @Test
    @Row({"policy dedup-window", "policy dedup-max"})
    void anIdIsRememberedForItsWindowAndWhileThereIsRoom() throws Exception {
        policy(Map.of("dedup-id", "message-id", "dedup-window", 1L));
        publish(channel, "a");
        assertTrue(confirmed());
        while (receipt("a").get("outcome").asText().equals("stored")) {
            publish(channel, "other"); // time passes by entries
            assertTrue(confirmed());
        }
        long before = channel.messageCount(queue);
        publish(channel, "a");
        assertTrue(confirmed());
        assertEquals(before + 1, channel.messageCount(queue));
        policy(Map.of("dedup-id", "message-id", "dedup-max", 2L));
        publish(channel, "1", "2", "3", "3", "1");
        assertTrue(confirmed());
        assertEquals(before + 5, channel.messageCount(queue));
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
    void aHeaderThatIsNoIdEndsTheChannel() throws Exception {
        policy(Map.of("dedup-id", "header:order"));
        for (boolean confirms : new boolean[] {false, true}) {
            Channel c = connection.createChannel();
            if (confirms) {
                c.confirmSelect();
            }
            c.basicPublish(exchange, "", headers(Map.of("order", true)), new byte[1]);
            String why = closed(c);
            assertTrue(why.contains("reply-code=406") && why.contains("header 'order' is the id"), why);
        }
        for (Object id : new Object[] {"7", 7, 7L}) {
            channel.basicPublish(exchange, "", headers(Map.of("order", id)), new byte[1]);
        }
        channel.basicPublish(exchange, "", headers(Map.of()), new byte[1]);
        assertTrue(confirmed());
        assertEquals(2, channel.messageCount(queue));
    }

    @Test
    void aTransactionThatCommitsAgainIsDoneOnce() throws Exception {
        policy(Map.of("dedup-id", "message-id"));
        for (int n = 0; n < 2; n++) {
            Channel c = connection.createChannel();
            c.txSelect();
            publish(c, "1", "2");
            c.txCommit();
            c.close();
        }
        assertEquals(2, channel.messageCount(queue));
        Channel c = connection.createChannel();
        c.txSelect();
        publish(c, "2", "3");
        IOException e = assertThrows(IOException.class, c::txCommit);
        assertTrue(e.getCause().getMessage().contains("reply-code=406"), "" + e.getCause());
        assertEquals("unseen", receipt("3").get("outcome").asText());
    }

    @Test
    void aBodyInPartsCountsOnce() throws Exception {
        policy(Map.of("dedup-id", "message-id"));
        byte[] large = new byte[3 << 20];
        for (int n = 0; n < 2; n++) {
            channel.basicPublish(exchange, "", id("large"), large);
        }
        assertTrue(confirmed());
        assertEquals(1, channel.messageCount(queue));
        assertEquals(1, receipt("large").get("duplicates").asLong());
    }

    private void makeVoid(Channel on, Map<String, Object> headers) throws IOException {
        on.basicPublish("amq.receipt", "void", true, headers(headers), new byte[0]);
    }

    private Map<String, Object> of(Object id) {
        return Map.of("x-publish-exchange", exchange, "x-publish-id", id);
    }

    @Test
    @Row({"header x-publish-exchange", "header x-publish-id"})
    void anIdThatIsMadeVoidDoesNotComeAndOneThatCameIsTold() throws Exception {
        policy(Map.of("dedup-id", "header:order"));
        BlockingQueue<String> why = new LinkedBlockingQueue<>();
        channel.addReturnListener((code, text, x, key, p, body) -> why.add(code + " " + text));
        makeVoid(channel, of("a"));
        makeVoid(channel, of("a"));
        makeVoid(channel, of(7));
        assertTrue(confirmed(), "again, too: it is void");
        channel.basicPublish(exchange, "", headers(Map.of("order", "b")), new byte[1]);
        assertTrue(confirmed());
        for (Object id : new Object[] {"a", "7", 7L}) {
            channel.basicPublish(exchange, "", headers(Map.of("order", id)), new byte[1]);
            assertFalse(confirmed());
        }
        assertEquals("void", receipt("a").get("outcome").asText());
        assertEquals("void", receipt("7").get("outcome").asText());
        makeVoid(channel, of("b"));
        assertFalse(confirmed(), "it is stored");
        String told = why.poll(PATIENCE, TimeUnit.SECONDS);
        assertTrue(told.contains("came before: it is stored"), told);
        assertEquals("stored", receipt("b").get("outcome").asText());
        assertEquals(1, channel.messageCount(queue));
    }

    @Test
    void whatNamesNoPublishIsNotMadeVoid() throws Exception {
        policy(Map.of("dedup-id", "message-id"));
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of(),
                Map.of("x-publish-exchange", exchange),
                Map.of("x-publish-id", "a"),
                Map.of("x-publish-exchange", exchange, "x-publish-id", ""),
                Map.of("x-publish-exchange", "", "x-publish-id", "a"),
                Map.of("x-publish-exchange", 7, "x-publish-id", "a"),
                Map.of("x-publish-exchange", "x".repeat(256), "x-publish-id", "a"),
                Map.of("x-publish-exchange", exchange, "x-publish-id", true),
                Map.of("x-publish-exchange", exchange, "x-publish-id", List.of("a")),
                Map.of("x-publish-exchange", exchange, "x-publish-id", "\u00fc".repeat(128)),
                Map.of(
                        "x-publish-exchange",
                        exchange,
                        "x-publish-id",
                        "a",
                        "x-producer-id",
                        "p",
                        "x-publish-seq",
                        1L))) {
            Channel c = connection.createChannel();
            makeVoid(c, bad);
            String why = closed(c);
            assertTrue(why.contains("reply-code=406") && why.contains("amq.receipt: "), bad + " " + why);
        }
        for (String other : List.of("none", "amq.fanout")) {
            Channel c = connection.createChannel();
            makeVoid(c, Map.of("x-publish-exchange", other, "x-publish-id", "a"));
            String why = closed(c);
            assertTrue(why.contains("reply-code=404") && why.contains("remembers ids"), why);
        }
        assertEquals("unseen", receipt("a").get("outcome").asText());
    }

    @Test
    void whatNoExchangeRemembersHasNoReceipt() throws Exception {
        for (String name : new String[] {exchange + ".a", "none.a", "a", ""}) {
            Channel c = connection.createChannel();
            IOException e = assertThrows(IOException.class, () -> c.basicGet("amq.receipt.id." + name, true));
            assertTrue(e.getCause().getMessage().contains("reply-code=404"), "" + e.getCause());
        }
    }
}
