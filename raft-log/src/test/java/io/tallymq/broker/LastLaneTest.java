package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The last lane there is: the last of its numbers says that there is nothing. */
class LastLaneTest extends OneNodeTest {
    private static final long FIRST = 255L << 55;
    private static final Route Q = new Route("/", "", "q");

    LastLaneTest() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q", Map.of("x-max-priority", 255L));
    }

    private long[] ready(long from) {
        return node.machine.ready(Machines.queueNumber(node.machine, "q"), from, Long.MAX_VALUE, 8);
    }

    @Test
    void nothingIsToBeHadOfAnEmptyOne() {
        assertArrayEquals(new long[0], ready(0));
        node.apply(OneNode.messages(2, 10, Q));
        assertArrayEquals(new long[] {FIRST, FIRST + 1}, ready(0));
        assertArrayEquals(new long[0], ready(FIRST + 2));
    }

    @Test
    void aFilterTakesWhatThereIs() {
        Reply r = node.consume(1, "q", 10, Map.of("x-filter", Map.of("h", "v")));
        long consumer = ((Reply.Subscribed) r).consumer();
        TakeMatching take = new TakeMatching(consumer, new long[] {FIRST, Long.MAX_VALUE});
        Reply nothing = new Reply.Taken(0, -1, Reply.Stop.NONE);
        assertEquals(nothing, node.apply(new TakeMatching(consumer, new long[] {0, Long.MAX_VALUE})));
        assertEquals(nothing, node.apply(take));
        node.apply(OneNode.messages(2, 10, Q));
        node.commit();
        assertEquals(new Reply.Taken(2, -1, Reply.Stop.NONE), node.apply(take));
    }

    @Test
    void aRedriveMovesWhatThereIs() {
        node.declare("to");
        node.apply(OneNode.messages(2, 10, Q));
        node.commit();
        long queue = Machines.queueNumber(node.machine, "q");
        Redrive all = new Redrive(queue, new long[] {0, Long.MAX_VALUE}, "to", "", "", "");
        assertEquals(2, ((Reply.Redriven) node.apply(all)).moved());
        assertEquals(2, node.queue("to").ready());
        node.commit();
        assertEquals(0, ((Reply.Redriven) node.apply(all)).moved());
    }
}
