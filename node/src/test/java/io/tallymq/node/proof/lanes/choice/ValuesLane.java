package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.lanes.LaneConsumer;
import io.tallymq.node.proof.lanes.Leave;
import io.tallymq.node.proof.lanes.Manners;
import io.tallymq.node.proof.load.Letters;
import java.util.Map;

/** Values that change faster than they are read: each has one publisher; consumers give some back, and go away with what they hold. */
public final class ValuesLane extends Lane {
    private static final String HEADER = "x-item";
    private static final int VALUES_PER_NODE = 8;
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 250;
    private static final int ONE_REQUEUED_OF = 10;
    private static final long CLOSE_MILLIS = 4_000;
    private static final Leave CANCELS = Leave.cancelling(3_000, 200, 4_000);

    public ValuesLane(Setup setup) {
        super(Feature.VALUES, setup);
        String classic = queue(".classic", Map.of("x-last-value", HEADER));
        String quorum = queue(".quorum", Map.of("x-queue-type", "quorum", "x-last-value", HEADER));
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            publish(node, letters(node, classic, quorum));
            consume(node, LaneConsumer.Plan.of(classic, PREFETCH, manners).leaving(CANCELS));
            consume(node, LaneConsumer.Plan.of(quorum, PREFETCH, manners).leaving(Leave.closing(CLOSE_MILLIS)));
        }
    }

    private static Letters letters(int node, String classic, String quorum) {
        return (id, random) -> {
            String queue = random.nextBoolean() ? classic : quorum;
            String value = "n" + node + "-" + random.nextInt(VALUES_PER_NODE);
            return Letters.Letter.to(queue, Map.of(HEADER, value), Map.of(Published.VALUE, value));
        };
    }
}
