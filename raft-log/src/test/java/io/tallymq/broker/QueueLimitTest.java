package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** x-max-length, x-max-length-bytes and x-overflow: never more is to be had than the limit, whatever an entry brings. */
class QueueLimitTest extends OneNodeTest {
    private static final Route Q = new Route("/", "", "q");

    private void declare(String queue, String argument, long limit, String overflow) {
        Map<String, Object> a = new TreeMap<>(Map.of(argument, limit));
        if (overflow != null) {
            a.put("x-overflow", overflow);
        }
        assertTrue(node.declare(queue, a) instanceof Reply.QueueDeclared);
    }

    private void publish(int messages, int bytes) {
        node.apply(OneNode.messages(messages, bytes, Q));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reject-publish", "reject-publish-dlx"})
    void whatHasNoRoomIsRefused(String overflow) {
        declare("q", "x-max-length", 3, overflow);
        publish(5, 10);
        assertEquals(3, node.queue("q").ready());
        String text = "queue 'q' in vhost '/' has no room: its limit is 3 messages (x-max-length)";
        assertEquals(Map.of(3, text, 4, text), node.refused);
        node.consume("q", 2);
        publish(1, 10);
        assertEquals(2, node.queue("q").unacked());
        assertEquals(2, node.queue("q").ready());
    }

    @Test
    void bytesAreExact() {
        declare("q", "x-max-length-bytes", 100, "reject-publish");
        publish(3, 40);
        assertEquals(80, node.queue("q").readyBytes());
        assertEquals(Set.of(2), node.refused.keySet());
        node.refused.clear();
        publish(1, 20);
        publish(1, 1);
        assertEquals(100, node.queue("q").readyBytes());
        assertEquals(
                "queue 'q' in vhost '/' has no room: its limit is 100 bytes (x-max-length-bytes)", node.refused.get(0));
    }

    /** What is on its way to a consumer that settles fast, beyond its prefetch, is ready: beside a limit nothing is. */
    @ParameterizedTest
    @CsvSource({
        "x-max-length, 200, reject-publish", "x-max-length, 200, drop-head",
        "x-max-length-bytes, 2000, reject-publish", "x-max-length-bytes, 2000, drop-head"
    })
    void aFastConsumerMakesNoMoreRoomThanItWasSent(String argument, long limit, String overflow) {
        node.raise(5);
        declare("q", argument, limit, overflow);
        node.consume("q", 100);
        for (int round = 0; round < 10; round++) {
            publish(400, 10);
            assertTrue(node.queue("q").ready() <= 200, node.queue("q").ready() + " in round " + round);
            assertTrue(node.queue("q").readyBytes() <= 2_000, node.queue("q").readyBytes() + " bytes");
            settleAll();
            assertTrue(node.queue("q").unacked() > 0);
        }
    }

    /** The limit comes while some of it is on its way: then there is an end to that. */
    @Test
    void aLimitThatComesLaterCountsForAFastConsumerToo() {
        node.raise(5);
        node.declare("q");
        node.consume("q", 100);
        for (int round = 0; round < 10; round++) {
            publish(600, 10);
            settleAll();
        }
        publish(600, 10);
        assertTrue(node.queue("q").ready() > 200, "it is assigned ahead");
        Arguments definition = new Arguments(new TreeMap<>(Map.of("max-length", 200L)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec("q", "queues", 1, definition)));
        node.restart();
        settleAll();
        for (int round = 0; round < 10; round++) {
            publish(400, 10);
            settleAll();
            assertTrue(node.queue("q").ready() <= 200, node.queue("q").ready() + " in round " + round);
            assertEquals(100, node.queue("q").unacked());
        }
    }

    /** All that the consumer was given is acked. */
    private void settleAll() {
        List<Delivery> all = new ArrayList<>(node.delivered);
        node.delivered.clear();
        long[] ranges = all.stream()
                .flatMapToLong(d -> LongStream.of(d.firstSeq(), d.firstSeq() + d.count() - 1))
                .toArray();
        node.apply(new Settle(all.get(0).holder(), Settle.Outcome.ACK, ranges));
    }

    @Test
    void aFanOutIsInAllQueuesOrInNone() {
        declare("q", "x-max-length", 1, "reject-publish");
        node.declare("free");
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "free");
        node.apply(OneNode.messages(4, 2_000, new Route("/", "amq.fanout", "")));
        assertEquals(1, node.queue("q").ready());
        assertEquals(1, node.queue("free").ready());
        assertEquals(Set.of(1, 2, 3), node.refused.keySet());
    }

