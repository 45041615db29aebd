package io.tallymq.node.proof.lanes.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.lanes.Lane;
import io.tallymq.node.proof.load.Letters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Consumers that settle by amq.settle, in each of its ways; what is put aside is fetched by its token, through any node. */
public final class OutcomesLane extends Lane {
    private final List<Settler> settlers = new ArrayList<>();
    /** Since when they only ack; 0: they do not. */
    private long drains;

    public OutcomesLane(Setup setup) {
        super(Feature.OUTCOMES, setup);
        String letters = queue(".dead", Map.of("x-queue-type", "quorum"));
        String queue = queue(
                "",
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-delivery-limit",
                        1_000,
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        letters));
        BlockingQueue<Fetcher.Token> tokens = new LinkedBlockingQueue<>();
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> Letters.Letter.to(queue, Map.of(), Map.of()));
            var settler = new Settler("outcomes-c" + node, node, queue, tokens, clients(), history(), seed());
            settlers.add(settler);
            takes(settler);
            takes(new Fetcher("outcomes-f" + node, node, queue, tokens, clients(), history()));
            takes(new LetterReader("outcomes-l" + node, node, letters, clients(), history()));
        }
    }

    /** Asked from the end of the publishes on: from then on they only ack, and what rests or is aside comes by itself. */
    @Override
    protected boolean quiet(Duration time) {
        if (drains == 0) {
            drains = System.nanoTime();
            settlers.forEach(Settler::drain);
        }
        return System.nanoTime() - drains > TimeUnit.MILLISECONDS.toNanos(Settler.ASIDE_MILLIS) + time.toNanos()
                && settlers.stream().allMatch(s -> s.quiet(time.toNanos()));
    }
}
