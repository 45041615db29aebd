package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.Letters.Letter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Takes producers' places: over HTTP, or with a connection that says whose place it takes and goes on where the other one was. Their publishers lose
 * their connections by that, and come back with new ones.
 */
final class PlaceTaker extends Worker {
    private static final int SHORTEST_GAP_MILLIS = 1_000;
    private static final int LONGEST_GAP_MILLIS = 4_000;
    private static final int MESSAGES = 8;
    private static final long ANSWER_MILLIS = 60_000;

    private final List<NamedLetters> producers;
    private final ReceiptsLane lane;
    private final HistoryLog history;
    private final Random random;
    private int places;

    PlaceTaker(String name, List<NamedLetters> producers, ReceiptsLane lane) {
        super(name, 1, lane.control());
        this.producers = producers;
        this.lane = lane;
        history = lane.history();
        random = new Random(lane.seed());
    }

    @Override
    protected int node(int incarnation) {
        return 1 + incarnation % lane.nodes();
    }

    @Override
    protected void work(Connection connection, String incarnation)
            throws IOException, InterruptedException, TimeoutException {
        while (!stopsWithin(TimeUnit.MILLISECONDS.toNanos(random.nextInt(SHORTEST_GAP_MILLIS, LONGEST_GAP_MILLIS)))
                && connection.isOpen()) {
            NamedLetters one = producers.get(random.nextInt(producers.size()));
            int node = 1 + random.nextInt(lane.nodes());
            String who = incarnation + "." + places++;
            if (random.nextBoolean()) {
                fence(who, node, one);
            } else {
                goOn(who, node, one);
            }
        }
    }

    private void taking(Kind kind, String who, NamedLetters producer) {
        history.add(t -> new Inquiring(kind, t, who, producer.producer()));
    }

    private void fence(String who, int node, NamedLetters producer) throws InterruptedException {
        taking(Kind.TAKING, who, producer);
        try (HttpDesk desk = new HttpDesk(lane.address(node), Naming.BY_NAME)) {
            desk.fence(producer.producer());
            taking(Kind.TAKEN, who, producer);
        } catch (ReceiptDesk.NoAnswerException e) {
            return; // Perhaps it has the place, perhaps not.
        }
    }

    /** With a connection of its own, which may be lost. */
    private void goOn(String who, int node, NamedLetters producer) throws InterruptedException {
        taking(Kind.TAKING, who, producer);
        Connection connection = null;
        try {
            connection = lane.control().connect(node, who, Map.of("producer_id", producer.producer()));
            taking(Kind.TAKEN, who, producer);
            publish(connection.createChannel(), who, producer);
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            return; // The node is down or on its way.
        } finally {
            if (connection != null) {
                Clients.close(connection);
            }
        }
    }

    private void publish(Channel channel, String who, NamedLetters producer)
            throws IOException, InterruptedException, TimeoutException {
        channel.confirmSelect();
        channel.addReturnListener(returned -> {
            MessageId id = Body.id(returned.getBody());
            history.add(t -> new Answered(Kind.RETURNED, t, id));
        });
        for (int i = 0; i < MESSAGES; i++) {
            MessageId id = new MessageId(who, i);
            Letter letter = producer.next(id, random);
            byte[] body = Body.of(id, random, Body.Mix.ALL);
            String crc = Body.crc(body);
            history.add(t -> new Published(t, id, letter.queue(), crc, letter.notes()));
            channel.basicPublish(letter.exchange(), letter.routingKey(), letter.mandatory(), letter.properties(), body);
            Kind kind = channel.waitForConfirms(ANSWER_MILLIS) ? Kind.CONFIRMED : Kind.NACKED;
            history.add(t -> new Answered(kind, t, id));
            producer.answered(kind, id);
        }
    }
}
