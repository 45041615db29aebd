package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.store.MemoryStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of what a node's clients held when it died only what they had been sent has failed; all of it may have been sent, and is flagged. */
class LostAheadTest {
    private static final int PREFETCH = 2_000;

    private final OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    /** A lone consumer that settles fast; beside its prefetch it is assigned as much again. @param scattered in so many ranges that it takes entries */
    private void holdAhead(boolean scattered) {
        node.declare("q", Map.of("x-queue-type", "quorum"));
        long c = ((Reply.Subscribed) node.consume(1, "q", PREFETCH)).consumer();
        publish(9_000);
        long first = node.delivered.get(0).firstSeq();
        settle(c, first, first + PREFETCH - 1);
        if (scattered) {
            settle(
                    c,
                    IntStream.range(0, 1_900)
                            .mapToLong(i -> first + PREFETCH + 2 * i)
                            .flatMap(seq -> LongStream.of(seq, seq))
                            .toArray());
        }
        node.commit();
    }

    private void settle(long holder, long... ranges) {
        node.apply(new Settle(holder, Settle.Outcome.ACK, ranges));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasNotSentHasNotFailed(boolean scattered) {
        node.raise(5);
        holdAhead(scattered);
        assertEquals(Map.of(0, PREFETCH, 1, PREFETCH), attemptsAfterTheNodesDeath(scattered));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void belowLevelFiveAllFailed(boolean scattered) {
        node.raise(4);
        holdAhead(scattered);
        assertEquals(Map.of(1, 2 * PREFETCH), attemptsAfterTheNodesDeath(scattered));
    }

    private Map<Integer, Integer> attemptsAfterTheNodesDeath(boolean later) {
        node.apply(new NodeUp("n1", 1));
        assertEquals(later, node.machine.owes(), "later entries give back");
        node.delivered.clear();
        node.restart();
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            node.restart();
        }
        node.apply(new OpenConnection(node.connection, OneNode.info()));
        long c = ((Reply.Subscribed) node.consume(2, "q", 0)).consumer();
        node.apply(new Credit(c, 9_000));
        Map<Integer, Integer> attempts = new TreeMap<>();
        node.delivered.stream()
                .filter(Delivery::redelivered)
                .forEach(d -> attempts.merge(d.attempts(), d.count(), Integer::sum));
        return attempts;
    }
}
