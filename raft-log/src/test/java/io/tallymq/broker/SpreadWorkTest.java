package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.SomeReports.Message;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Letters and reports, each of another chunk: that is read for it, and an entry reads few. Reports of many names, too, are few in an entry. */
class SpreadWorkTest {
    private static final int QUEUES = 1_000;
    /** In letters, of four units each. */
    private static final int KEPT_UP = WorkLimits.DEFAULTS.keptUp() / 4;

    private static final int CHUNK = 8;
    private static final int LARGE = CHUNK + 16;
    private static final Route ALL = new Route("/", "all", "");

    private OneNode node;

    @BeforeEach
    void start() {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", "all", fanout, false)));
        node.declare("d");
    }

    private void fullQueues() {
        Map<String, Object> a = new TreeMap<>(
                Map.of("x-max-length", 1L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, a);
            node.bind("all", "q" + i);
        }
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    /** The most that came there by one entry, of this one and of those that follow until all is done. */
    private long most(String queue, Publish first) {
        long before = ready(queue);
        node.apply(first);
        long most = ready(queue) - before;
        while (node.machine.owes()) {
            node.commit();
            before = ready(queue);
            node.apply(new Probe(false));
            most = Math.max(most, ready(queue) - before);
        }
        return most;
    }

    @Test
    void anEntryReadsFewChunksForLetters() {
        fullQueues();
        Route[] each = IntStream.range(0, QUEUES)
                .mapToObj(i -> new Route("/", "", "q" + i))
                .toArray(Route[]::new);
        node.apply(OneNode.messages(QUEUES, 10, each));
        long most = most("d", OneNode.messages(QUEUES, 10, each));
        assertEquals(QUEUES, ready("d"));
        assertTrue(most <= KEPT_UP / (1 + CHUNK), most + " letters of as many chunks in one entry");
    }

    @Test
    void anEntryReadsFewBlocksForLetters() {
        fullQueues();
        node.apply(OneNode.messages(1, 1_000, ALL));
        long most = most("d", OneNode.messages(1, 1_000, ALL));
        assertEquals(QUEUES, ready("d"));
        assertTrue(most <= KEPT_UP / (1 + LARGE), most + " letters of as many chunks in one entry");
    }

    @Test
    void anEntryReadsFewLargeChunksForLetters() {
        Map<String, Object> a = new TreeMap<>(
                Map.of("x-max-length", 100L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        int queues = QUEUES / 5;
        for (int i = 0; i < queues; i++) {
            node.declare("q" + i, a);
            node.apply(OneNode.messages(100, 2_600, new Route("/", "", "q" + i)));
        }
        Route[] each = IntStream.range(0, queues)
                .mapToObj(i -> new Route("/", "", "q" + i))
                .toArray(Route[]::new);
        long most = most("d", OneNode.messages(queues, 10, each));
        assertEquals(queues, ready("d"));
        assertTrue(most <= KEPT_UP / LARGE, most + " letters of as many chunks in one entry");
    }

    @Test
    void anEntryReadsFewChunksForReports() {
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, new TreeMap<>(Map.of("x-max-length", 1L)));
            node.bind("all", "q" + i);
        }
        Publish told = SomeReports.run(Origins.NONE, ALL, List.of(Message.of("m", "d", "dropped")));
        node.apply(told);
        long most = most("d", told);
        assertEquals(QUEUES, ready("d"));
        int units = 4 * WorkLimits.DEFAULTS.perEntry();
        assertTrue(most <= units / 31 + 1, most + " reports of as many chunks in one entry");
    }

    @Test
    void reportsWithManyNamesAreFew() {
        String long250 = "y".repeat(250);
        for (int i = 0; i < 32; i++) {
            node.declare(long250 + i);
            node.bind("all", long250 + i);
        }
        int many = 2_000;
        Publish told = SomeReports.run(Origins.NONE, ALL, Collections.nCopies(many, Message.of("m", "d", "stored")));
        List<Long> slices = node.slices(told);
        assertTrue(slices.size() > 1, slices + " units in slices");
        long first = ready("d");
        long most = 0;
        while (node.machine.owes()) {
            long before = ready("d");
            node.apply(new Probe(false));
            most = Math.max(most, ready("d") - before);
        }
        assertEquals(many, ready("d"));
        assertTrue(most <= 256 + 1, first + " at first, then " + most + " reports in one entry");
    }
}
