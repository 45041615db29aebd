package io.tallymq.node.proof.lanes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.HistoryEvent.Reported;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Takes reports out of their queue through one node, notes and acks them. */
final class ReportReader extends Worker {
    private static final int PREFETCH = 50;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String queue;
    private final HistoryLog history;
    private final ObjectMapper json = new ObjectMapper();
    private volatile long last = System.nanoTime();

    ReportReader(String name, int node, String queue, Clients clients, HistoryLog history) {
        super(name, node, clients);
        this.queue = queue;
        this.history = history;
    }

    /** Whether nothing has come for so long. */
    boolean quiet(long nanos) {
        return System.nanoTime() - last > nanos;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.basicQos(PREFETCH);
        channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body)
                    throws IOException {
                last = System.nanoTime();
                came(incarnation, envelope.isRedeliver(), properties, json.readTree(body));
                channel.basicAck(envelope.getDeliveryTag(), false);
            }
        });
        while (!stopsWithin(LOOK_NANOS) && channel.isOpen()) {
            // It works on the connection's own thread.
        }
        ShutdownSignalException reason = channel.getCloseReason();
        if (reason != null && !stopped()) {
            throw reason;
        }
    }

    private void came(String who, boolean redelivered, BasicProperties properties, JsonNode report) {
        String id = report.path("message_id").asText();
        String event = report.path("event").asText();
        int blank = id.indexOf(' ');
        if (blank < 0
                || !id.equals(properties.getCorrelationId())
                || !event.equals(String.valueOf(properties.getHeaders().get("x-report-event")))) {
            problem("a report whose properties say " + properties + " and whose body says " + report);
            return;
        }
        MessageId message = new MessageId(id.substring(0, blank), Long.parseLong(id.substring(blank + 1)));
        String from = report.path("queue").asText("-");
        long index = report.path("index").asLong(-1);
        history.add(t -> new Reported(t, who, event, from, message, index, redelivered));
    }
}
