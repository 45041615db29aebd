package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.load.Letters;
import io.tallymq.node.proof.load.Letters.Letter;
import java.util.Map;

/** Publishes that are confirmed when every node has them, by their header or because their queue wants it, and among them others that are not. */
final class CopiesLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final Map<String, String> BY_ALL = Map.of(Published.CONFIRM, "all");

    CopiesLane(Setup setup) {
        super(Feature.COPIES, setup);
        String plain = queue("", Map.of("x-queue-type", "quorum"));
        String wants = queue(".all", Map.of("x-queue-type", "quorum", "x-confirm", "all"));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(plain, wants));
            consume(node, LaneConsumer.Plan.of(plain, PREFETCH, Manners.slow(HOLD_MILLIS)));
            consume(node, LaneConsumer.Plan.of(wants, PREFETCH, Manners.slow(HOLD_MILLIS)));
        }
    }

    private static Letters letters(String plain, String wants) {
        return (id, random) -> switch (random.nextInt(3)) {
            case 0 -> Letter.to(plain, Map.of(), Map.of());
            case 1 -> Letter.to(plain, Map.of("x-confirm", "all"), BY_ALL);
            default -> Letter.to(wants, Map.of(), BY_ALL);
        };
    }
}
