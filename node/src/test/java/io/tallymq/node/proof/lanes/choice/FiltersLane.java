package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.choice.FilterJudge;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.lanes.LaneConsumer;
import io.tallymq.node.proof.lanes.Manners;
import io.tallymq.node.proof.load.Letters;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A queue whose consumers have filters, two on different nodes the same one. Some messages are for none of them and stay, in between, until somebody without a
 * filter comes in the end.
 */
public final class FiltersLane extends Lane {
    private static final int PREFETCH = 50;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 30;
    private static final int MIDDLE = 50;

    /** Which consumer a message is for, and the header that says so. */
    private enum Kind {
        RED("colour", List.of("red", "crimson")),
        HIGH("size", Map.of("gte", MIDDLE, "lt", 2 * MIDDLE)),
        URGENT("properties.type", "urgent"),
        NONE(null, null);

        final String header;
        final Object wanted;

        Kind(String header, Object wanted) {
            this.header = header;
            this.wanted = wanted;
        }

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        Letters.Letter letter(String queue, Random random) {
            Map<String, Object> headers =
                    switch (this) {
                        case RED ->
                            Map.of("colour", random.nextBoolean() ? "red" : "crimson", "size", random.nextInt(MIDDLE));
                        case HIGH -> Map.of("colour", "blue", "size", MIDDLE + random.nextInt(MIDDLE));
                        default -> Map.of("colour", "blue", "size", random.nextInt(MIDDLE));
                    };
            var properties = Letters.Letter.with(headers)
                    .builder()
                    .type(this == URGENT ? "urgent" : "usual")
                    .build();
            Map<String, String> notes = this == NONE
                    ? Map.of(Published.FOR, label())
                    : Map.of(Published.FOR, label(), Published.AFTER, "0");
            return new Letters.Letter("", queue, queue, false, properties, notes);
        }
    }

    public FiltersLane(Setup setup) {
        super(Feature.FILTERS, setup);
        String queue = queue("", Map.of("x-queue-type", "quorum"));
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        LaneConsumer.Plan plan = LaneConsumer.Plan.of(queue, PREFETCH, manners);
        Kind[] kinds = Kind.values();
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> kinds[random.nextInt(kinds.length)].letter(queue, random));
        }
        for (Kind kind : kinds) {
            if (kind == Kind.NONE) {
                consume(1, plan.lastly(FilterJudge.ANYBODY));
                continue;
            }
            // Two on different nodes: so nothing piles up while one node is down.
            for (int i = 0; i < Math.min(2, nodes()); i++) {
                int node = 1 + (kind.ordinal() + i) % nodes();
                consume(node, plan.filtered(kind.label(), Map.of(kind.header, kind.wanted)));
            }
        }
    }
}
