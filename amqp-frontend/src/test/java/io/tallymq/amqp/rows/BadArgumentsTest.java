package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.session.ClientCase;
import io.tallymq.amqp.session.ErrorCodes;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table of arguments with values that it can't have, the smallest and largest it can, and others than before. */
class BadArgumentsTest extends ClientCase {
    /** Of exchanges: what a redeclare may say otherwise, without effect. */
    private static final Set<String> KEPT =
            Set.of("x-delayed-type", "x-cache-size", "x-cache-ttl", "x-recent-history-length");

    private static Bystander bystander;

    @BeforeAll
    static void others() throws Exception {
        bystander = new Bystander(server);
    }

    @AfterAll
    static void done() {
        bystander.close();
    }

    @AfterEach
    void areServedAsBefore() throws Exception {
        bystander.check();
    }

    private static Stream<Has> rows(List<Owner> owners) {
        return ArgumentTable.rows().stream()
                .flatMap(row -> row.owners().stream().filter(owners::contains).map(owner -> new Has(owner, row)));
    }

    /** A row, and one of those who have it. */
    private record Has(Owner owner, ArgumentRow row) {
        @Override
        public String toString() {
            return row.name() + " of a " + owner.title();
        }

        /** What a queue of this type is declared with to have this argument. */
        Map<String, Object> with(Object value) {
            Map<String, Object> arguments = new TreeMap<>();
            if (row.name().equals("x-dead-letter-routing-key")) {
                arguments.put("x-dead-letter-exchange", "");
            }
            if (owner.title().endsWith("queue")) {
                arguments.put("x-queue-type", owner.title().replace(" queue", ""));
            }
            arguments.put(row.name(), value);
            return arguments;
        }
    }

    static Stream<Has> ofQueues() {
        return rows(List.of(Owner.CLASSIC_QUEUE, Owner.QUORUM_QUEUE, Owner.STREAM_QUEUE));
    }

    static Stream<Has> ofExchanges() {
        return rows(List.of(Owner.EXCHANGE));
    }

    static Stream<Has> ofConsumers() {
        return rows(List.of(Owner.CONSUMER));
    }

    /** What the client makes of it on the wire: a decimal number where the broker has a floating one. */
    private static Object sent(Object v) {
        return v instanceof Double d && d == 1.5 ? BigDecimal.valueOf(d) : v;
    }

    private static String problem(ArgumentRow.Values values, Object v) {
        if (!BadValues.isOfType(v, values)) {
            return values.type() + " expected, " + BadValues.type(v) + " received";
        } else if (v instanceof Long || values.type().equals("integer or text")) {
            String range = values.most() == Long.MAX_VALUE
                    ? values.least() + " or more"
                    : values.least() + " to " + values.most();
            return v + " is not " + range;
        }
        return "'" + v + "' is none of ";
    }

    /** Each bad value of the row is refused, on a channel of its own. */
    private void assertRefused(Has a, String whose, BiFunction<Channel, Map<String, Object>, Executable> how)
            throws Exception {
        for (Object bad : BadValues.of(a.row)) {
            Channel c = connection.createChannel();
            String text = ErrorCodes.channelClosed(406, c, how.apply(c, a.with(sent(bad))));
            String expected = "PRECONDITION_FAILED - invalid arg '" + a.row.name() + "' for " + whose + ": "
                    + problem(a.row.values(), bad);
            assertTrue(text.startsWith(expected), () -> text + "\n is not\n" + expected);
        }
    }

    @ParameterizedTest
    @MethodSource("ofQueues")
    void valuesThatQueuesCanNotHave(Has a) throws Exception {
        assertRefused(
                a, "queue 'bad' in vhost '/'", (c, with) -> () -> c.queueDeclare("bad", true, false, false, with));
        ErrorCodes.channelClosed(404, channel, () -> channel.queueDeclarePassive("bad"));
    }

    @ParameterizedTest
    @MethodSource("ofExchanges")
    void valuesThatExchangesCanNotHave(Has a) throws Exception {
        assertRefused(
                a,
                "exchange 'bad' in vhost '/'",
                (c, with) -> () -> c.exchangeDeclare("bad", "fanout", true, false, with));
        ErrorCodes.channelClosed(404, channel, () -> channel.exchangeDeclarePassive("bad"));
    }

