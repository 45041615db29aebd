package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Three producers on each node: one whose numbers rise by one, one whose numbers rise so fast that its old ones are forgotten, and one whose place is
 * taken again and again. On each node somebody asks for receipts and makes numbers void over HTTP, and somebody else over AMQP.
 */
final class ReceiptsLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    /** Of the queue that refuses. */
    private static final int MOST = 10;

    private static final int SMALL_PREFETCH = 3;
    private static final int SMALL_HOLD_MILLIS = 200;
    /** Of numbers that rise fast. */
    private static final int STEP = 200;

    private static final int KINDS = 3;

    private final String exchange;
    private final List<String> behindExchange;

    ReceiptsLane(Setup setup) {
        super(Feature.RECEIPTS, setup);
        String straight = queue("", Map.of("x-queue-type", "quorum"));
        behindExchange = List.of(queue(".one", Map.of()), queue(".two", Map.of("x-queue-type", "quorum")));
        String small =
                queue(".small", Map.of("x-queue-type", "quorum", "x-max-length", MOST, "x-overflow", "reject-publish"));
        exchange = "receipts." + run();
        var routes = new NamedLetters.Routes("", straight, exchange, String.join("+", behindExchange), small);
        List<NamedLetters> all = new ArrayList<>();
        List<NamedLetters> taken = new ArrayList<>();
        for (int node = 1; node <= nodes(); node++) {
            all.add(producer("dense", node, routes, 1, clients()));
            all.add(producer("leaps", node, routes, STEP, clients()));
            taken.add(producer("taken", node, routes, 1, control()));
            Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
            consume(node, LaneConsumer.Plan.of(straight, PREFETCH, manners));
            for (String queue : behindExchange) {
                consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners));
            }
            consume(node, LaneConsumer.Plan.of(small, SMALL_PREFETCH, Manners.slow(SMALL_HOLD_MILLIS)));
        }
        all.addAll(taken);
        for (int node = 1; node <= nodes(); node++) {
            takes(new Asker("receipts-h" + node, node, true, all, Naming.BY_NAME, this));
            takes(new Asker("receipts-a" + node, node, false, all, Naming.BY_NAME, this));
        }
        makes(new PlaceTaker("receipts-t", taken, this));
    }

    private NamedLetters producer(String kind, int node, NamedLetters.Routes routes, int step, Clients by) {
        // The slash because names may have one.
        NamedLetters letters = new NamedLetters(kind + "/" + node + "." + run(), Naming.BY_NAME, routes, step);
        publish("receipts-" + kind + node, node, Math.max(1, rate() / KINDS), letters, by);
        return letters;
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(exchange, "fanout", true);
        for (String queue : behindExchange) {
            channel.queueBind(queue, exchange, "");
        }
        NamesLane.awaitNames(channel, "probe." + run());
    }
}
