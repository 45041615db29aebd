package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import io.tallymq.node.proof.history.Feature;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Publishers who name what they publish, and publish again what was not confirmed, and some that was: into two queues, straight and by an exchange. */
final class NamesLane extends Lane {
    private static final int PREFETCH = 20;
    private static final int HOLD_MILLIS = 50;
    private static final int ONE_REQUEUED_OF = 50;
    private static final String EXCHANGE = "amq.direct";

    private static final long WAIT_MILLIS = 30_000;

    private final String bound;

    NamesLane(Setup setup) {
        super(Feature.NAMES, setup);
        String straight = queue("", Map.of("x-queue-type", "quorum"));
        bound = queue(".bound", Map.of());
        Manners manners = Manners.requeueing(HOLD_MILLIS, ONE_REQUEUED_OF);
        for (int node = 1; node <= nodes(); node++) {
            String producer = "n" + node + "." + run();
            publish(node, new KeyedLetters(producer, EXCHANGE, bound, straight, NamesLane::headers));
            consume(node, LaneConsumer.Plan.of(straight, PREFETCH, manners));
            consume(node, LaneConsumer.Plan.of(bound, PREFETCH, manners));
        }
    }

    @Override
    protected void declare(Channel channel) throws IOException {
        channel.queueBind(bound, EXCHANGE, bound);
        awaitNames(channel, "probe." + run());
    }

    /** Waits until the cluster knows names: a publish that has one is made void, behind one that goes nowhere (the producer may have been forgotten). */
    static void awaitNames(Channel channel, String producer) throws IOException {
        channel.confirmSelect();
        var first = new AMQP.BasicProperties.Builder().headers(headers(producer, 1));
        channel.basicPublish("", "no queue", first.build(), new byte[0]);
        var second = new AMQP.BasicProperties.Builder().headers(headers(producer, 2));
        channel.basicPublish("amq.receipt", "void", second.build(), new byte[0]);
        try {
            channel.waitForConfirmsOrDie(WAIT_MILLIS);
        } catch (InterruptedException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    /** The name of a publish. */
    static Map<String, Object> headers(String producer, long number) {
        return Map.of("x-producer-id", producer, "x-publish-seq", number);
    }
}
