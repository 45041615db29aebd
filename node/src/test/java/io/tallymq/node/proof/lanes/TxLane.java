package io.tallymq.node.proof.lanes;

import io.tallymq.node.proof.history.Feature;
import java.util.Map;

/**
 * Transactions that publish to two queues; out of one of these messages are moved to a third, each by a transaction that acks it and
 * publishes it.
 */
final class TxLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 30;

    TxLane(Setup setup) {
        super(Feature.TX, setup);
        String in = queue(".in", Map.of("x-queue-type", "quorum"));
        String out = queue(".out", Map.of());
        String side = queue(".side", Map.of("x-queue-type", "quorum"));
        for (int node = 1; node <= nodes(); node++) {
            makes(new TxPublisher(
                    "tx-p" + node, node, new TxPublisher.Plan(in, out, side, rate()), clients(), history(), seed()));
            takes(new TxMover("tx-m" + node, node, in, out, clients()));
            consume(node, LaneConsumer.Plan.of(out, PREFETCH, Manners.slow(HOLD_MILLIS)));
            consume(node, LaneConsumer.Plan.of(side, PREFETCH, Manners.slow(HOLD_MILLIS)));
        }
    }
}