    @ParameterizedTest
    @MethodSource("ofConsumers")
    void valuesThatConsumersCanNotHave(Has a) throws Exception {
        String queue = declare(Map.of());
        assertRefused(
                a,
                "a consumer of queue '" + queue + "' in vhost '/'",
                (c, with) -> () -> c.basicConsume(queue, false, with, new DefaultConsumer(c)));
        assertEquals(0, channel.consumerCount(queue));
    }

    /** Good values: the ends of what it can be. */
    private static List<Object> good(ArgumentRow.Values values) {
        return switch (values.type()) {
            case "bool" -> List.of(true, false);
            case "integer" -> List.of(values.least(), values.most());
            case "integer or text" -> List.of(values.least(), Long.toString(values.most()));
            case "longstr" -> {
                List<Object> all = new ArrayList<>();
                for (String word : values.words().isEmpty() ? List.of("text", "") : values.words()) {
                    all.add(
                            word.equals("header:*")
                                    ? "header:h"
                                    : word.equals("age") ? "999999999Y".substring(1) : word);
                }
                yield all;
            }
            default -> List.of("text", 7L, true);
        };
    }

    private static boolean isBuilt(Has a) {
        return a.row.purpose() == null || a.row.asWithout() != null;
    }

    /** The least and the most, each word: a queue with it works, and is the same when it is declared again with another width. */
    @ParameterizedTest
    @MethodSource("ofQueues")
    void theEndsOfWhatQueuesCanHave(Has a) throws Exception {
        String name = a.row.name();
        for (Object value : isBuilt(a) && !name.equals("x-queue-type") ? good(a.row.values()) : List.of()) {
            String queue = declare(a.with(value));
            if (name.equals("x-expires") && value.equals(1L)) {
                continue; // it has gone again
            }
            Object same = value instanceof Long n && n == n.intValue() ? (Object) n.intValue() : value;
            channel.queueDeclare(queue, true, false, false, a.with(same));
            Channel c = connection.createChannel();
            c.confirmSelect();
            c.basicPublish("", queue, null, new byte[] {1});
            c.waitForConfirms(PATIENCE * 1000);
            boolean fetches =
                    a.owner != Owner.STREAM_QUEUE && !(name.equals("x-single-active-consumer") && value.equals(true));
            GetResponse r = fetches ? c.basicGet(queue, false) : null;
            if (r != null) {
                c.basicReject(r.getEnvelope().getDeliveryTag(), true);
            }
            c.close();
            channel.queueDelete(queue);
        }
    }

    /** With a consumer of the highest and of the lowest priority, of the longest and no timeout, of any hint. */
    @ParameterizedTest
    @MethodSource("ofConsumers")
    void theEndsOfWhatConsumersCanHave(Has a) throws Exception {
        String name = a.row.name();
        String queue = declare(Map.of("x-queue-type", name.startsWith("x-stream") ? "stream" : "classic"));
        channel.confirmSelect();
        channel.basicPublish("", queue, null, new byte[1]);
        channel.waitForConfirms(PATIENCE * 1000);
        boolean anything =
                List.of("x-stream-offset", "x-stream-filter", "x-filter").contains(name);
        for (Object value : isBuilt(a) && !anything ? good(a.row.values()) : List.of()) {
            Channel c = connection.createChannel();
            c.basicQos(1);
            Map<String, Object> with = a.with(value);
            if (name.startsWith("x-stream")) {
                with.put("x-stream-offset", "first");
            }
            assertNotNull(next(consume(c, queue, with)));
            c.close();
        }
    }

    /** Other than before: RabbitMQ's text, with what was received and what there is. */
    @ParameterizedTest
    @MethodSource("ofQueues")
    void anotherValueIsAnotherQueue(Has a) throws Exception {
        if (!isBuilt(a) || List.of("x-queue-type", "x-alter", "x-name-prefix").contains(a.row.name())) {
            return; // see inequivalentTypes, and the others are no part of a queue
        }
        List<Object> two = two(a.row.values());
        String queue = declare(a.with(two.get(0)));
        Map<String, Object> without = a.with(0);
        without.remove(a.row.name());
        if (two.size() > 1) {
            assertInequivalent(queue, a, a.with(two.get(1)), shown(two.get(1)), shown(two.get(0)));
        }
        assertInequivalent(queue, a, without, "none", shown(two.get(0)));
        String plain = declare(without);
        assertInequivalent(plain, a, a.with(two.get(0)), shown(two.get(0)), "none");
    }

