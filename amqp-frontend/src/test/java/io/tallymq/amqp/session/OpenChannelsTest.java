package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DeliverCallback;
import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.channel.AmqpChannelInfo.Messages;
import io.tallymq.amqp.wire.ChannelMethod;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** What those who look at a node hear of its channels, whatever these do. */
class OpenChannelsTest {
    private static Collection<List<Integer>> numbers(TestServer server) {
        return server.server().registry().channels().values();
    }

    @Test
    void eachOpenChannelIsTold() throws IOException {
        try (TestServer server = new TestServer();
                RawClient client = server.raw().open().openChannel(3).openChannel(1)) {
            assertEquals(List.of(List.of(1, 3)), List.copyOf(numbers(server)));
            client.send(3, new ChannelMethod.Close(200, "bye", 0, 0));
            client.expect(ChannelMethod.CloseOk.class);
            assertEquals(List.of(List.of(1)), List.copyOf(numbers(server)));
        }
    }

    private static AmqpChannelInfo figures(TestServer server, int channel) {
        return server.server()
                .registry()
                .channelInfos()
                .values()
                .iterator()
                .next()
                .get(channel);
    }

    @Test
    void itsFiguresAreTold() throws Exception {
        try (TestServer server = new TestServer();
                Connection connection = server.connect()) {
            Channel channel = connection.createChannel(1);
            assertEquals(new AmqpChannelInfo(0, 0, false, false, 0, 0, 0, 0, Messages.NONE), figures(server, 1));
            channel.confirmSelect();
            channel.basicQos(7);
            channel.basicQos(9, true);
            channel.queueDeclare("q", true, false, false, null);
            for (int i = 0; i < 3; i++) {
                channel.basicPublish("", "q", null, new byte[1]);
            }
            channel.waitForConfirmsOrDie();
            channel.basicGet("q", false);
            channel.basicGet("q", false);
            assertEquals(
                    new AmqpChannelInfo(7, 9, true, false, 2, 0, 0, 0, new Messages(3, 3, 0, 0, 0, 2, 0, 0, 0, 0)),
                    figures(server, 1));

            Channel tx = connection.createChannel(2);
            tx.txSelect();
            long tag = tx.basicGet("q", false).getEnvelope().getDeliveryTag();
            tx.basicPublish("", "q", null, new byte[1]);
            tx.basicAck(tag, false);
            tx.queueDeclarePassive("q"); // what was sent before has come
            assertEquals(
                    new AmqpChannelInfo(0, 0, false, true, 1, 0, 1, 1, new Messages(1, 0, 0, 0, 0, 1, 0, 0, 0, 0)),
                    figures(server, 2));
            tx.txCommit();
            assertEquals(
                    new AmqpChannelInfo(0, 0, false, true, 0, 0, 0, 0, new Messages(1, 0, 0, 0, 0, 1, 0, 0, 0, 1)),
                    figures(server, 2));
        }
    }

    /** Each message counts once, in the way in which it came or went. */
    @Test
    void itsMessagesAreCounted() throws Exception {
        try (TestServer server = new TestServer();
                Connection connection = server.connect()) {
            Channel channel = connection.createChannel(1);
            channel.confirmSelect();
            channel.queueDeclare("q", true, false, false, null);
            channel.basicQos(2);
            for (int i = 0; i < 6; i++) {
                channel.basicPublish("", "q", null, new byte[1]);
            }
            channel.basicPublish("", "nobody", true, null, new byte[1]);
            channel.waitForConfirmsOrDie();
            channel.basicGet("q", true);
            channel.basicNack(channel.basicGet("q", false).getEnvelope().getDeliveryTag(), false, true);
            BlockingQueue<Long> tags = new LinkedBlockingQueue<>();
            DeliverCallback keep =
                    (tag, message) -> tags.add(message.getEnvelope().getDeliveryTag());
            String consumer = channel.basicConsume("q", false, keep, tag -> {});
            for (int i = 0; i < 3; i++) {
                channel.basicAck(tags.take(), false);
            }
            tags.take();
            channel.basicAck(tags.take(), true);
            channel.basicCancel(consumer);
            channel.basicGet("q", true);
            assertEquals(
                    new Messages(7, 7, 1, 5, 0, 1, 1, 1, 1, 5),
                    figures(server, 1).messages());

            Channel reader = connection.createChannel(2);
            reader.basicConsume("q", true, keep, tag -> {});
            channel.basicPublish("", "q", null, new byte[1]);
            tags.take();
            assertEquals(
                    new Messages(0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
                    figures(server, 2).messages());
        }
    }
}
