package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** Consumers that hold a message back now and then, until they are cancelled for it. */
final class TimeoutLane extends Lane {
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_HELD_BACK_OF = 60;

    TimeoutLane(Setup setup) {
        super(Feature.TIMEOUT, setup);
        String queue =
                queue("", Map.of("x-queue-type", "quorum", "x-consumer-timeout", Feature.CONSUMER_TIMEOUT_MILLIS));
        Manners manners = (envelope, random) -> !envelope.isRedeliver() && random.nextInt(ONE_HELD_BACK_OF) == 0
                ? Manners.Answer.HOLDS_BACK
                : Manners.Answer.ack(random.nextInt(HOLD_MILLIS));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(queue, Map.of(), Map.of()));
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners).thatIsCancelled());
        }
    }
}
