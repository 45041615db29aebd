package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters;
import java.util.HashMap;
import java.util.Map;

/** Queues that are full most of the time: one refuses what comes then, the other one drops its oldest, which come as dead letters. */
final class LimitsLane extends Lane {
    private static final int LENGTH = 10;
    private static final int PREFETCH = 2;
    private static final int HOLD_MILLIS = 2_000;
    private static final int LETTERS_PREFETCH = 20;
    private static final int LETTERS_HOLD_MILLIS = 100;

    LimitsLane(Setup setup) {
        super(Feature.LIMITS, setup);
        String refusing = queue("", limited("reject-publish", Map.of()));
        String letters = queue(".letters", Map.of("x-queue-type", "quorum"));
        Map<String, Object> to = Map.of(
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                letters,
                "x-dead-letter-strategy",
                "at-least-once");
        String dropping = queue(".dropping", limited("drop-head", to));
        for (int node = 1; node <= nodes(); node++) {
            publish(
                    node,
                    (id, random) -> Letters.Letter.to(random.nextBoolean() ? refusing : dropping, Map.of(), Map.of()));
            consume(
                    node,
                    LaneConsumer.Plan.of(letters, LETTERS_PREFETCH, Manners.slow(LETTERS_HOLD_MILLIS))
                            .ofLetters());
        }
        consume(1, LaneConsumer.Plan.of(refusing, PREFETCH, Manners.slow(HOLD_MILLIS)));
        consume(2, LaneConsumer.Plan.of(dropping, PREFETCH, Manners.slow(HOLD_MILLIS)));
    }

    private static Map<String, Object> limited(String overflow, Map<String, Object> more) {
        Map<String, Object> arguments = new HashMap<>(more);
        arguments.put("x-queue-type", "quorum");
        arguments.put("x-max-length", LENGTH);
        arguments.put("x-overflow", overflow);
        return arguments;
    }
}
