package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.lanes.LaneConsumer;
import io.tallymq.node.proof.lanes.Manners;
import java.time.Duration;
import java.util.Map;

/** Messages for later, of which many are replaced or called off before their time. */
public final class SchedulesLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;

    public SchedulesLane(Setup setup) {
        super(Feature.SCHEDULES, setup);
        String queue = queue("", Map.of("x-queue-type", "quorum"));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, new PlannedLetters("n" + node + "-" + run(), queue));
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, Manners.slow(HOLD_MILLIS)));
        }
    }

    @Override
    protected Duration linger() {
        return Duration.ofMillis(PlannedLetters.LONGEST_MILLIS + 2_000);
    }
}
