package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import io.tallymq.amqp.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** 1.6 and 1.7 of the method reference: exchange.* and queue.* with the real client. */
class TopologyTest extends ClientCase {

    /** 1.7.2.1: an empty name asks for one; the last one declared is what an empty name means then. */
    @Test
    @Row({"queue.bind", "queue.bind-ok", "queue.unbind", "queue.unbind-ok", "name amq.gen-", "name amq.direct"})
    void serverNamedQueuesAndTheLastDeclaredOne() throws Exception {
        String queue = channel.queueDeclare("", false, true, true, null).getQueue();
        assertTrue(queue.startsWith("amq.gen-"), queue);
        channel.queueBind("", "amq.direct", "key");
        channel.queueBind("", "amq.direct", "");
        channel.basicPublish("amq.direct", "key", null, new byte[] {1});
        channel.basicPublish("amq.direct", queue, null, new byte[] {2});
        assertEquals(1, channel.basicGet("", true).getBody()[0]);
        assertEquals(2, channel.basicGet(queue, true).getBody()[0]);
        channel.queueUnbind("", "amq.direct", "key");
        channel.basicPublish("amq.direct", "key", null, new byte[] {3});
        assertNull(channel.basicGet("", true));
        assertEquals(0, channel.queuePurge("").getMessageCount());
        channel.queueDelete("");
        ErrorCodes.channelClosed(404, channel, () -> channel.queueDeclarePassive(queue));
    }

    /** E20: names that begin like the server's are the server's, unless the queue is there already. */
    @Test
    void clientsMakeNoNamesLikeTheServers() throws Exception {
        String text = ErrorCodes.channelClosed(
                403, channel, () -> channel.queueDeclare("amq.gen-mine", false, true, true, null));
        assertEquals("ACCESS_REFUSED - queue name 'amq.gen-mine' contains reserved prefix 'amq.*'", text);
        Channel next = connection.createChannel();
        String queue = next.queueDeclare("", false, true, true, null).getQueue();
        assertEquals(queue, next.queueDeclare(queue, false, true, true, null).getQueue());
    }

    @Test
    void quorumQueuesHaveNamesOfTheirClients() throws Exception {
        ErrorCodes.channelClosed(
                406, channel, () -> channel.queueDeclare("", true, false, false, Map.of("x-queue-type", "quorum")));
    }

    /** E20: unbinding what is not bound is fine, also from another connection's exclusive queue; what is bound is its own. */
    @Test
    void unbindFromAnothersExclusiveQueue() throws Exception {
        String queue = channel.queueDeclare("", false, true, true, null).getQueue();
        channel.queueBind(queue, "amq.direct", "bound");
        try (Connection other = server.connect()) {
            Channel theirs = other.createChannel();
            theirs.queueUnbind(queue, "amq.direct", "not bound");
            theirs.queueUnbind(queue, "nowhere", "bound");
            ErrorCodes.channelClosed(405, theirs, () -> theirs.queueUnbind(queue, "amq.direct", "bound"));
        }
    }

    @Test
    void anEmptyNameWithoutAnyDeclaredQueueIs404() throws Exception {
        String text = ErrorCodes.channelClosed(404, channel, () -> channel.queueBind("", "amq.direct", "k"));
        assertEquals("NOT_FOUND - no previously declared queue", text);
    }

    @Test
    @Row({"queue.declare", "queue.declare-ok", "queue.purge", "queue.purge-ok", "queue.delete", "queue.delete-ok"})
    void declareTellsCounts() throws Exception {
        String queue = unique("counts");
        channel.queueDeclare(queue, true, false, false, null);
        channel.basicPublish("", queue, null, new byte[1]);
        channel.basicPublish("", queue, null, new byte[1]);
        AMQP.Queue.DeclareOk ok = channel.queueDeclarePassive(queue);
        assertEquals(2, ok.getMessageCount());
        assertEquals(0, ok.getConsumerCount());
        assertEquals(2, channel.queuePurge(queue).getMessageCount());
        assertEquals(0, channel.queueDelete(queue).getMessageCount());
        assertEquals(0, channel.queueDelete(queue).getMessageCount(), "deleting what is not there is fine");
    }

