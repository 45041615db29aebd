package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Moves messages from one queue to another, some in each transaction: acked there and published here, or neither. */
final class TxMover extends Worker {
    private static final int PREFETCH = 8;
    private static final long LOOK_MILLIS = 50;

    private record Came(Envelope envelope, byte[] body) {}

    private final String from;
    private final String to;

    TxMover(String name, int node, String from, String to, Clients clients) {
        super(name, node, clients);
        this.from = from;
        this.to = to;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.txSelect();
        channel.basicQos(PREFETCH);
        BlockingQueue<Came> inbox = new LinkedBlockingQueue<>();
        channel.basicConsume(from, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                inbox.add(new Came(envelope, body));
            }
        });
        while (!stopped() && channel.isOpen()) {
            Came first = inbox.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (first != null) {
                List<Came> some = new ArrayList<>(List.of(first));
                inbox.drainTo(some);
                move(channel, some);
            }
        }
        if (channel.getCloseReason() != null) {
            throw channel.getCloseReason();
        }
    }

    private void move(Channel channel, List<Came> some) throws IOException {
        for (Came came : some) {
            channel.basicPublish("", to, MessageProperties.MINIMAL_PERSISTENT_BASIC, came.body);
            channel.basicAck(came.envelope.getDeliveryTag(), false);
        }
        channel.txCommit();
    }
}
