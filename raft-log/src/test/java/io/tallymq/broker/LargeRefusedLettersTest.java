package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A large message that many full queues refuse and hand on: each has a copy, and an entry makes few of these. */
class LargeRefusedLettersTest {
    private static final int QUEUES = 200;
    private static final int BODY = 1 << 20;
    /** That a slice of work is enough for. */
    private static final int COPIES = WorkLimits.DEFAULTS.slice() / (BODY / 512);
    /** What the JVM is asked for to make one: it grows while it is written, and is taken from there. */
    private static final long PER_COPY = 8L * BODY;

    private final OneNode node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);

    private void full(String queue, String exchange, String key) {
        Map<String, Object> a = new TreeMap<>(
                Map.of("x-max-length", 0L, "x-overflow", "reject-publish-dlx", "x-dead-letter-exchange", exchange));
        if (key != null) {
            a.put("x-dead-letter-routing-key", key);
        }
        assertTrue(node.declare(queue, a) instanceof Reply.QueueDeclared);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @Test
    void anEntryCopiesFew() {
        node.raise(VoidPublish.LEVEL);
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", "all", fanout, false)));
        full("last", "nowhere", null);
        for (int i = 0; i < QUEUES; i++) {
            full("q" + i, "", "last");
            node.bind("all", "q" + i);
        }
        full("first", "all", null);
        var publish = OneNode.messages(1, BODY, new Route("/", "", "first"));
        long before = allocated();
        node.apply(publish);
        long bytes = allocated() - before;
        assertTrue(bytes < (COPIES + 2) * PER_COPY, bytes + " bytes in one entry");
        long units = node.machine.unwritten();
        assertTrue(units >= (long) COPIES * BODY / 512, units + " units");
        assertEquals(1, node.refused.size());
        assertEquals(0, node.queue("last").ready());
        long told = 0;
        for (int i = 0; i < QUEUES; i++) {
            var deaths = node.queue("q" + i).counters().deaths();
            told += deaths.deadLettered() + deaths.deadDropped();
        }
        assertEquals(QUEUES, told);
        node.restart();
    }
}
