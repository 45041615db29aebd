package io.tallymq.tally.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Gets messages and lets the queue forget them when they are told: what can not be told stays. */
final class MessageTaking {
    /** Bodies in memory at a time. */
    private static final long MOST_BYTES = 32 << 20;

    private static final int ABORT_MILLIS = 1_000;

    private final AmqpNodes nodes;
    private final String queue;
    private final int count;
    private final boolean isAck;
    private final Consumer<List<GetResponse>> tell;

    /**
     * Made for one command.
     *
     * @param count so many at most
     * @param isAck or they are rejected
     * @param tell throws if it can not
     */
    MessageTaking(AmqpNodes nodes, String queue, int count, boolean isAck, Consumer<List<GetResponse>> tell) {
        this.nodes = nodes;
        this.queue = queue;
        this.count = count;
        this.isAck = isAck;
        this.tell = tell;
    }

    void run() throws IOException {
        Connection connection = nodes.connect("tally get", 0);
        boolean told = false;
        try {
            Channel channel = connection.createChannel();
            List<GetResponse> all = got(channel);
            tell.accept(all);
            told = !all.isEmpty();
            settle(channel, all);
            connection.close();
        } catch (IOException e) {
            throw lost(Reasons.failure(e), told);
        } catch (ShutdownSignalException e) {
            throw lost(Reasons.failure(e), told);
        } finally {
            connection.abort(ABORT_MILLIS); // what is not settled goes back
        }
    }

    private static Failure lost(Failure why, boolean told) {
        return !told || why.exitCode() != Failure.UNREACHABLE
                ? why
                : Failure.unreachable(why.getMessage() + "; what was shown may still be in the queue");
    }

    private List<GetResponse> got(Channel channel) throws IOException {
        List<GetResponse> all = new ArrayList<>();
        long bytes = 0;
        while (all.size() < count && bytes < MOST_BYTES) {
            GetResponse one = channel.basicGet(queue, false);
            if (one == null) {
                break;
            }
            all.add(one);
            bytes += one.getBody().length;
        }
        return all;
    }

    /** In a transaction: commit-ok says that a majority knows it, and close-ok would only say that the node was told. */
    private void settle(Channel channel, List<GetResponse> all) throws IOException {
        if (all.isEmpty()) {
            return;
        }
        channel.txSelect();
        long last = all.get(all.size() - 1).getEnvelope().getDeliveryTag();
        if (isAck) {
            channel.basicAck(last, true);
        } else {
            channel.basicNack(last, true, false);
        }
        channel.txCommit();
    }
}