    /** Two values that it may have, or the only one. */
    private static List<Object> two(ArgumentRow.Values values) {
        return switch (values.type()) {
            case "bool" -> List.of(true, false);
            case "integer", "integer or text" -> List.of(values.most(), values.most() - 1);
            case "longstr" ->
                values.title().equals("header:*")
                        ? List.of("header:a", "header:b")
                        : values.words().equals(List.of("age"))
                                ? List.of("7D", "1h")
                                : values.words().isEmpty()
                                        ? List.of("a", "b")
                                        : List.copyOf(values.words()
                                                .subList(
                                                        0,
                                                        Math.min(
                                                                2,
                                                                values.words().size())));
            default -> List.of("a", "b");
        };
    }

    private static String shown(Object v) {
        return "the value '" + v + "' of type '" + BadValues.type(v) + "'";
    }

    private void assertInequivalent(String queue, Has a, Map<String, Object> with, String received, String current)
            throws Exception {
        Channel c = connection.createChannel();
        String text = ErrorCodes.channelClosed(406, c, () -> c.queueDeclare(queue, true, false, false, with));
        assertEquals(
                cut("PRECONDITION_FAILED - inequivalent arg '" + a.row.name() + "' for queue '" + queue
                        + "' in vhost '/': received " + received + " but current is " + current),
                text);
    }

    /** A reply text is a short string. */
    private static String cut(String text) {
        return text.length() > 255 ? text.substring(0, 255) : text;
    }

    @Test
    void inequivalentTypes() throws Exception {
        String queue = declare(Map.of());
        for (String type : List.of("quorum", "stream")) {
            Channel c = connection.createChannel();
            String text = ErrorCodes.channelClosed(
                    406, c, () -> c.queueDeclare(queue, true, false, false, Map.of("x-queue-type", type)));
            assertEquals(
                    "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '" + queue
                            + "' in vhost '/': received the value '" + type + "' of type 'longstr' but current is none",
                    text);
        }
    }

    /** An exchange's arguments that act are compared; what RabbitMQ and its plugins do not compare is not compared here. */
    @ParameterizedTest
    @MethodSource("ofExchanges")
    void anotherValueIsAnotherExchange(Has a) throws Exception {
        if (a.row.meaning().startsWith("accepted") || a.row.name().matches("hash-.*|x-hash-on")) {
            return;
        }
        String type = a.row.name().equals("x-delayed-type") ? "x-delayed-message" : "fanout";
        List<Object> two = type.equals("fanout") ? two(a.row.values()) : List.of("direct", "topic");
        String x = unique("x");
        channel.exchangeDeclare(x, type, false, false, a.with(two.get(0)));
        channel.exchangeDeclare(x, type, false, false, a.with(two.get(0)));
        Channel c = connection.createChannel();
        if (KEPT.contains(a.row.name())) {
            c.exchangeDeclare(x, type, false, false, a.with(two.get(1)));
            c.exchangeDeclare(x, type, false, false, a.with(two.get(0)));
            return;
        }
        String text =
                ErrorCodes.channelClosed(406, c, () -> c.exchangeDeclare(x, type, false, false, a.with(two.get(1))));
        assertEquals(
                "PRECONDITION_FAILED - inequivalent arg '" + a.row.name() + "' for exchange '" + x
                        + "' in vhost '/': received " + shown(two.get(1)) + " but current is " + shown(two.get(0)),
                text);
    }

    /** Names that nobody knows mean nothing, whatever they have. */
    @Test
    void namesThatNobodyKnows() throws Exception {
        for (Object value : List.of("text", -1, Long.MAX_VALUE, true, List.of(1), Map.of("a", 1))) {
            Map<String, Object> unknown = Map.of("x-nobody-knows", value, "x-max-lenght", value);
            String queue = declare(unknown);
            channel.queueDeclare(queue, true, false, false, Map.of());
            String x = unique("x");
            channel.exchangeDeclare(x, "direct", false, true, unknown);
            channel.exchangeDeclare(x, "direct", false, true, Map.of());
            channel.queueBind(queue, x, "k", unknown);
            channel.basicPublish(x, "k", null, new byte[1]);
            Channel c = connection.createChannel();
            assertNotNull(next(consume(c, queue, unknown)));
        }
        Map<String, Object> nothing = Collections.singletonMap("x-nobody-knows", null);
        channel.queueDelete(declare(nothing));
    }
}
