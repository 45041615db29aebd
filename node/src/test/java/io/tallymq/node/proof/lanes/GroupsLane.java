package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** More groups than are out at a time, each with one publisher; consumers hold several messages and ack out of order. */
final class GroupsLane extends Lane {
    private static final int GROUPS_PER_NODE = 25;
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 250;
    private static final int ONE_REQUEUED_OF = 50;

    GroupsLane(Setup setup) {
        super(Feature.GROUPS, setup);
        String queue = queue("", Map.of("x-queue-type", "quorum", "x-message-groups", true));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(node, queue));
            Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners));
        }
    }

    private static Letters letters(int node, String queue) {
        return (id, random) -> {
            String group = "n" + node + "-" + random.nextInt(GROUPS_PER_NODE);
            return Letters.Letter.to(queue, Map.of("x-group-id", group), Map.of(Published.GROUP, group));
        };
    }
}
