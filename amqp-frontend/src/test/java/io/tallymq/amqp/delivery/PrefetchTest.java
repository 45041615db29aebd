package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import io.tallymq.amqp.Row;
import io.tallymq.amqp.session.TestServer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** basic.qos with global: one limit for all consumers of the channel, those that run too, and it can be changed at any time. */
class PrefetchTest {
    private TestServer server;
    private Connection connection;
    private Channel channel;
    private Channel control;
    private final BlockingQueue<Delivery> delivered = new LinkedBlockingQueue<>();

    @BeforeEach
    void connect() throws Exception {
        server = new TestServer();
        connection = server.connect();
        channel = connection.createChannel();
        control = connection.createChannel();
        control.confirmSelect();
        control.queueDeclare("a", true, false, false, null);
        control.queueDeclare("b", true, false, false, null);
    }

    @AfterEach
    void disconnect() {
        connection.abort();
        server.close();
    }

    private void consume(String queue) throws IOException {
        channel.basicConsume(queue, false, new Taker());
    }

    private final class Taker extends DefaultConsumer {
        Taker() {
            super(channel);
        }

        @Override
        public void handleDelivery(
                String tag, Envelope envelope, com.rabbitmq.client.AMQP.BasicProperties p, byte[] body) {
            delivered.add(new Delivery(envelope, p, body));
        }
    }

    private void publish(String queue, int messages) throws Exception {
        for (int i = 0; i < messages; i++) {
            control.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        control.waitForConfirmsOrDie();
    }

    /** Takes so many messages, and makes sure that no more come. */
    private long take(int messages) throws Exception {
        long last = 0;
        for (int i = 0; i < messages; i++) {
            last = delivered.take().getEnvelope().getDeliveryTag();
        }
        channel.queueDeclarePassive("a"); // a delivery would have come before
        assertEquals(0, delivered.size());
        return last;
    }

    @Test
    void aLimitHoldsForConsumersThatRun() throws Exception {
        consume("a");
        channel.basicQos(1, true);
        publish("a", 3);
        for (int i = 0; i < 3; i++) {
            channel.basicAck(take(1), false);
        }
    }

    /** A worker that holds more and more messages for later raises its limit each time. */
    @Test
    void aLimitCanBeRaisedAndLowered() throws Exception {
        channel.basicQos(4, true);
        consume("a");
        publish("a", 12);
        take(4);
        channel.basicQos(5, true);
        take(1);
        channel.basicQos(8, true);
        final long last = take(3);
        channel.basicQos(2, true);
        channel.basicAck(last - 2, true);
        channel.queueDeclarePassive("a");
        assertEquals(0, delivered.size());
        channel.basicAck(last, true);
        take(2);
        channel.basicQos(0, true);
        take(2);
    }

    @Test
    @Row("basic.qos")
    void consumersShareTheLimitAndEachHasItsOwn() throws Exception {
        channel.basicQos(3, true);
        channel.basicQos(2, false);
        consume("a");
        consume("b");
        publish("a", 4);
        publish("b", 4);
        channel.basicAck(take(3), true);
        take(3);
    }

    /** Kombu, and so Celery, takes the specification's word for it with brokers of another name than RabbitMQ: qos is the channel's. */
    @Test
    void ofPyAmqpEachQosIsTheChannels() throws Exception {
        reconnectAs("py-amqp");
        channel.basicQos(1, false);
        consume("a");
        consume("b");
        publish("a", 2);
        publish("b", 2);
        take(1);
        channel.basicQos(3, false);
        channel.basicAck(take(2), true);
        take(1);
    }

    @Test
    void pyAmqpReadsStreamsByItsQos() throws Exception {
        reconnectAs("py-amqp");
        control.queueDeclare("s", true, false, false, Map.of("x-queue-type", "stream"));
        publish("s", 5);
        channel.basicQos(2, false);
        channel.basicConsume("s", false, Map.of("x-stream-offset", "first"), new Taker());
        channel.basicAck(take(2), true);
        channel.basicAck(take(2), true);
        take(1);
    }

    @Test
    void ofOthersItIsThatOfLaterConsumers() throws Exception {
        reconnectAs("py-amqp2");
        channel.basicQos(1, false);
        consume("a");
        consume("b");
        publish("a", 2);
        publish("b", 2);
        take(2);
        channel.basicQos(3, false);
        take(0);
    }

    private void reconnectAs(String product) throws Exception {
        connection.close();
        ConnectionFactory factory = server.factory();
        factory.setClientProperties(Map.of("product", product));
        connection = factory.newConnection();
        channel = connection.createChannel();
        control = connection.createChannel();
        control.confirmSelect();
    }

    @Test
    void whatIsHeldAlreadyCounts() throws Exception {
        consume("a");
        publish("a", 1);
        take(1);
        channel.basicQos(2, true);
        publish("a", 2);
        take(1);
        channel.basicRecover(true);
        take(2);
    }
}
