package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What many queues look at in each message of a fan-out counts, so that a run of them is interrupted. */
class ManyLooksTest {
    private static final String HEADER = "x-group-id";
    private static final int QUEUES = 100;
    private static final int SLICE = MachineLimits.FORMAT_1.work().slice();

    private static OneNode fanOut(int level, Map<String, Object> arguments) {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(level);
        for (int i = 0; i < QUEUES; i++) {
            assertTrue(node.declare("q" + i, arguments).toString().startsWith("QueueDeclared"));
            node.bind("amq.fanout", "q" + i);
        }
        node.commit();
        return node;
    }

    private static Publish all(Publish p) {
        return new Publish(List.of(new Route("/", "amq.fanout", "")), p.bytes(), p.offset(), p.end(), 0, Origins.NONE);
    }

    /** Slices of a run of messages with this header. */
    private static int slices(OneNode node, int messages, Object value) {
        return node.slices(all(GroupsTest.messages(0, HEADER, Collections.nCopies(messages, value))))
                .size();
    }

    /** How many messages of this run come with the first slice. */
    private static long first(OneNode node, Publish p) {
        node.begin();
        node.machine.publish(p, node);
        return node.queue("q0").ready();
    }

    @Test
    void prioritiesAreLookedAtInEachQueue() {
        int messages = 4_000;
        int most = SLICE / QUEUES + 1;
        Map<String, Object> arguments = Map.of("x-max-priority", 9L);
        assertTrue(slices(fanOut(BrokerMachine.LEVELS.max(), arguments), messages, null) >= messages / most);
        assertEquals(1, slices(fanOut(4, arguments), messages, null), "logs of lower levels mean what they meant");
    }

    @Test
    void groupsAreLookedUpInEachQueue() {
        int messages = 4_000;
        int most = SLICE / QUEUES + 1;
        Map<String, Object> arguments = Map.of("x-message-groups", true);
        assertTrue(slices(fanOut(BrokerMachine.LEVELS.max(), arguments), messages, "a") >= messages / most);
        assertEquals(1, slices(fanOut(4, arguments), messages, "a"), "logs of lower levels mean what they meant");
    }

    @Test
    void theFirstMessagesOfGroupsAreMore() {
        List<String> keys = IntStream.range(0, 1_000).mapToObj(i -> "k" + i).toList();
        OneNode node = fanOut(BrokerMachine.LEVELS.max(), Map.of("x-message-groups", true));
        assertTrue(first(node, all(GroupsTest.messages(0, HEADER, keys))) <= SLICE / QUEUES / 9 + 1);
    }

    @Test
    void lastValuesAreReadAndKeptInEachQueue() {
        int messages = 4_000;
        int most = SLICE / QUEUES / 8 + 1;
        Map<String, Object> arguments = Map.of("x-last-value", HEADER);
        assertTrue(slices(fanOut(BrokerMachine.LEVELS.max(), arguments), messages, "a") >= messages / most);
        assertEquals(1, slices(fanOut(4, arguments), messages, "a"), "logs of lower levels mean what they meant");
    }

    @Test
    void manyHeadersAreMore() {
        Publish p = all(large(50));
        OneNode keyed = fanOut(BrokerMachine.LEVELS.max(), Map.of("x-last-value", HEADER));
        long most = SLICE / QUEUES / (65_000 / 512) + 1;
        assertTrue(first(keyed, p) <= most, first(keyed, p) + " messages in a slice");
    }

    /** Many names of headers in the queues of one message: it is read a few times, and then as a whole. */
    @Test
    void whoGoesByOtherHeadersReadsThemOnce() {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        for (int i = 0; i < 1_000; i++) {
            node.declare("q" + i, Map.of("x-fair-by", "header:k" + i));
            node.bind("amq.fanout", "q" + i);
        }
        List<Long> slices = node.slices(all(large(2)));
        assertTrue(slices.get(0) < 40L * 65_000 / 512 + 1_000 * 20, slices + " units");
    }

    private static Publish large(int messages) {
        ByteWriter properties = new ByteWriter().uint16(1 << 13);
        int at = properties.reserve(4);
        while (properties.size() < 65_000) {
            properties.uint8(1).uint8('h').uint8('V');
        }
        properties
                .uint8(10)
                .raw(HEADER.getBytes(StandardCharsets.UTF_8), 0, 10)
                .uint8('S')
                .int32(1)
                .raw("v".getBytes(StandardCharsets.UTF_8), 0, 1);
        properties.setInt32(at, properties.size() - at - 4);
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < messages; i++) {
            MessageRecord.writeHeader(w, 0, 0, properties.size(), 8);
            w.raw(properties.array(), 0, properties.size()).int64(i);
        }
        return new Publish(List.of(new Route("/", "", "q")), w.array(), 0, w.size(), 0, Origins.NONE);
    }
}
