package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** A single active consumer, which goes away every few seconds and holds what it has for a while. */
final class SingleLane extends Lane {
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 60;
    private static final Leave LEAVE = Leave.cancelling(4_000, 400, 200);

    SingleLane(Setup setup) {
        super(Feature.SINGLE, setup);
        String queue = queue("", Map.of("x-queue-type", "quorum", "x-single-active-consumer", true));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(queue, Map.of(), Map.of()));
            Manners manners = Manners.slow(HOLD_MILLIS);
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners).leaving(LEAVE));
        }
    }
}
