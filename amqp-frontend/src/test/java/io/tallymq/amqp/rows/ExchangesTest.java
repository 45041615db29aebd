package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The types that exchanges can have, and the arguments by which they route. */
class ExchangesTest extends ClientCase {
    private static final int MANY = 200;

    private String exchange(String type, Map<String, Object> arguments) throws IOException {
        String name = unique("x");
        channel.exchangeDeclare(name, type, false, false, arguments);
        return name;
    }

    private String bound(String exchange, String key) throws IOException {
        return bound(exchange, key, null);
    }

    private String bound(String exchange, String key, Map<String, Object> arguments) throws IOException {
        String queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, exchange, key, arguments);
        return queue;
    }

    private void publish(String exchange, String key, Map<String, Object> headers) throws IOException {
        channel.basicPublish(exchange, key, headers(headers), key.getBytes());
    }

    private void publish(String exchange, String... keys) throws IOException {
        for (String key : keys) {
            publish(exchange, key, Map.of());
        }
    }

    /** The bodies of all that is in the queue, which are the routing keys. */
    private List<String> drain(String queue) throws IOException {
        List<String> all = new ArrayList<>();
        for (GetResponse r = channel.basicGet(queue, true); r != null; r = channel.basicGet(queue, true)) {
            all.add(new String(r.getBody()));
        }
        return all;
    }

    @Test
    @Row("type direct")
    void directGoesByTheKeyItself() throws Exception {
        String x = exchange("direct", null);
        String a = bound(x, "a.*");
        String both = bound(x, "a.*");
        channel.queueBind(both, x, "b");
        publish(x, "a.*", "a.b", "b", "");
        assertEquals(List.of("a.*"), drain(a));
        assertEquals(List.of("a.*", "b"), drain(both));
    }

    @Test
    @Row("type fanout")
    void fanoutGoesToAll() throws Exception {
        String x = exchange("fanout", null);
        List<String> queues = List.of(bound(x, "a"), bound(x, ""), bound(x, "a"));
        publish(x, "a", "b", "");
        for (String queue : queues) {
            assertEquals(List.of("a", "b", ""), drain(queue));
        }
    }

    @ParameterizedTest
    @Row({"type topic", "name amq.topic"})
    @ValueSource(strings = {"", "amq.topic"})
    void topicGoesByPatterns(String name) throws Exception {
        String x = name.isEmpty() ? exchange("topic", null) : name;
        String one = bound(x, "a.*.c");
        String many = bound(x, "a.#");
        String all = bound(x, "#");
        publish(x, "a.b.c", "a.c", "a", "b.a.c", "a.b.b.c", "");
        assertEquals(List.of("a.b.c"), drain(one));
        assertEquals(List.of("a.b.c", "a.c", "a", "a.b.b.c"), drain(many));
        assertEquals(List.of("a.b.c", "a.c", "a", "b.a.c", "a.b.b.c", ""), drain(all));
    }

    @ParameterizedTest
    @Row({"type headers", "header x-match", "name amq.headers", "name amq.match"})
    @ValueSource(strings = {"", "amq.headers", "amq.match"})
    void headersGoByPairs(String name) throws Exception {
        String x = name.isEmpty() ? exchange("headers", null) : name;
        String all = bound(x, "", Map.of("x-match", "all", "a", 1, "b", "two", "x-c", true));
        String any = bound(x, "", Map.of("x-match", "any", "a", 1, "b", "two", "x-c", true));
        String allX = bound(x, "", Map.of("x-match", "all-with-x", "a", 1, "x-c", true));
        String anyX = bound(x, "", Map.of("x-match", "any-with-x", "a", 1, "x-c", true));
        String none = bound(x, "", Map.of("a", 1));
        publish(x, "a", Map.of("a", 1L));
        publish(x, "ab", Map.of("a", 1, "b", "two"));
        publish(x, "b", Map.of("b", "two", "a", 2));
        publish(x, "c", Map.of("x-c", true));
        publish(x, "ac", Map.of("a", 1, "x-c", true));
        publish(x, "nothing", Map.of());
        assertEquals(List.of("ab"), drain(all));
        assertEquals(List.of("a", "ab", "b", "ac"), drain(any));
        assertEquals(List.of("ac"), drain(allX));
        assertEquals(List.of("a", "ab", "c", "ac"), drain(anyX));
        assertEquals(List.of("a", "ab", "ac"), drain(none));
        String text = ErrorCodes.channelClosed(406, channel, () -> bound(x, "", Map.of("x-match", "some")));
        assertEquals(
                "PRECONDITION_FAILED - Invalid x-match field value 'some'; expected all, any, all-with-x, or any-with-x",
                text);
    }

    private void publishMany(String exchange) throws IOException {
        for (int i = 0; i < MANY; i++) {
            publish(exchange, "key" + i, Map.of());
        }
    }

    @Test
    @Row("type x-consistent-hash")
    void aConsistentHashSharesByWeight() throws Exception {
        String x = exchange("x-consistent-hash", null);
        String light = bound(x, "1");
        String heavy = bound(x, "4");
        String nothing = bound(x, "0");
        publishMany(x);
        List<String> first = drain(light);
        List<String> second = drain(heavy);
        assertEquals(MANY, first.size() + second.size());
        assertTrue(second.size() > first.size() && !first.isEmpty(), first.size() + " and " + second.size());
        assertEquals(List.of(), drain(nothing));
        String third = bound(x, "2");
        publishMany(x);
        List<String> stays = drain(light);
        assertTrue(new TreeSet<>(first).containsAll(stays), "nothing moves between those that were there");
        assertEquals(MANY, stays.size() + drain(heavy).size() + drain(third).size());
    }

    @ParameterizedTest
    @Row("type x-consistent-hash")
    @ValueSource(strings = {"", "-1", "heavy", "10001", "1.5"})
    void aWeightIsANumber(String weight) throws Exception {
        String x = exchange("x-consistent-hash", null);
        String text = ErrorCodes.channelClosed(406, channel, () -> bound(x, weight));
        // An empty key of a queue without a name would be its name: the queue is named here, so it stays empty.
        assertEquals(
                "PRECONDITION_FAILED - the binding key '" + weight
                        + "' of an x-consistent-hash exchange is its weight: 0 to 10000",
                text);
    }

    /** What is hashed: the same value goes to the same queue, whatever the routing key. */
    @ParameterizedTest
    @Row({"exchange hash-header", "exchange hash-property", "exchange x-hash-on"})
    @CsvSource({"hash-header,shard", "x-hash-on,shard", "hash-property,message_id", "hash-property,correlation_id"})
    void aConsistentHashGoesByAHeaderOrAProperty(String argument, String value) throws Exception {
        String x = exchange("x-consistent-hash", Map.of(argument, value));
        List<String> queues = List.of(bound(x, "1"), bound(x, "1"), bound(x, "1"));
        for (int i = 0; i < MANY; i++) {
            String shard = "s" + i % 20;
            AMQP.BasicProperties p = headers(Map.of("shard", shard))
                    .builder()
                    .messageId(shard)
                    .correlationId(shard)
                    .build();
            channel.basicPublish(x, "key" + i, p, shard.getBytes());
        }
        int shards = 0;
        int used = 0;
        for (String queue : queues) {
            List<String> all = drain(queue);
            shards += new TreeSet<>(all).size();
            used += all.isEmpty() ? 0 : 1;
        }
        assertEquals(20, shards, "each in one queue");
        assertTrue(used > 1, "all in one queue");
    }

    /** LavinMQ's choice of an algorithm: either moves little when a binding comes, as all do here. */
    @Test
    @Row({"exchange x-algorithm", "exchange x-hash-on"})
    void algorithmsOfAConsistentHash() throws Exception {
        for (String algorithm : List.of("ring", "jump")) {
            Map<String, Object> a = Map.of("x-algorithm", algorithm, "x-hash-on", "shard");
            String x = exchange("x-consistent-hash", a);
            channel.exchangeDeclare(x, "x-consistent-hash", false, false, a);
            List<String> queues = List.of(bound(x, "1"), bound(x, "1"));
            channel.confirmSelect();
            for (int i = 0; i < 20; i++) {
                channel.basicPublish(x, "key" + i, headers(Map.of("shard", "s")), new byte[1]);
            }
            channel.waitForConfirms(PATIENCE * 1000);
            long one = channel.messageCount(queues.get(0));
            assertTrue(one == 0 || one == 20, "all of one shard go to one queue");
        }
        String text = ErrorCodes.channelClosed(
                406, channel, () -> exchange("x-consistent-hash", Map.of("x-algorithm", "maglev")));
        assertTrue(text.contains("'maglev' is none of ring, jump"), text);
        for (Map<String, Object> both : List.<Map<String, Object>>of(
                Map.of("x-hash-on", "a", "hash-header", "b"),
                Map.of("x-hash-on", "a", "hash-property", "message_id"))) {
            Channel next = connection.createChannel();
            text = ErrorCodes.channelClosed(
                    406, next, () -> next.exchangeDeclare(unique("x"), "x-consistent-hash", false, false, both));
            assertTrue(text.contains("give one of 'hash-header', 'hash-property' and 'x-hash-on'"), text);
        }
    }

    @ParameterizedTest
    @Row({"exchange hash-header", "exchange hash-property"})
    @CsvSource({
        "hash-header,5,invalid arg 'hash-header': the name of a header expected",
        "hash-property,app_id,'invalid arg ''hash-property'': message_id, correlation_id or timestamp expected'"
    })
    void whatCanNotBeHashed(String argument, String value, String why) throws Exception {
        Object v = value.equals("5") ? (Object) 5 : value;
        String text = ErrorCodes.channelClosed(406, channel, () -> exchange("x-consistent-hash", Map.of(argument, v)));
        assertTrue(text.startsWith("PRECONDITION_FAILED - " + why + " for exchange '"), text);
        Channel next = connection.createChannel();
        Map<String, Object> both = Map.of("hash-header", "h", "hash-property", "message_id");
        text = ErrorCodes.channelClosed(
                406, next, () -> next.exchangeDeclare(unique("x"), "x-consistent-hash", false, false, both));
        assertTrue(
                text.startsWith("PRECONDITION_FAILED - give one of 'hash-header' and 'hash-property', not both"), text);
    }

    @Test
    @Row("type x-modulus-hash")
    void aModulusHashGoesByTheKey() throws Exception {
        String x = exchange("x-modulus-hash", null);
        List<String> queues = List.of(bound(x, ""), bound(x, "whatever"), bound(x, ""));
        publishMany(x);
        publishMany(x);
        int all = 0;
        for (String queue : queues) {
            List<String> keys = drain(queue);
            assertTrue(!keys.isEmpty(), "each gets its share");
            assertEquals(keys.size(), 2 * new TreeSet<>(keys).size(), "a key goes to one queue");
            all += keys.size();
        }
        assertEquals(2 * MANY, all);
    }

    @ParameterizedTest
    @Row({"type x-random", "type x-local-random"})
    @ValueSource(strings = {"x-random", "x-local-random"})
    void chanceGivesEachOneMessage(String type) throws Exception {
        String x = exchange(type, null);
        List<String> queues = List.of(bound(x, ""), bound(x, "k"), bound(x, "other"));
        for (int i = 0; i < MANY; i++) {
            publish(x, "k", Map.of());
        }
        int all = 0;
        for (String queue : queues) {
            int its = drain(queue).size();
            assertTrue(its > MANY / 10, "its share is " + its);
            all += its;
        }
        assertEquals(MANY, all);
    }

    @ParameterizedTest
    @Row({"type x-jms-topic", "type x-federation-upstream"})
    @ValueSource(strings = {"x-jms-topic", "x-federation-upstream"})
    void typesThatAreMissing(String type) throws Exception {
        String text = ErrorCodes.connectionClosed(540, connection, () -> exchange(type, null));
        assertTrue(text.startsWith("NOT_IMPLEMENTED - exchange type '" + type + "' ("), text);
    }

    @ParameterizedTest
    @Row({"exchange alternate-exchange", "exchange x-alternate-exchange"})
    @ValueSource(strings = {"alternate-exchange", "x-alternate-exchange"})
    void whatNoBindingMatchesGoesToTheAlternate(String argument) throws Exception {
        String last = exchange("fanout", null);
        String middle = exchange("direct", Map.of(argument, last));
        String first = exchange("topic", Map.of(argument, middle));
        String atFirst = bound(first, "a");
        String atMiddle = bound(middle, "b");
        String atLast = bound(last, "");
        List<Integer> returned = new ArrayList<>();
        channel.addReturnListener(r -> returned.add(r.getReplyCode()));
        channel.confirmSelect();
        for (String key : List.of("a", "b", "c")) {
            channel.basicPublish(first, key, true, null, key.getBytes());
        }
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(List.of(), returned, "what an alternate takes is not unroutable");
        assertEquals(List.of("a"), drain(atFirst));
        assertEquals(List.of("b"), drain(atMiddle));
        assertEquals(List.of("c"), drain(atLast));
        channel.exchangeDelete(last);
        channel.basicPublish(first, "c", true, null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        assertEquals(List.of(312), returned, "an alternate that is not there drops");
    }

    @ParameterizedTest
    @Row({"exchange alternate-exchange", "exchange x-alternate-exchange"})
    @ValueSource(strings = {"alternate-exchange", "x-alternate-exchange"})
    void anotherAlternateIsAnotherExchange(String argument) throws Exception {
        String x = exchange("direct", Map.of(argument, "one"));
        channel.exchangeDeclare(x, "direct", false, false, Map.of(argument, "one"));
        String text = ErrorCodes.channelClosed(
                406, channel, () -> channel.exchangeDeclare(x, "direct", false, false, Map.of(argument, "two")));
        assertEquals(
                "PRECONDITION_FAILED - inequivalent arg '" + argument + "' for exchange '" + x
                        + "' in vhost '/': received the value 'two' of type 'longstr' but current is the value 'one' of"
                        + " type 'longstr'",
                text);
    }

    @ParameterizedTest
    @Row("exchange x-min-queues")
    @ValueSource(booleans = {true, false})
    void fewerQueuesThanTheExchangeAsksForAreARefusal(boolean tx) throws Exception {
        String x = exchange("fanout", Map.of("x-min-queues", 2));
        String one = bound(x, "");
        if (tx) {
            channel.txSelect();
            channel.basicPublish(x, "k", null, new byte[1]);
            String text = ErrorCodes.channelClosed(406, channel, () -> channel.txCommit());
            assertEquals(
                    "PRECONDITION_FAILED - transaction refused, nothing of it happened: the message reaches 1 queues, and"
                            + " min-queues of exchange '" + x + "' is 2",
                    text);
            return;
        }
        List<String> returned = new ArrayList<>();
        channel.addReturnListener(r -> returned.add(r.getReplyCode() + " " + r.getReplyText()));
        channel.confirmSelect();
        channel.basicPublish(x, "k", true, null, new byte[1]);
        assertFalse(channel.waitForConfirms(PATIENCE * 1000));
        String text = "312 NO_ROUTE - the message reaches 1 queues, and min-queues of exchange '" + x + "' is 2";
        assertEquals(List.of(text), returned);
        bound(x, "");
        channel.basicPublish(x, "k", true, null, new byte[1]);
        assertTrue(channel.waitForConfirms(PATIENCE * 1000));
        channel.basicPublish(x, "k", false, headers(Map.of("x-min-queues", 3)), new byte[1]);
        assertFalse(channel.waitForConfirms(PATIENCE * 1000), "a message may ask for more");
        assertEquals(1, channel.messageCount(one));
    }

    /** What was kept for later and reaches no queue at its time. */
    @Test
    @Row({"exchange x-dead-letter-exchange", "exchange x-dead-letter-routing-key"})
    void whatNoQueueWantsAtItsTimeIsADeadLetter() throws Exception {
        String dead = channel.queueDeclare().getQueue();
        String keyed = exchange("direct", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        channel.queueBind(dead, "amq.direct", "kept key");
        String plain = exchange("direct", Map.of("x-dead-letter-exchange", "amq.direct"));
        for (String x : List.of(keyed, plain)) {
            channel.basicPublish(x, "kept key", headers(Map.of("x-delay", 3_600_000)), x.getBytes());
            channel.basicPublish(x, "kept key", null, "not kept, so no letter".getBytes());
        }
        channel.messageCount(dead);
        server.pass(3_600_001);
        for (String x : List.of(keyed, plain)) {
            GetResponse letter = fetch(dead);
            assertEquals(x, new String(letter.getBody()));
            Map<?, ?> death =
                    (Map<?, ?>) ((List<?>) letter.getProps().getHeaders().get("x-death")).get(0);
            assertEquals("unroutable", death.get("reason").toString());
            assertEquals(x, death.get("exchange").toString());
            assertEquals(
                    x.equals(keyed) ? dead : "kept key", letter.getEnvelope().getRoutingKey());
        }
        assertEquals(0, channel.messageCount(dead));
    }

    @Test
    @Row("exchange x-delayed-exchange")
    void aHintOfLavinMqs() throws Exception {
        String x = exchange("direct", Map.of("x-delayed-exchange", true));
        String q = bound(x, "k");
        channel.basicPublish(x, "k", headers(Map.of("x-delay", 0)), "k".getBytes());
        assertEquals(List.of("k"), drain(q));
    }

    /** Null, or what a delayed exchange has to be told. */
    @ParameterizedTest
    @Row({"type x-delayed-message", "exchange x-delayed-type"})
    @ValueSource(strings = {"", "x-delayed-message", "odd"})
    void aDelayedExchangeRoutesAsATypeThatThereIs(String inner) throws Exception {
        Map<String, Object> arguments = inner.isEmpty() ? Map.of() : Map.of("x-delayed-type", inner);
        String text = ErrorCodes.channelClosed(406, channel, () -> exchange("x-delayed-message", arguments));
        assertTrue(text.startsWith("PRECONDITION_FAILED - invalid arg 'x-delayed-type' for exchange '"), text);
    }

    @Test
    @Row({"type x-recent-history", "header x-recent-history-no-store"})
    void aNewBindingGetsTheLastMessages() throws Exception {
        String x = exchange("x-recent-history", null);
        publish(x, "kept");
        publish(x, "passing", Map.of("x-recent-history-no-store", true));
        publish(x, "no boolean", Map.of("x-recent-history-no-store", "true"));
        assertEquals(List.of("kept", "no boolean"), drain(bound(x, "")));
        for (int i = 0; i < 25; i++) {
            publish(x, "m" + i);
        }
        String q = bound(x, "");
        assertEquals(20, channel.messageCount(q));
        channel.queueBind(q, x, "");
        assertEquals(20, channel.messageCount(q), "a binding that is there is no new one");
        publish(x, "next");
        assertEquals(
                List.of("m5", "next"),
                List.of(drain(q).get(0), drain(bound(x, "")).get(19)));
    }

    @Test
    @Row("exchange x-recent-history-length")
    void howManyItRemembers() throws Exception {
        String x = exchange("x-recent-history", Map.of("x-recent-history-length", 3));
        publish(x, "a", "b", "c", "d", "e");
        assertEquals(List.of("c", "d", "e"), drain(bound(x, "")));
    }

    @Test
    void anExchangeThatIsInternalTakesNothingOfClients() throws Exception {
        String inner = unique("x");
        channel.exchangeDeclare(inner, com.rabbitmq.client.BuiltinExchangeType.FANOUT, false, false, true, null);
        String outer = exchange("fanout", null);
        channel.exchangeBind(inner, outer, "");
        String q = bound(inner, "");
        publish(outer, "through");
        assertEquals(List.of("through"), drain(q));
        String text = ErrorCodes.channelClosed(403, channel, () -> publish(inner, "k"));
        assertEquals("ACCESS_REFUSED - cannot publish to internal exchange '" + inner + "' in vhost '/'", text);
    }

    @Test
    @Row("exchange.delete")
    void anExchangeInUseIsNotDeletedIfUnused() throws Exception {
        String x = exchange("direct", null);
        String q = bound(x, "k");
        String text = ErrorCodes.channelClosed(406, channel, () -> channel.exchangeDelete(x, true));
        assertEquals("PRECONDITION_FAILED - exchange '" + x + "' in vhost '/' in use", text);
        channel = connection.createChannel();
        channel.queueUnbind(q, x, "k");
        channel.exchangeDelete(x, true);
        ErrorCodes.channelClosed(404, channel, () -> channel.exchangeDeclarePassive(x));
    }

    @Test
    void anExchangeThatDeletesItselfGoesWithItsLastBinding() throws Exception {
        String x = unique("x");
        channel.exchangeDeclare(x, "direct", false, true, null);
        String q = bound(x, "k");
        channel.exchangeDeclarePassive(x);
        channel.queueUnbind(q, x, "k");
        assertNull(channel.basicGet(q, true));
        ErrorCodes.channelClosed(404, channel, () -> channel.exchangeDeclarePassive(x));
    }
}