    @Test
    @Row("406")
    void aRedeclareHasToBeTheSame() throws Exception {
        String queue = unique("same");
        channel.queueDeclare(queue, true, false, false, null);
        assertNotNull(channel.queueDeclare(queue, true, false, false, null));
        String text =
                ErrorCodes.channelClosed(406, channel, () -> channel.queueDeclare(queue, false, false, false, null));
        assertTrue(text.startsWith("PRECONDITION_FAILED - inequivalent arg 'durable' for queue '" + queue), text);
    }

    /** 405 RESOURCE_LOCKED; the queue goes with its connection. */
    @Test
    @Row({"404", "405"})
    void anExclusiveQueueIsItsConnections() throws Exception {
        String queue = unique("mine");
        channel.queueDeclare(queue, false, true, false, null);
        try (Connection other = server.connect()) {
            Channel theirs = other.createChannel();
            String text = ErrorCodes.channelClosed(405, theirs, () -> theirs.queueDeclarePassive(queue));
            assertTrue(
                    text.startsWith("RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '" + queue + "'"),
                    text);
            connection.close();
            Channel next = other.createChannel();
            ErrorCodes.channelClosed(404, next, () -> next.queueDeclarePassive(queue));
        }
    }

    @Test
    @Row("queue.delete")
    void deleteChecksItsConditions() throws Exception {
        String queue = unique("cond");
        channel.queueDeclare(queue, false, false, false, null);
        channel.basicPublish("", queue, null, new byte[1]);
        ErrorCodes.channelClosed(406, channel, () -> channel.queueDelete(queue, false, true));
        Channel next = connection.createChannel();
        next.basicConsume(queue, true, (tag, delivery) -> {}, tag -> {});
        Channel third = connection.createChannel();
        ErrorCodes.channelClosed(406, third, () -> third.queueDelete(queue, true, false));
    }

    @Test
    void reservedNamesAreRefused() throws Exception {
        ErrorCodes.channelClosed(403, channel, () -> channel.queueDeclare("amq.mine", true, false, false, null));
        Channel next = connection.createChannel();
        ErrorCodes.channelClosed(403, next, () -> next.exchangeDeclare("amq.mine", "direct"));
    }

    /** 1.6.2.1 exchange.declare, passive and active, and exchange.delete. */
    @Test
    @Row({"exchange.declare", "exchange.declare-ok", "exchange.delete", "exchange.delete-ok", "404"})
    void exchangesAreDeclaredAndDeleted() throws Exception {
        String exchange = unique("x");
        channel.exchangeDeclare(exchange, "topic", true);
        channel.exchangeDeclare(exchange, "topic", true);
        assertNotNull(channel.exchangeDeclarePassive(exchange));
        channel.exchangeDelete(exchange);
        channel.exchangeDelete(exchange);
        String text = ErrorCodes.channelClosed(404, channel, () -> channel.exchangeDeclarePassive(exchange));
        assertEquals("NOT_FOUND - no exchange '" + exchange + "' in vhost '/'", text);
    }

    @Test
    @Row("403")
    void theDefaultExchangeCanNotBeChanged() throws Exception {
        ErrorCodes.channelClosed(403, channel, () -> channel.exchangeDeclare("", "direct", true));
        Channel second = connection.createChannel();
        ErrorCodes.channelClosed(403, second, () -> second.exchangeDelete(""));
        Channel third = connection.createChannel();
        String queue = third.queueDeclare().getQueue();
        ErrorCodes.channelClosed(403, third, () -> third.queueBind(queue, "", "k"));
    }

    @Test
    void anUnknownExchangeTypeIsRefused() throws Exception {
        assertFalse(ErrorCodes.channelClosed(406, channel, () -> channel.exchangeDeclare(unique("x"), "odd"))
                .isEmpty());
    }

