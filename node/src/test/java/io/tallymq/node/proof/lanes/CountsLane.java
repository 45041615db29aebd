package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** Consumers that reject, give back, and close their channel with what they hold; what failed too often is a dead letter. */
final class CountsLane extends Lane {
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 150;
    private static final int REJECTED_OF_100 = 25;
    private static final int RETURNED_OF_100 = 10;
    private static final long CLOSE_MILLIS = 5_000;

    CountsLane(Setup setup) {
        super(Feature.COUNTS, setup);
        String letters = queue(".dead", Map.of("x-queue-type", "quorum"));
        String queue = queue(
                "",
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-delivery-limit",
                        Feature.DELIVERY_LIMIT,
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        letters));
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
}
