package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** An exchange and a queue that drop duplicates, and publishers that publish again what was not confirmed, and some that was. */
final class DedupLane extends Lane {
    /** More keys than a run has. */
    private static final int CACHE = 50_000;

    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;

    private static final Map<String, Object> ARGUMENTS = Map.of("x-message-deduplication", true, "x-cache-size", CACHE);

    private final String behindExchange;
    private final String exchange;

    DedupLane(Setup setup) {
        super(Feature.DEDUP, setup);
        Map<String, Object> arguments = new TreeMap<>(ARGUMENTS);
        arguments.put("x-queue-type", "quorum");
        String itself = queue(".itself", arguments);
        behindExchange = queue(".behind", Map.of());
        exchange = "dedup." + run();
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            publish(node, new KeyedLetters("n" + node, exchange, behindExchange, itself));
            consume(node, LaneConsumer.Plan.of(itself, PREFETCH, manners));
            consume(node, LaneConsumer.Plan.of(behindExchange, PREFETCH, manners));
        }
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(exchange, "direct", true, false, ARGUMENTS);
        channel.queueBind(behindExchange, exchange, behindExchange);
    }
}