    /** RabbitMQ's exchange_exchange_bindings. */
    @Test
    @Row({"exchange.bind", "exchange.bind-ok", "exchange.unbind", "exchange.unbind-ok"})
    void exchangesAreBoundToExchanges() throws Exception {
        String source = unique("source");
        String target = unique("target");
        channel.exchangeDeclare(source, "topic");
        channel.exchangeDeclare(target, "headers");
        channel.exchangeBind(target, source, "a.*");
        String queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, target, "", Map.of("x-match", "all", "colour", "red"));
        AMQP.BasicProperties red = new AMQP.BasicProperties.Builder()
                .headers(Map.of("colour", "red"))
                .build();
        channel.basicPublish(source, "a.b", red, new byte[] {1});
        channel.basicPublish(source, "b.b", red, new byte[] {2});
        channel.basicPublish(source, "a.b", null, new byte[] {3});
        assertEquals(1, channel.basicGet(queue, true).getBody()[0]);
        assertNull(channel.basicGet(queue, true));
        channel.exchangeUnbind(target, source, "a.*");
        channel.basicPublish(source, "a.b", red, new byte[] {4});
        assertNull(channel.basicGet(queue, true));
    }

    /** All nodes keep them in memory: a frame of small fields takes more than a megabyte there. */
    @Test
    void largeArgumentsAreRefused() throws Exception {
        Map<String, Object> many = new HashMap<>();
        for (int i = 0; i < 256; i++) {
            many.put("a" + i, 1);
        }
        Map<String, Object> large = Map.of("a", List.of("x".repeat(8 << 10)));
        for (Map<String, Object> arguments : List.of(many, large)) {
            assertRefused(c -> c.queueDeclare("large", true, false, false, arguments));
            assertRefused(c -> c.exchangeDeclare("large", "headers", true, false, arguments));
            assertRefused(c -> c.queueBind(c.queueDeclare().getQueue(), "amq.headers", "", arguments));
            assertRefused(c -> c.exchangeBind("amq.fanout", "amq.headers", "", arguments));
            assertRefused(c -> c.basicConsume(c.queueDeclare().getQueue(), true, arguments, new DefaultConsumer(c)));
        }
    }

    private interface Call {
        void on(Channel channel) throws Exception;
    }

    private void assertRefused(Call call) throws Exception {
        Channel own = connection.createChannel();
        String text = ErrorCodes.channelClosed(406, own, () -> call.on(own));
        assertTrue(text.contains("8192 bytes of names and texts and 256 values at most"), text);
    }

    /** RabbitMQ's: how a name begins that the server makes. */
    @Test
    @Row("queue x-name-prefix")
    void serverMadeNamesBeginAsOneLikes() throws Exception {
        Map<String, Object> mine = Map.of("x-name-prefix", "mine.");
        String queue = channel.queueDeclare("", false, true, true, mine).getQueue();
        assertTrue(queue.startsWith("mine.") && queue.length() > 20, queue);
        assertEquals(
                queue, channel.queueDeclare(queue, false, true, true, null).getQueue(), "it is no part of the queue");
        assertEquals(queue, channel.queueDeclare(queue, false, true, true, mine).getQueue());
        String named = unique("named");
        assertEquals(named, channel.queueDeclare(named, false, true, true, mine).getQueue());
        String longest = "é".repeat(32);
        assertTrue(channel.queueDeclare("", false, true, true, Map.of("x-name-prefix", longest))
                .getQueue()
                .startsWith(longest));
        assertRefusedPrefix(406, "it has more than 64 bytes", Map.of("x-name-prefix", longest + "e"));
        assertRefusedPrefix(406, "longstr expected, long received", Map.of("x-name-prefix", 5));
        assertRefusedPrefix(403, "contains reserved prefix 'amq.*'", Map.of("x-name-prefix", "amq.rabbitmq.reply-to."));
        for (String type : List.of("quorum", "stream")) {
            Channel own = connection.createChannel();
            String text = ErrorCodes.channelClosed(
                    406,
                    own,
                    () -> own.queueDeclare(
                            "", true, false, false, Map.of("x-queue-type", type, "x-name-prefix", "mine")));
            assertTrue(text.contains("Cannot declare a server-named queue for type " + type), text);
            Channel other = connection.createChannel();
            ErrorCodes.channelClosed(
                    406,
                    other,
                    () -> other.queueDeclare(
                            named, true, false, false, Map.of("x-queue-type", type, "x-name-prefix", "mine")));
        }
    }

    private void assertRefusedPrefix(int code, String why, Map<String, Object> arguments) throws Exception {
        Channel own = connection.createChannel();
        String text = ErrorCodes.channelClosed(code, own, () -> own.queueDeclare("", false, true, true, arguments));
        assertTrue(text.contains(why), text);
    }
}
