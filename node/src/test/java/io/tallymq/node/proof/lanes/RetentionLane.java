package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Letters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Producers that take turns, so that those who rest are forgotten, and publish again then what they published before: on each node three, and somebody who
 * asks for their receipts and makes numbers of those at work void over HTTP, and somebody else over AMQP.
 */
final class RetentionLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    private static final int PRODUCERS = 3;
    /** So many numbers back something is published again, and asked for. */
    private static final int NEIGHBOURS = 60;
    /** Of the queue that refuses. */
    private static final int MOST = 10;

    private static final int SMALL_PREFETCH = 3;
    private static final int SMALL_HOLD_MILLIS = 200;
    /** A producer's turn: the others' together are longer than what they are remembered for, and some rests are not. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(Feature.RETENTION_MILLIS * 3 / 4);

    private final String exchange;
    private final List<String> behindExchange;

    RetentionLane(Setup setup) {
        super(Feature.RETENTION, setup);
        String straight = queue("", Map.of("x-queue-type", "quorum"));
        behindExchange = List.of(queue(".one", Map.of()), queue(".two", Map.of("x-queue-type", "quorum")));
        String small =
                queue(".small", Map.of("x-queue-type", "quorum", "x-max-length", MOST, "x-overflow", "reject-publish"));
        exchange = name() + "." + run();
        var routes = new NamedLetters.Routes("", straight, exchange, String.join("+", behindExchange), small);
        List<NamedLetters> all = new ArrayList<>();
        List<Turns> turns = new ArrayList<>();
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            List<NamedLetters> own = new ArrayList<>();
            for (int n = 1; n <= PRODUCERS; n++) {
                own.add(new NamedLetters(
                        "rests/" + node + "." + n + "." + run(), Naming.BY_NAME, routes, 1, NEIGHBOURS));
            }
            all.addAll(own);
            Turns turn = new Turns(own);
            turns.add(turn);
            publish(node, turn);
            consume(node, LaneConsumer.Plan.of(straight, PREFETCH, manners));
            for (String queue : behindExchange) {
                consume(node, LaneConsumer.Plan.of(queue, PREFETCH, manners));
            }
            consume(node, LaneConsumer.Plan.of(small, SMALL_PREFETCH, Manners.slow(SMALL_HOLD_MILLIS)));
        }
        for (int node = 1; node <= nodes(); node++) {
            for (boolean overHttp : List.of(true, false)) {
                String who = name() + (overHttp ? "-h" : "-a") + node;
                takes(new Asker(who, node, overHttp, all, Naming.BY_NAME, this, one -> rests(one, turns)));
            }
        }
    }

    private static boolean rests(NamedLetters one, List<Turns> turns) {
        return turns.stream().noneMatch(t -> t.now() == one);
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(exchange, "fanout", true);
        for (String queue : behindExchange) {
            channel.queueBind(queue, exchange, "");
        }
        NamesLane.awaitNames(channel, "probe." + run());
    }

    /** Producers of which one at a time is at work. */
    private static final class Turns implements Letters {
        private final List<NamedLetters> producers;
        private final long from = System.nanoTime();

        Turns(List<NamedLetters> producers) {
            this.producers = producers;
        }

        NamedLetters now() {
            return producers.get((int) ((System.nanoTime() - from) / TURN_NANOS % producers.size()));
        }

        @Override
        public Letter next(MessageId id, Random random) {
            return now().next(id, random);
        }

        @Override
        public void answered(Kind kind, MessageId id) {
            producers.forEach(p -> p.answered(kind, id));
        }
    }
}
