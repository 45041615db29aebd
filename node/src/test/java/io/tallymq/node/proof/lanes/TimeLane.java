package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.load.Letters;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages that are scheduled, and messages that expire in queues nobody consumes and come as dead letters. */
final class TimeLane extends Lane {
    private static final int LONGEST = 25_000;
    private static final List<Integer> TIMES_TO_LIVE = List.of(1_000, 8_000, LONGEST);
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;

    TimeLane(Setup setup) {
        super(Feature.TIME, setup);
        String queue = queue("", Map.of("x-queue-type", "quorum"));
        Map<Integer, String> expiring = new LinkedHashMap<>();
        TIMES_TO_LIVE.forEach(time -> expiring.put(time, queue(".ttl" + time, expires(time, queue))));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(queue, expiring));
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, Manners.slow(HOLD_MILLIS)));
        }
    }

    private static Map<String, Object> expires(int time, String queue) {
        return Map.of(
                "x-queue-type",
                "quorum",
                "x-message-ttl",
                time,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                queue,
                "x-dead-letter-strategy",
                "at-least-once");
    }

    private static Letters letters(String queue, Map<Integer, String> expiring) {
        return (id, random) -> {
            if (random.nextBoolean()) {
                int delay = 1 + random.nextInt(LONGEST);
                return Letters.Letter.to(queue, Map.of("x-delay", delay), Map.of(Published.AFTER, "" + delay));
            }
            int time = TIMES_TO_LIVE.get(random.nextInt(TIMES_TO_LIVE.size()));
            Map<String, String> notes = Map.of(Published.AFTER, "" + time);
            return new Letters.Letter("", expiring.get(time), queue, false, Letters.Letter.with(Map.of()), notes);
        };
    }

    @Override
    protected Duration linger() {
        return Duration.ofMillis(LONGEST + 2_000);
    }
}
