package io.tallymq.tally.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** What is without an ack has room in the memory, whatever messages measure. */
class IntakeTest {
    private static final int MIB = 1 << 20;

    /** A queue without an end at a broker that sends at once whatever it may. */
    private static final class Endless {
        private record Taker(int most, Consumer consumer) {}

        private final IntUnaryOperator sizes;
        private final Map<String, Taker> consumers = new LinkedHashMap<>();
        /** By tag: whose it is. */
        private final TreeMap<Long, String> open = new TreeMap<>();

        private final Map<Long, Integer> bytes = new TreeMap<>();
        private int qos;
        private int tags;
        private int late;
        private int sent;
        private long mostBytes;

        Endless(IntUnaryOperator sizes) {
            this.sizes = sizes;
        }

        Channel channel() {
            return (Channel) Proxy.newProxyInstance(
                    Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, args) -> {
                        switch (method.getName()) {
                            case "basicQos" -> qos = (int) args[0];
                            case "basicConsume" -> {
                                String tag = "c" + ++tags;
                                consumers.put(tag, new Taker(qos, (Consumer) args[2]));
                                send();
                                return tag;
                            }
                            case "basicCancel" -> {
                                String tag = (String) args[0];
                                Consumer consumer = consumers.remove(tag).consumer;
                                new Thread(() -> late(tag, consumer)).start();
                            }
                            default -> throw new UnsupportedOperationException(method.getName());
                        }
                        return null;
                    });
        }

        private void send() throws Exception {
            for (var c : consumers.entrySet()) {
                while (open.values().stream().filter(c.getKey()::equals).count() < c.getValue().most) {
                    int size = sizes.applyAsInt(++sent);
                    open.put((long) sent, c.getKey());
                    bytes.put((long) sent, size);
                    mostBytes = Math.max(
                            mostBytes, bytes.values().stream().mapToLong(b -> b).sum());
                    c.getValue()
                            .consumer
                            .handleDelivery(
                                    c.getKey(),
                                    new Envelope(sent, false, "", "q"),
                                    new BasicProperties(),
                                    new byte[size]);
                }
            }
        }

        /** The client hands over on a thread of its own. */
        private void late(String tag, Consumer consumer) {
            try {
                for (int i = 0; i < late; i++) {
                    consumer.handleDelivery(tag, new Envelope(0, false, "", "q"), new BasicProperties(), new byte[1]);
                }
                consumer.handleCancelOk(tag);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void ack(Delivery delivery) throws Exception {
            open.remove(delivery.getEnvelope().getDeliveryTag());
            bytes.remove(delivery.getEnvelope().getDeliveryTag());
            send();
        }
    }

    private static Endless taken(int count, long most, IntUnaryOperator sizes) throws Exception {
        Endless queue = new Endless(sizes);
        Intake intake = new Intake(queue.channel(), "q", most);
        for (int i = 0; i < count; i++) {
            queue.ack(intake.poll(0));
        }
        assertTrue(queue.open.size() <= intake.window() || queue.consumers.size() > 1, "all have their place");
        return queue;
    }

    @Test
    void smallOnesAreManyAtATime() throws Exception {
        assertEquals(500, taken(2_000, Long.MAX_VALUE, i -> 100).open.size());
        assertEquals(7, taken(2_000, 7, i -> 100).open.size(), "no more than are wanted");
        assertEquals(2, taken(2_000, 2, i -> 100).open.size());
    }

    @Test
    void largeOnesAreFew() throws Exception {
        Endless queue = taken(500, Long.MAX_VALUE, i -> MIB);
        assertTrue(queue.mostBytes <= 36L * MIB, () -> queue.mostBytes + " bytes");
        assertTrue(queue.open.size() >= 16, () -> queue.open.size() + " at a time");
        Endless larger = taken(50, Long.MAX_VALUE, i -> 16 * MIB);
        assertTrue(larger.mostBytes <= 64L * MIB, () -> larger.mostBytes + " bytes");
    }

    @Test
    void thoseThatBecomeLargerBecomeFewer() throws Exception {
        Endless queue = taken(1_500, Long.MAX_VALUE, i -> i < 700 ? 1 << 10 : 256 << 10);
        assertTrue(queue.bytes.values().stream().mapToLong(b -> b).sum() <= 44L * MIB);
    }

    @Test
    void whatIsOnItsWayWhenItStopsIsHere() throws Exception {
        Endless queue = new Endless(i -> 1);
        queue.late = 13;
        Intake intake = new Intake(queue.channel(), "q", 500);
        intake.stop();
        int came = 0;
        while (intake.poll(0) != null) {
            came++;
        }
        assertEquals(4 + 13, came);
        assertTrue(queue.consumers.isEmpty());
        assertTrue(queue.consumers.isEmpty(), "what is taken then brings no consumer");
        intake.goOn();
        assertEquals(1, queue.consumers.size());
    }
}
