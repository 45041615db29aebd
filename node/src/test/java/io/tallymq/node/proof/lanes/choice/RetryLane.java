package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.lanes.LaneConsumer;
import io.tallymq.node.proof.lanes.Leave;
import io.tallymq.node.proof.lanes.Manners;
import io.tallymq.node.proof.load.Letters;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Consumers that reject and give back, and close their channel with what they hold: it rests, and comes again, or died of too many attempts. */
public final class RetryLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 100;
    private static final int REJECTED_OF_100 = 20;
    private static final int RETURNED_OF_100 = 20;
    private static final long CLOSE_MILLIS = 5_000;

    public RetryLane(Setup setup) {
        super(Feature.RETRY, setup);
        String letters = queue(".dead", Map.of("x-queue-type", "quorum"));
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("x-queue-type", "quorum");
        arguments.put("x-delayed-retry-type", "all");
        arguments.put("x-delayed-retry-min", Feature.RETRY_MIN_MILLIS);
        arguments.put("x-delayed-retry-max", Feature.RETRY_MAX_MILLIS);
        arguments.put("x-delivery-limit", Feature.DELIVERY_LIMIT);
        arguments.put("x-dead-letter-exchange", "");
        arguments.put("x-dead-letter-routing-key", letters);
        String queue = queue("", arguments);
        Manners manners = (envelope, random) -> {
            int of100 = random.nextInt(100);
            Kind kind = of100 < REJECTED_OF_100
                    ? Kind.FAILED
                    : of100 < REJECTED_OF_100 + RETURNED_OF_100 ? Kind.REQUEUED : Kind.ACKED;
            return new Manners.Answer(kind, random.nextInt(HOLD_MILLIS));
        };
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(queue, Map.of(), Map.of()));
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners).leaving(Leave.closing(CLOSE_MILLIS)));
            consume(node, LaneConsumer.Plan.of(letters, PREFETCH, manners).ofLetters());
        }
    }

    @Override
    protected Duration linger() {
        return Duration.ofMillis(Feature.RETRY_MAX_MILLIS + 2_000);
    }
}
