package io.tallymq.node.proof.lanes.choice;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.lanes.Worker;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Comes now and then, takes all that a queue has, and goes; it is the only one. Each of its channels is a consumer of its own. */
final class Drainer extends Worker {
    private static final int PREFETCH = 20;
    private static final long AWAY_NANOS = TimeUnit.SECONDS.toNanos(6);
    /** So long it waits for a next message before it goes. */
    private static final long QUIET_MILLIS = 300;
    /** And goes then, whatever comes. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Came(Envelope envelope, MessageId id) {}

    private final String queue;
    private final HistoryLog history;

    Drainer(String name, int node, String queue, Clients clients, HistoryLog history) {
        super(name, node, clients);
        this.queue = queue;
        this.history = history;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        for (int n = 0; !stopsWithin(AWAY_NANOS) && connection.isOpen(); n++) {
            Channel channel = connection.createChannel();
            String name = incarnation + "-" + n + ".1";
            boolean closed = false;
            try {
                drain(channel, name);
                closed = true;
                note(Kind.CLOSED, name);
            } finally {
                if (!closed) {
                    note(Kind.GONE, name);
                }
            }
            channel.abort();
        }
    }

    private void note(Kind kind, String name) {
        history.add(t -> new HistoryEvent.Channel(kind, t, name));
    }

    private void drain(Channel channel, String name) throws IOException, InterruptedException {
        BlockingQueue<Came> inbox = new LinkedBlockingQueue<>();
        channel.basicQos(PREFETCH);
        ask(channel, name);
        long until = System.nanoTime() + LONGEST_NANOS;
        String tag = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String t, Envelope envelope, BasicProperties properties, byte[] body) {
                MessageId id = Body.id(body);
                String crc = Body.crc(body);
                history.add(time -> new Delivered(time, name, queue, id, envelope.isRedeliver(), -1, crc));
                inbox.add(new Came(envelope, id));
            }
        });
        Came came = inbox.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
        while (came != null) {
            ack(channel, name, came);
            came = System.nanoTime() > until ? null : inbox.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
        }
        channel.basicCancel(tag);
        ask(channel, name); // Everything that it was sent has come, and its acks are applied behind this.
        for (came = inbox.poll(); came != null; came = inbox.poll()) {
            ack(channel, name, came);
        }
        ask(channel, name);
    }

    private void ack(Channel channel, String name, Came came) throws IOException {
        history.add(t -> new Answering(Kind.ACKED, t, name, came.id));
        channel.basicAck(came.envelope.getDeliveryTag(), false);
    }

    private void ask(Channel channel, String name) throws IOException {
        note(Kind.ASKED, name);
        channel.queueDeclarePassive(queue);
        note(Kind.SETTLED, name);
    }
}
