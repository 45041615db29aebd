package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Who fetches while much is still to come back, and some of it does not. */
class LeavingFetchTest extends OneNodeTest {
    private static final int MANY = 600;
    private static final MachineLimits LIMITS = new MachineLimits(
            256,
            100_000,
            1_000,
            256 * 1024,
            512,
            4_096,
            new WorkLimits(1_000, 1, 1, 1, 50),
            8,
            250_000,
            StateLimits.DEFAULTS);
    private static final Route Q = new Route("/", "", "q");

    LeavingFetchTest() {
        super(LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
    }

    /** Two consumers hold every second message each, and one more is there that nobody had; their channels close. */
    private void leave(Map<String, Object> more, boolean allSent) {
        Map<String, Object> arguments = new TreeMap<>(more);
        arguments.put("x-queue-type", "quorum");
        node.declare("q", arguments);
        List<Long> holders = new ArrayList<>();
        for (int channel = 1; channel <= 2; channel++) {
            holders.add(((Reply.Subscribed) node.consume(channel, "q", 0)).consumer());
        }
        holders.forEach(h -> node.apply(new Credit(h, MANY)));
        for (int i = 0; i < MANY / 2; i++) {
            node.apply(OneNode.messages(2, 10, Q));
        }
        Map<Long, List<Long>> sent = new TreeMap<>();
        for (Delivery d : node.delivered) {
            assertEquals(1, d.count());
            sent.computeIfAbsent(d.holder(), h -> new ArrayList<>()).addAll(List.of(d.firstSeq(), d.firstSeq()));
        }
        assertEquals(MANY, node.queue("q").unacked());
        for (int channel = 1; channel <= 2; channel++) {
            long holder = holders.get(channel - 1);
            long[] ranges = sent.get(holder).stream().mapToLong(n -> n).toArray();
            node.apply(new CloseChannel(
                    node.connection, channel, allSent || channel == 1 ? List.of(new Sent(holder, ranges)) : List.of()));
        }
        node.apply(OneNode.messages(1, 10, Q));
    }

    private Reply get() {
        return node.apply(new Get(node.connection, 7, "/", "q", true));
    }

    private long got() {
        return assertInstanceOf(Reply.Got.class, get()).delivery().firstSeq();
    }

    /** Every second one dies where it comes back. */
    @Test
    void theNextThatLives() {
        leave(Map.of("x-delivery-limit", 0L), false);
        long base = got();
        for (long i = 1; i < MANY / 2; i++) {
            assertEquals(base + 2 * i, got());
            if (i == 200) {
                restart();
            }
        }
        long last = got();
        assertTrue(last == base + MANY - 1 || last == base + MANY, last + " behind " + base);
    }

    /** Every second one rests. */
    @Test
    void theNextThatDoesNotRest() {
        leave(Map.of("x-delayed-retry-type", "failed", "x-delayed-retry-min", 1_000_000L), false);
        long base = got();
        for (long i = 1; i < 100; i++) {
            assertEquals(base + 2 * i, got());
        }
    }

    /** If that is too much at once nothing comes, and never what is behind. */
    @Test
    void nothingIfThatIsFarAway() {
        leave(Map.of("x-delivery-limit", 0L), true);
        long before = node.queue("q").ready();
        assertEquals(Reply.EMPTY, get());
        assertTrue(node.queue("q").ready() < before - 10, "it goes on");
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        assertEquals(1, node.queue("q").ready());
        assertTrue(got() > 0);
        assertEquals(Reply.EMPTY, get());
    }
}
