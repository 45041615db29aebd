package io.tallymq.node.proof.lanes.choice;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.lanes.Worker;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Takes dead letters, and notes whose headers they have. */
final class LetterReader extends Worker {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final String queue;
    private final HistoryLog history;

    LetterReader(String name, int node, String queue, Clients clients, HistoryLog history) {
        super(name, node, clients);
        this.queue = queue;
        this.history = history;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String t, Envelope envelope, BasicProperties properties, byte[] body)
                    throws IOException {
                MessageId id = Body.id(body);
                history.add(time -> new DeadLettered(time, queue, id));
                Marks.note(history, incarnation, id, properties);
                channel.basicAck(envelope.getDeliveryTag(), false);
            }
        });
        while (!stopsWithin(LOOK_NANOS) && channel.isOpen()) { // The client's thread works.
        }
        if (channel.getCloseReason() != null) {
            throw channel.getCloseReason();
        }
    }
}
