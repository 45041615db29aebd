package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.store.Chunk;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Where a run of publishes is cut, and with it the chunks of queues, is the same on a replica that crashed between two slices or began with a snapshot
 * that was made there.
 */
class CutsTest {
    private static final Route FAN = new Route("/", "amq.fanout", "");
    private static final Route R = new Route("/", "", "r");
    private static final int MESSAGES = 3 * MachineLimits.FORMAT_1.work().slice();

    /** Every other message has a route whose search takes a hundred units, so that each is placed by itself. */
    private static Publish run() {
        return OneNode.messages(MESSAGES, 1, FAN, R);
    }

    /** How many messages the chunks have that come of a command. */
    private static List<Integer> chunks(boolean restarts, Function<OneNode, Command> command) {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.restartsWithin = restarts;
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("r");
        node.declare("q");
        for (int i = 0; i < 1_600; i++) {
            node.bind("amq.fanout", "q", "k" + i);
        }
        node.commit();
        node.apply(command.apply(node));
        node.commit();
        assertEquals(MESSAGES / 2, node.queue("q").ready());
        return node.memory.chunks(node.machine.queueNumber("/", "q"), 0, Long.MAX_VALUE).stream()
                .map(Chunk::count)
                .toList();
    }

    private static void assertSame(Function<OneNode, Command> command) {
        List<Integer> straight = chunks(false, command);
        assertTrue(straight.stream().filter(c -> c < 1_000).count() > 1, "several slices: " + straight);
        assertEquals(straight, chunks(true, command));
    }

    @Test
    void ofARunWithALongSearch() {
        assertSame(n -> run());
    }

    @Test
    void ofATransaction() {
        assertSame(n -> new CommitTx(n.connection, 7, List.of(), run()));
    }

    /** The bindings of a headers exchange are dead and not all taken out yet: a replica that comes back does not have them, and neither asks for headers. */
    @Test
    void behindBindingsThatAreDead() {
        TwoNodes two = new TwoNodes("dead", MachineLimits.FORMAT_1, true);
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            n.declare("d");
            n.declare("q");
            for (int i = 0; i < 1_600; i++) {
                n.bind("amq.fanout", "q", "k" + i);
            }
            BindingKey on = new BindingKey("amq.fanout", "amq.headers", "", Arguments.NONE);
            return n.apply(new BindExchange("/", on, true));
        });
        two.both(n -> {
            Arguments a = new Arguments(Map.of("a", 1L));
            for (int i = 0; i < 2_500; i++) {
                n.apply(new BindQueue(n.connection, "/", new BindingKey("amq.headers", "d", "k" + i, a), true));
            }
            return Reply.OK;
        });
        two.both(n -> n.apply(new DeleteQueue(n.connection, "/", "d", false, false)));
        two.both(OneNode.messages(1_000, 1, FAN));
        assertEquals(1_000, two.straight.queue("q").ready());
    }
}
