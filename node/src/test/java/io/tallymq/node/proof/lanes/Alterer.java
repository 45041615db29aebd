package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Gives a queue other arguments every few seconds, through one node after the other, and looks whether it has them. */
final class Alterer extends Worker {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final int nodes;
    private final String queue;
    private final List<Map<String, Object>> settings;
    private final HistoryLog history;
    private final Random random;

    Alterer(
            String name,
            int nodes,
            String queue,
            List<Map<String, Object>> settings,
            Clients clients,
            HistoryLog history,
            long seed) {
        super(name, 1, clients);
        this.nodes = nodes;
        this.queue = queue;
        this.settings = settings;
        this.history = history;
        this.random = new Random(seed);
    }

    @Override
    protected int node(int incarnation) {
        return 1 + incarnation % nodes;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        Map<String, Object> wanted = settings.get(random.nextInt(settings.size()));
        Map<String, Object> arguments = new TreeMap<>(wanted);
        arguments.put("x-alter", true);
        history.add(t -> new Fault(t, "alters " + queue + " to " + wanted));
        channel.queueDeclare(queue, true, false, false, arguments);
        channel.queueDeclare(queue, true, false, false, wanted); // 406 if it has others
        boolean unused = stopsWithin(EVERY_NANOS);
    }
}
