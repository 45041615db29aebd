package io.tallymq.broker.processing;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.PlacedRuns;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/** Tells the receipts of messages that have names where these are now, when they go from one queue to another. Costs a look where there are none. */
final class MovedNames {
    private final Named named;
    private final PlacedRuns placed = new PlacedRuns();

    MovedNames(Named named) {
        this.named = named;
    }

    /** The run that follows is placed for these. */
    void watch(Placement placement) {
        placed.clear();
        placement.tellsWhere(placed);
    }

    /**
     * The first {@code n} of a run are placed.
     *
     * @param left whether one left its queue
     * @param seq its number there
     */
    void moved(PublishRun run, int n, Queue from, String why, IntPredicate left, IntToLongFunction seq) {
        for (int i = 0; i < n; i++) {
            Terms t = terms(run, i);
            if (t.hasName() && left.test(i)) {
                named.moved(
                        from.vhost(),
                        t.producer(),
                        t.seq(),
                        from.number(),
                        from.name(),
                        seq.applyAsLong(i),
                        why,
                        placed.placesOf(i));
            }
        }
    }

    /** The first {@code n} of a run, of which some were held back for this moment, are placed. */
    void released(PublishRun run, int n, IntPredicate left) {
        for (int i = 0; i < n; i++) {
            Terms t = terms(run, i);
            if (t.hasName() && left.test(i)) {
                String vhost = run.table()[run.route(i)].vhost();
                named.released(vhost, t.producer(), t.seq(), placed.placesOf(i));
            }
        }
    }

    private static Terms terms(PublishRun run, int i) {
        return run.extension(i).terms();
    }
}