    @Test
    void theOldestMakeRoomForTheNewest() {
        declare("q", "x-max-length", 10, null);
        publish(8, 10);
        publish(1_000, 10);
        assertEquals(10, node.queue("q").ready());
        assertEquals(100, node.queue("q").readyBytes());
        assertEquals(998, node.queue("q").counters().overflowed());
        assertEquals(Map.of(), node.refused);
        node.consume("q", 100);
        assertEquals(998, node.delivered.get(0).firstSeq());
    }

    @Test
    void theOldestMakeRoomByBytesWhateverTheirLengths() {
        declare("q", "x-max-length-bytes", 1_000, "drop-head");
        Random random = new Random(7);
        List<Integer> sizes = new ArrayList<>();
        for (int entry = 0; entry < 50; entry++) {
            ByteWriter w = new ByteWriter(1_000);
            int n = 1 + random.nextInt(20);
            for (int i = 0; i < n; i++) {
                int size = random.nextInt(4) == 0 ? 0 : random.nextInt(200);
                sizes.add(size);
                MessageRecord.writeHeader(w, 0, 0, 2, size);
                w.uint16(0).reserve(size);
            }
            node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
            long left = 0;
            int from = sizes.size();
            while (from > 0 && left + sizes.get(from - 1) <= 1_000) {
                left += sizes.get(--from);
            }
            assertEquals(left, node.queue("q").readyBytes());
            assertEquals(sizes.size() - from, node.queue("q").ready());
        }
    }

    /** However many go for the largest of one entry. */
    @Test
    void manyOfDifferentLengthsMakeRoomWithinTheirEntry() {
        node.raise(BrokerMachine.LEVELS.max());
        declare("q", "x-max-length-bytes", 1_000, "drop-head");
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < 5_000; i++) {
            MessageRecord.writeHeader(w, 0, 0, 2, i % 10);
            w.uint16(0).reserve(i % 10);
        }
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
        assertEquals(999, node.queue("q").readyBytes());
        assertEquals(221, node.queue("q").ready());
        node.apply(OneNode.messages(3_000, 0, Q));
        node.apply(OneNode.messages(1, 901, Q));
        assertEquals(1_000, node.queue("q").readyBytes());
        restart();
        node.apply(OneNode.messages(1, 100, Q));
        assertEquals(100, node.queue("q").readyBytes());
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void whatAConsumerCanHaveItGetsFirst() {
        declare("q", "x-max-length", 2, null);
        node.consume("q", 3);
        publish(10, 10);
        assertEquals(3, node.queue("q").unacked());
        assertEquals(2, node.queue("q").ready());
        assertEquals(0, node.delivered.get(0).firstSeq());
        assertEquals(5, node.queue("q").counters().overflowed());
    }

    @Test
    void whatComesBackIsTheOldest() {
        declare("q", "x-max-length", 2, null);
        publish(2, 10);
        Reply.Subscribed s = (Reply.Subscribed) node.consume("q", 2);
        publish(2, 10);
        assertEquals(2, node.queue("q").ready());
        node.apply(new Cancel(s.consumer()));
        node.apply(new Settle(s.consumer(), Settle.Outcome.NACK_REQUEUE, new long[] {0, 1}));
        assertEquals(2, node.queue("q").ready());
        assertEquals(2, node.queue("q").counters().overflowed());
        node.delivered.clear();
        node.consume("q", 10);
        assertEquals(
                List.of(2L), node.delivered.stream().map(Delivery::firstSeq).toList());
    }

    @Test
    void noneAtAllIsALimit() {
        declare("q", "x-max-length", 0, null);
        publish(5, 10);
        assertEquals(0, node.queue("q").ready());
        node.consume("q", 1);
        publish(2, 10);
        assertEquals(1, node.queue("q").unacked());
        assertEquals(0, node.queue("q").ready());
    }

    @Test
    void limitsOfBothKindsHold() {
        node.declare("q", Map.of("x-max-length", 5L, "x-max-length-bytes", 30L));
        publish(10, 10);
        assertEquals(3, node.queue("q").ready());
        publish(10, 1);
        assertEquals(5, node.queue("q").ready());
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        node.declare("q");
        refused("x-max-length", -1L, "-1 is not 0 or more");
        refused("x-max-length", "5", "integer expected, longstr received");
        refused("x-max-length-bytes", -5L, "-5 is not 0 or more");
        refused("x-overflow", "drop-tail", "'drop-tail' is none of drop-head, reject-publish, reject-publish-dlx");
    }

    private void refused(String argument, Object value, String text) {
        Reply.Rejected r = (Reply.Rejected) node.declare("other", Map.of(argument, value));
        assertEquals(406, r.code());
        assertEquals("invalid arg '" + argument + "' for queue 'other' in vhost '/': " + text, r.text());
    }
}
