package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.ServerCase;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** x-message-groups, x-fair-by and x-last-value with the real client. */
class MessageGroupsTest extends ServerCase {
    private static final long PATIENCE = 60;

    private static AMQP.BasicProperties header(String name, Object value) {
        return new AMQP.BasicProperties.Builder().headers(Map.of(name, value)).build();
    }

    /** Four consumers, forty groups, and a client that fails now and then. */
    @Test
    @Row({"queue x-message-groups", "header x-group-id"})
    void groupsStayInOrderWithOneConsumerEach() throws Exception {
        int groups = 40;
        int each = 25;
        CountDownLatch all = new CountDownLatch(groups * each);
        Map<Object, List<Integer>> seen = new ConcurrentHashMap<>();
        Map<Object, String> at = new ConcurrentHashMap<>();
        List<String> faults = new CopyOnWriteArrayList<>();
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("groups", true, false, false, Map.of("x-message-groups", true));
            for (int c = 0; c < 4; c++) {
                Channel consuming = connection.createChannel();
                consuming.basicQos(5);
                consuming.basicConsume("groups", false, new DefaultConsumer(consuming) {
                    @Override
                    public void handleDelivery(String tag, Envelope e, AMQP.BasicProperties p, byte[] body)
                            throws IOException {
                        Object group = p.getHeaders().get("x-group-id");
                        String holder = at.put(group, tag);
                        if (holder != null && !holder.equals(tag)) {
                            faults.add(group + " is at two consumers");
                        }
                        seen.computeIfAbsent(group, g -> new CopyOnWriteArrayList<>())
                                .add((int) body[0]);
                        at.remove(group);
                        consuming.basicAck(e.getDeliveryTag(), false);
                        all.countDown();
                    }
                });
            }
            for (int i = 0; i < each; i++) {
                for (int g = 0; g < groups; g++) {
                    channel.basicPublish("", "groups", header("x-group-id", "g" + g), new byte[] {(byte) i});
                }
            }
            assertTrue(channel.waitForConfirms(PATIENCE * 1000));
            assertTrue(all.await(PATIENCE, TimeUnit.SECONDS), all.getCount() + " did not come");
            assertEquals(List.of(), faults);
            seen.values().forEach(its -> assertEquals(its.stream().sorted().toList(), List.copyOf(its)));
        }
    }

    @Test
    @Row("queue x-fair-by")
    void theQuietTenantIsServedAmongTheNoisyOnes() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("fair", true, false, false, Map.of("x-fair-by", "header:tenant"));
            for (int i = 0; i < 500; i++) {
                channel.basicPublish("", "fair", header("tenant", "noisy"), new byte[] {0});
            }
            channel.basicPublish("", "fair", header("tenant", "quiet"), new byte[] {1});
            assertTrue(channel.waitForConfirms(PATIENCE * 1000));
            List<Integer> two = List.of((int) channel.basicGet("fair", true).getBody()[0], (int)
                    channel.basicGet("fair", true).getBody()[0]);
            assertTrue(two.contains(1), two.toString());
        }
    }

    @Test
    @Row("queue x-last-value")
    void theLastValueWaits() throws Exception {
        try (Connection connection = server.connect()) {
            Channel channel = connection.createChannel();
            channel.confirmSelect();
            channel.queueDeclare("last", true, false, false, Map.of("x-last-value", "device"));
            for (int i = 0; i < 100; i++) {
                channel.basicPublish("", "last", header("device", i % 4), new byte[] {(byte) i});
            }
            assertTrue(channel.waitForConfirms(PATIENCE * 1000));
            Map<Object, Integer> values = new TreeMap<>();
            for (GetResponse r = channel.basicGet("last", true); r != null; r = channel.basicGet("last", true)) {
                assertNull(values.put(r.getProps().getHeaders().get("device"), (int) r.getBody()[0]));
            }
            assertEquals(Map.of(0, 96, 1, 97, 2, 98, 3, 99), values);
        }
    }
}
