package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters;
import java.util.List;
import java.util.Map;

/** A queue that becomes another one every few seconds, while it has messages. */
final class AlterLane extends Lane {
    private static final int PREFETCH = 10;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    /** Messages wait for all of them now and then. */
    private static final Leave LEAVE = Leave.cancelling(3_000, 100, 4_000);

    private static final String TYPE = "x-queue-type";
    private static final String OVERFLOW = "x-overflow";

    /** Nothing may go by any of these: limits refuse, times to live are long. */
    private static final List<Map<String, Object>> SETTINGS = List.of(
            Map.of(),
            Map.of(TYPE, "quorum"),
            Map.of(TYPE, "quorum", "x-max-length", 100_000, OVERFLOW, "reject-publish"),
            Map.of("x-max-length", 20, OVERFLOW, "reject-publish"),
            Map.of(TYPE, "quorum", "x-message-ttl", 3_600_000, "x-consumer-timeout", 60_000),
            Map.of("x-message-ttl", 1_800_000, "x-max-length-bytes", 20_000, OVERFLOW, "reject-publish"),
            Map.of("x-message-groups", true),
            Map.of(TYPE, "quorum", "x-fair-by", "header:nobody", "x-delivery-limit", 1_000),
            Map.of("x-message-deduplication", true, "x-expires", 3_600_000));

    AlterLane(Setup setup) {
        super(Feature.ALTER, setup);
        String queue = queue("", SETTINGS.get(0));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(queue, Map.of(), Map.of()));
            Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
            consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners).leaving(LEAVE));
        }
        makes(new Alterer("alterer", nodes(), queue, SETTINGS, clients(), history(), seed()));
    }
}
