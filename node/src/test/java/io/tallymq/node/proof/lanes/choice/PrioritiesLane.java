package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** A classic and a quorum queue with priorities, which nobody consumes for most of the time: so messages of all levels wait through faults. */
public final class PrioritiesLane extends Lane {
    private static final int HIGHEST_OF_CLASSIC = 5;
    private static final int LEVELS_OF_QUORUM = 32;
    /** Published are some above the highest. */
    private static final int BEYOND = 3;

    public PrioritiesLane(Setup setup) {
        super(Feature.PRIORITIES, setup);
        String classic = queue(".classic", Map.of("x-max-priority", HIGHEST_OF_CLASSIC));
        String quorum = queue(".quorum", Map.of("x-queue-type", "quorum"));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(classic, quorum));
        }
        takes(new Drainer("priorities-d1", 1, classic, clients(), history()));
        takes(new Drainer("priorities-d2", Math.min(2, nodes()), quorum, clients(), history()));
    }

    private static Letters letters(String classic, String quorum) {
        return (id, random) -> {
            boolean isClassic = random.nextBoolean();
            String queue = isClassic ? classic : quorum;
            int priority = random.nextInt(isClassic ? HIGHEST_OF_CLASSIC + 1 + BEYOND : LEVELS_OF_QUORUM);
            int level = isClassic ? Math.min(priority, HIGHEST_OF_CLASSIC) : priority;
            var properties =
                    Letters.Letter.with(Map.of()).builder().priority(priority).build();
            return new Letters.Letter("", queue, queue, false, properties, Map.of(Published.LEVEL, "" + level));
        };
    }
}
