package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Letters.Letter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Messages for two queues, on each way there is: by one exchange behind another, by an alternate exchange, by CC and BCC; and two of which one is full most
 * of the time, and then takes neither; and some that want more queues than there are.
 */
final class RoutesLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int LENGTH = 10;
    private static final int SLOW_PREFETCH = 2;
    private static final int SLOW_MILLIS = 1_000;
    /** More than an exchange here leads to. */
    private static final int TOO_MANY = 4;

    private static final int ONE_REQUEUED_OF = 50;
    private static final String FULL_KEY = "full";

    private final String first;
    private final String second;
    private final String full;
    private final String fanout;
    private final String direct;
    private final String topic;
    private final List<Way> ways;

    /** Letters of one kind. */
    private record Way(String exchange, String key, String queues, Map<String, Object> headers) {}

    RoutesLane(Setup setup) {
        super(Feature.ROUTES, setup);
        first = queue("", Map.of("x-queue-type", "quorum"));
        second = queue(".second", Map.of());
        full = queue(".full", Map.of("x-queue-type", "quorum", "x-max-length", LENGTH, "x-overflow", "reject-publish"));
        fanout = exchange("fanout");
        direct = exchange("direct");
        topic = exchange("topic");
        String both = first + "+" + second;
        ways = List.of(
                new Way(topic, "to.both", both, Map.of()),
                new Way(direct, "nobody", both, Map.of()),
                new Way(direct, FULL_KEY, first + "+" + full, Map.of()),
                new Way("", first, both, Map.of("CC", List.of(second))),
                new Way("", second, both, Map.of("BCC", List.of(first))),
                new Way(topic, "to.more", both, Map.of("x-min-queues", TOO_MANY)));
        for (int node = 1; node <= nodes(); node++) {
            publish(node, (id, random) -> letter(random));
            consume(node, LaneConsumer.Plan.of(first, PREFETCH, Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF)));
            consume(node, LaneConsumer.Plan.of(second, PREFETCH, Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF)));
        }
        consume(1, LaneConsumer.Plan.of(full, SLOW_PREFETCH, Manners.slow(SLOW_MILLIS)));
    }

    private String exchange(String type) {
        return "routes-" + type + "." + run();
    }

    private Letter letter(Random random) {
        Way way = ways.get(random.nextInt(ways.size()));
        BasicProperties properties = Letter.with(way.headers);
        return new Letter(way.exchange, way.key, way.queues, false, properties, Map.of());
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.exchangeDeclare(fanout, "fanout", true);
        channel.queueBind(first, fanout, "");
        channel.queueBind(second, fanout, "");
        channel.exchangeDeclare(direct, "direct", true, false, Map.of("alternate-exchange", fanout));
        channel.queueBind(first, direct, FULL_KEY);
        channel.queueBind(full, direct, FULL_KEY);
        channel.exchangeDeclare(topic, "topic", true);
        channel.exchangeBind(fanout, topic, "to.#");
    }
}
