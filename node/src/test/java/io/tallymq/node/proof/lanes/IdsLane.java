package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Publishes with ids to an exchange that remembers them for longer than a run, or for seconds: two producers on each node, what had no answer is published
 * again with its id, and so is what may be remembered or not. On each node somebody asks for receipts and makes ids void over HTTP, and somebody else over AMQP.
 */
final class IdsLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    /** Of the queue that refuses. */
    private static final int MOST = 10;

    private static final int SMALL_PREFETCH = 3;
    private static final int SMALL_HOLD_MILLIS = 200;
    private static final int PRODUCERS = 2;
    private static final long LONG_MILLIS = TimeUnit.HOURS.toMillis(24);
    /** So many numbers back something is published again, and asked for, if ids are remembered for seconds: what is remembered is among them, and what is not. */
    private static final int NEIGHBOURS = 60;

    private final long windowMillis;
    private final String exchange;
    private final Naming naming;
    /** Queues, and the key by which each gets what it does. */
    private final Map<String, String> keys;

    /** Ids are remembered for longer than a run. */
    static IdsLane remembering(Setup setup) {
        return new IdsLane(Feature.IDS, setup, LONG_MILLIS, NamedLetters.REMEMBERED);
    }

    /** For seconds. */
    static IdsLane forgetting(Setup setup) {
        return new IdsLane(Feature.WINDOWS, setup, Feature.WINDOW_MILLIS, NEIGHBOURS);
    }

    private IdsLane(Feature feature, Setup setup, long windowMillis, int remembered) {
        super(feature, setup);
        this.windowMillis = windowMillis;
        exchange = name() + "." + run();
        naming = Naming.byId(exchange);
        String straight = queue("", Map.of("x-queue-type", "quorum"));
        String one = queue(".one", Map.of());
        String two = queue(".two", Map.of("x-queue-type", "quorum"));
        String small =
                queue(".small", Map.of("x-queue-type", "quorum", "x-max-length", MOST, "x-overflow", "reject-publish"));
        String both = one + "+" + two;
        keys = Map.of(straight, straight, small, small, one, both, two, both);
        var routes = new NamedLetters.Routes(exchange, straight, exchange, both, small);
        List<NamedLetters> all = new ArrayList<>();
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            for (int n = 1; n <= PRODUCERS; n++) {
                var letters = new NamedLetters("order/" + node + "." + n, naming, routes, 1, remembered);
                publish(name() + "-p" + node + n, node, Math.max(1, rate() / PRODUCERS), letters, clients());
                all.add(letters);
            }
            for (String queue : List.of(straight, one, two)) {
                consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners));
            }
            consume(node, LaneConsumer.Plan.of(small, SMALL_PREFETCH, Manners.slow(SMALL_HOLD_MILLIS)));
        }
        for (int node = 1; node <= nodes(); node++) {
            takes(new Asker(name() + "-h" + node, node, true, all, naming, this));
            takes(new Asker(name() + "-a" + node, node, false, all, naming, this));
        }
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(exchange, "direct", true);
        for (Map.Entry<String, String> key : keys.entrySet()) {
            channel.queueBind(key.getKey(), exchange, key.getValue());
        }
        try (HttpDesk desk = new HttpDesk(address(1), naming)) {
            desk.remember(exchange, windowMillis);
        } catch (ReceiptDesk.NoAnswerException | IllegalStateException e) {
            throw new IOException(e); // The cluster does not know ids yet: it is tried again.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        channel.basicGet(naming.queue("probe", 1), true); // 404 until the exchange remembers
    }
}
