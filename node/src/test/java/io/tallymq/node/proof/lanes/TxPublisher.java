package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Publishes some messages in each transaction, commits most of these and rolls the others back. */
final class TxPublisher extends Worker {
    private static final int MOST_MESSAGES = 6;
    private static final int ONE_ROLLED_BACK_OF = 8;

    /**
     * What to publish.
     *
     * @param in out of which messages are moved to {@code out}
     * @param rate messages per second
     */
    record Plan(String in, String out, String side, int rate) {}

    private final Plan plan;
    private final HistoryLog history;
    private final Random random;

    TxPublisher(String name, int node, Plan plan, Clients clients, HistoryLog history, long seed) {
        super(name, node, clients);
        this.plan = plan;
        this.history = history;
        this.random = new Random(seed);
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.txSelect();
        long sequence = 0;
        long next = System.nanoTime();
        for (int tx = 0; !stopsWithin(next - System.nanoTime()); tx++) {
            int messages = 1 + random.nextInt(MOST_MESSAGES);
            transaction(channel, incarnation, sequence, messages, incarnation + "-" + tx);
            sequence += messages;
            next = Math.max(next, System.nanoTime()) + TimeUnit.SECONDS.toNanos(messages) / plan.rate;
        }
    }

    private void transaction(Channel channel, String incarnation, long sequence, int messages, String tx)
            throws IOException {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            MessageId id = new MessageId(incarnation, sequence + i);
            ids.add(id);
            boolean aside = random.nextBoolean();
            byte[] body = Body.of(id, random, Body.Mix.ALL);
            String queue = aside ? plan.side : plan.out;
            String crc = Body.crc(body);
            history.add(t -> new Published(t, id, queue, crc, Map.of(Published.TX, tx)));
            channel.basicPublish("", aside ? plan.side : plan.in, MessageProperties.MINIMAL_PERSISTENT_BASIC, body);
        }
        if (random.nextInt(ONE_ROLLED_BACK_OF) == 0) {
            ids.forEach(id -> history.add(t -> new Answered(Kind.NACKED, t, id)));
            channel.txRollback();
        } else {
            channel.txCommit();
            ids.forEach(id -> history.add(t -> new Answered(Kind.CONFIRMED, t, id)));
        }
    }
}
