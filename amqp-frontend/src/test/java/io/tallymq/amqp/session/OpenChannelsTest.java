package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.wire.ChannelMethod;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
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
            assertEquals(new AmqpChannelInfo(0, 0, false, false, 0, 0, 0, 0), figures(server, 1));
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
            assertEquals(new AmqpChannelInfo(7, 9, true, false, 2, 0, 0, 0), figures(server, 1));

            Channel tx = connection.createChannel(2);
            tx.txSelect();
            long tag = tx.basicGet("q", false).getEnvelope().getDeliveryTag();
            tx.basicPublish("", "q", null, new byte[1]);
            tx.basicAck(tag, false);
            tx.queueDeclarePassive("q"); // what was sent before has come
            assertEquals(new AmqpChannelInfo(0, 0, false, true, 1, 0, 1, 1), figures(server, 2));
            tx.txCommit();
            assertEquals(new AmqpChannelInfo(0, 0, false, true, 0, 0, 0, 0), figures(server, 2));
        }
    }
}
