package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages are moved: each is in one queue at every entry, on a replica that goes on and on one that is restored before each. */
class RedriveTest {
    private static final int LOGS = Integer.getInteger("tallymq.logs", 20);
    private static final long SEED = Long.getLong("tallymq.seed", 1);
    private static final int ENTRIES = 150;
    /** Small, so that little is much. */
    private static final MachineLimits SMALL =
            new MachineLimits(2, 5, 3, 200, 64, 5, new WorkLimits(40, 5, 200, 7, 40), 4, 250_000, StateLimits.DEFAULTS);

    private static MachineLimits with(WorkLimits work, int mostHeld) {
        return new MachineLimits(2, 5, 3, 200, 64, 5, work, 4, mostHeld, StateLimits.DEFAULTS);
    }

    private TwoNodes nodes = new TwoNodes("", SMALL);
    private long lastId;
    /** That it took to move what was moved. */
    private int entries;

    private OneNode node() {
        return nodes.straight;
    }

    private Reply apply(Command c) {
        return nodes.both(c);
    }

    private void raise() {
        nodes.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return Reply.OK;
        });
    }

    private void declare(String queue, Map<String, Object> arguments) {
        Reply r = nodes.both(n -> n.declare(queue, arguments));
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    /** Messages whose bodies are numbers that no other has. */
    private void publish(String queue, int count, int size) {
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < count; i++) {
            lastId++;
            MessageRecord.writeHeader(w, 0, 0, 14, 8 + size);
            w.uint16(1 << 13).int32(8).uint8(1).uint8('g').uint8('S').int32(1).uint8('a' + (int) lastId % 3);
            w.int64(lastId).reserve(size);
        }
        apply(new Publish(List.of(new Route("/", "", queue)), w.toBytes(), 0, w.size(), 0, Origins.NONE));
    }

    private long number(String queue) {
        return node().machine.queueNumber("/", queue);
    }

    /** In as many entries as it takes. */
    private Reply.Redriven redrive(String queue, String to, long... ranges) {
        int moved = 0;
        Map<String, Long> refused = new TreeMap<>();
        for (int i = 0; i < ranges.length; i += 2) {
            for (long from = ranges[i]; from >= 0; ) {
                Reply.Redriven r = (Reply.Redriven)
                        apply(new Redrive(number(queue), new long[] {from, ranges[i + 1]}, to, "", "", ""));
                moved += r.moved();
                r.refused().forEach((why, n) -> refused.merge(why, n, Long::sum));
                entries++;
                if (r.stuck() != null) {
                    return new Reply.Redriven(moved, r.undecided(), refused, r.stuck());
                }
                assertTrue(r.undecided() < 0 || r.undecided() > from || r.moved() > 0, "it goes on: " + r);
                from = r.undecided();
            }
        }
        return new Reply.Redriven(moved, -1, refused);
    }

    private int redriveAll(String queue, String to) {
        Reply.Redriven r = redrive(queue, to, 0, Long.MAX_VALUE);
        assertEquals(Map.of(), r.refused());
        return r.moved();
    }

    private Browse.Access access() {
        return new Browse.Access() {
            @Override
            public <T> T read(Function<BrokerView, T> look) {
                return look.apply(node().machine);
            }
        };
    }

    private List<Seen> look(String queue) {
        List<Seen> all = new ArrayList<>();
        for (long at = 0; at != Browse.END; ) {
            at = new Browse(new Browse.Where(number(queue), at, false, 1_000), access(), node().memory, m -> {
                        all.add(m);
                        return Browse.Next.ON;
                    })
                    .look()
                    .next();
        }
        return all;
    }

    private static long id(Seen m) {
        return ByteReader.int64(m.body(8), 0);
    }

    private List<Long> ids(String queue) {
        return look(queue).stream().map(RedriveTest::id).toList();
    }

    private List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private Delivery get(String queue) {
        return ((Reply.Got) apply(new Get(node().connection, 1, "/", queue, false))).delivery();
    }

    private void settle(Delivery d, Settle.Outcome how) {
        apply(new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
    }

    /** Some messages of work die, and are in dlq. */
    private void die(int messages) {
        declare("dlq", Map.of());
        declare("work", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dlq"));
        publish("work", messages, 10);
        for (int i = 0; i < messages; i++) {
            settle(get("work"), Settle.Outcome.DISCARD);
        }
        while (node().machine.owes()) {
            apply(new Probe(false));
        }
        assertEquals(messages, node().queue("dlq").ready());
    }

    @Test
    void deadLettersGoBackToWhereTheyDied() {
        raise();
        die(30);
        assertEquals(30, redriveAll("dlq", ""));
        assertTrue(entries > 1, "an entry does a bounded part: " + entries);
        assertEquals(upTo(30), ids("work"));
        assertEquals(List.of(), ids("dlq"));
        Seen first = look("work").get(0);
        Map<String, Object> headers = MessageHeaders.decode(first.properties(), 0, first.properties().length);
        assertEquals("work", headers.get("x-first-death-queue"));
        assertEquals(1, ((List<?>) headers.get("x-death")).size(), "what died tells it still");
        assertEquals(new Route("/", "", "work"), first.route());
        assertFalse(get("work").redelivered());
        settle(get("work"), Settle.Outcome.DISCARD); // and dies again
        apply(new Probe(false));
        Seen again = look("dlq").get(0);
        List<?> deaths = (List<?>) MessageHeaders.decode(again.properties(), 0, again.properties().length)
                .get("x-death");
        assertEquals(2L, ((Map<?, ?>) deaths.get(0)).get("count"));
    }

    @Test
    void askingAgainMovesNothingTwice() {
        raise();
        die(3);
        declare("other", Map.of());
        long[] first = {0, 1};
        assertEquals(new Reply.Redriven(2, -1, Map.of()), redrive("dlq", "other", first));
        assertEquals(new Reply.Redriven(0, -1, Map.of()), redrive("dlq", "other", first));
        assertEquals(List.of(1L, 2L), ids("other"));
        assertEquals(List.of(3L), ids("dlq"));
    }

    @Test
    void whatAConsumerHasAndWhatTheTargetRefusesStays() {
        raise();
        die(5);
        Delivery held = get("dlq");
        declare("small", Map.of("x-max-length", 2L, "x-overflow", "reject-publish"));
        Reply.Redriven r = redrive("dlq", "small", 0, 100);
        assertEquals(2, r.moved());
        assertEquals(List.of(2L), new ArrayList<>(r.refused().values()));
        assertTrue(r.refused().keySet().iterator().next().contains("has no room"), r.toString());
        assertEquals(List.of(2L, 3L), ids("small"));
        assertEquals(List.of(1L, 4L, 5L), ids("dlq"));
        assertEquals(1, node().queue("dlq").unacked());
        settle(held, Settle.Outcome.NACK_REQUEUE);
        assertEquals(
                Map.of("no queue 'none' in vhost '/'", 3L),
                redrive("dlq", "none", 0, 100).refused());
        assertEquals(
                Map.of("it would come back to the queue where it is", 3L),
                redrive("dlq", "dlq", 0, 100).refused());
        publish("dlq", 1, 0);
        assertEquals(
                Map.of("it did not die in a queue: say where it goes", 1L),
                redrive("dlq", "", 5, 100).refused());
        apply(new PurgeQueue(node().connection, "/", "dlq"));
        assertEquals(new Reply.Redriven(0, -1, Map.of()), redrive("dlq", "none", 0, 100));
    }

    @Test
    void streamsTakeAndDoNotGive() {
        raise();
        die(2);
        declare("s", Map.of("x-queue-type", "stream"));
        assertEquals(2, redrive("dlq", "s", 0, 9).moved());
        assertEquals(List.of(1L, 2L), ids("s"));
        Reply r = apply(new Redrive(number("s"), new long[] {0, 9}, "work", "", "", ""));
        assertEquals(540, ((Reply.Rejected) r).code());
        assertEquals(404, ((Reply.Rejected) apply(new Redrive(99, new long[] {0, 9}, "work", "", "", ""))).code());
    }

    @Test
    void belowLevel4NothingMoves() {
        declare("q", Map.of());
        publish("q", 1, 0);
        Reply r = apply(new Redrive(number("q"), new long[] {0, 9}, "p", "", "", ""));
        assertEquals(540, ((Reply.Rejected) r).code());
        assertEquals(List.of(1L), ids("q"));
    }

    /** Of the middle of a backlog that memory does not hold, and of what has a time to live. */
    @Test
    void someOfManyGo() {
        raise();
        declare("q", Map.of());
        declare("p", Map.of());
        for (int i = 0; i < 20; i++) {
            publish("q", 5, 100);
        }
        assertEquals(3, redrive("q", "p", 50, 50, 70, 71).moved());
        assertEquals(List.of(51L, 71L, 72L), ids("p"));
        List<Long> left = new ArrayList<>(upTo(100));
        left.removeAll(ids("p"));
        assertEquals(left, ids("q"));
        byte[] more = new Extension(List.of("x"), 1, 1_000).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.MANDATORY, 0, more.length, 2, 8);
        w.raw(more, 0, more.length).uint16(0).int64(101);
        apply(new Publish(List.of(new Route("/", "", "p")), w.toBytes(), 0, w.size(), 0, Origins.NONE));
        apply(new PurgeQueue(node().connection, "/", "q"));
        assertEquals(4, redriveAll("p", "q"));
        Seen last = look("q").get(3);
        assertEquals(
                new Extension(List.of(), 0, 1_000),
                Extension.of(last.bytes(), last.at()),
                "no other keys, and the time that it had when it came");
    }

    @Test
    void itIsNoted() {
        raise();
        die(1);
        apply(new Redrive(number("dlq"), new long[] {0, 9}, "", "root", "10.0.0.1", "fixed"));
        var audit = node().machine.access().audit();
        var last = audit.get(audit.size() - 1);
        assertEquals("root", last.by());
        assertEquals("redrive", last.what());
        assertEquals("messages of queue 'dlq' in vhost '/' to where they died: fixed", last.subject());
    }

    @Test
    void exclusiveQueuesGiveAndTakeNothing() {
        raise();
        die(2);
        QueueSpec own = new QueueSpec(false, true, false, Arguments.NONE);
        apply(new DeclareQueue(node().connection, "/", "own", own, false));
        publish("own", 1, 0);
        Reply from = apply(new Redrive(number("own"), new long[] {0, 9}, "work", "root", "", ""));
        Reply to = apply(new Redrive(number("dlq"), new long[] {0, 9}, "own", "root", "", ""));
        for (Reply r : List.of(from, to)) {
            assertEquals(405, ((Reply.Rejected) r).code());
            assertEquals(Reply.Reason.RESOURCE_LOCKED, ((Reply.Rejected) r).reason());
            assertTrue(((Reply.Rejected) r).text().contains("queue 'own'"), r.toString());
        }
        assertEquals(List.of(3L), ids("own"));
        assertEquals(upTo(2), ids("dlq"));
        assertEquals(List.of(), node().machine.access().audit());
    }

    @Test
    void whatDiedInAnExclusiveQueueDoesNotGoBack() {
        raise();
        declare("dlq", Map.of());
        QueueSpec own = new QueueSpec(
                false,
                true,
                false,
                new Arguments(new TreeMap<>(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dlq"))));
        apply(new DeclareQueue(node().connection, "/", "own", own, false));
        publish("own", 1, 0);
        settle(get("own"), Settle.Outcome.DISCARD);
        apply(new Probe(false));
        Reply.Redriven r = redrive("dlq", "", 0, 9);
        assertEquals(0, r.moved());
        assertTrue(r.refused().keySet().toString().contains("exclusive access to locked queue 'own'"), r.toString());
        assertEquals(upTo(1), ids("dlq"));
    }

    /** The command is cut in what moves, and has looked at what stays behind that: the next one looks at it again. */
    @Test
    void whatStaysIsCountedOnce() {
        nodes = new TwoNodes("", with(new WorkLimits(40, 5, 2_000, 7, 40), SMALL.mostHeld()));
        raise();
        declare("dlq", Map.of());
        declare("work", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dlq"));
        for (int i = 0; i < 20; i++) {
            publish("work", 1, 2_000);
            settle(get("work"), Settle.Outcome.DISCARD);
            apply(new Probe(false));
            publish("dlq", 1, 0);
        }
        Reply.Redriven r = redrive("dlq", "", 0, Long.MAX_VALUE);
        assertEquals(20, r.moved());
        assertEquals(Map.of("it did not die in a queue: say where it goes", 20L), r.refused());
        assertTrue(entries > 2, "it was cut: " + entries);
    }

    /** In the middle of so many chunks begun that it would be too much to begin another: it says so, and what it did is done. */
    @Test
    void tooManyPiecesAreToldAndNotAskedForAgain() {
        nodes = new TwoNodes("", with(SMALL.work(), 10));
        raise();
        declare("q", Map.of());
        declare("p", Map.of());
        for (int i = 0; i < 10; i++) {
            publish("q", 3, 0);
        }
        Reply.Redriven r = redrive("q", "p", 4, 4, 10, 10, 16, 16, 22, 22, 28, 28);
        assertTrue(r.moved() > 0 && r.moved() < 5, r.toString());
        assertEquals(Map.of(), r.refused());
        assertTrue(r.stuck().contains("too many pieces"), r.toString());
        assertEquals(4 + 6 * r.moved(), r.undecided());
        Reply again = apply(new Redrive(number("q"), new long[] {r.undecided(), 29}, "p", "", "", ""));
        assertEquals(new Reply.Redriven(0, r.undecided(), Map.of(), r.stuck()), again);
        for (int i = 0; i < 12; i++) {
            settle(get("q"), Settle.Outcome.ACK);
        }
        assertEquals(1, redrive("q", "p", 28, 28).moved(), "its oldest were consumed");
    }

    @Test
    void whoAsksAgainIsNotedOnceAndNobodysRightsAreAskedAnew() {
        raise();
        die(5);
        long version = node().machine.access().version();
        for (long i = 0; i < 3; i++) {
            apply(new Redrive(number("dlq"), new long[] {i, i}, "", "root", "10.0.0.1", "fixed " + i));
        }
        apply(new Redrive(number("dlq"), new long[] {3, 3}, "", "ann", "10.0.0.1", ""));
        apply(new Redrive(number("dlq"), new long[] {4, 4}, "work", "root", "10.0.0.2", ""));
        var audit = node().machine.access().audit();
        assertEquals(List.of("ann", "root"), audit.stream().map(e -> e.by()).toList());
        assertEquals(
                "messages of queue 'dlq' in vhost '/' to 'work'", audit.get(1).subject());
        assertEquals("10.0.0.2", audit.get(1).from());
        assertEquals(node().machine.clock(), audit.get(1).time());
        assertTrue(audit.get(1).number() > audit.get(0).number());
        assertEquals(version, node().machine.access().version());
        publish("work", 1, 0);
        apply(new Redrive(number("work"), new long[] {0, 9}, "dlq", "root", "", ""));
        assertEquals(3, node().machine.access().audit().size(), "another queue");
    }

    /** A chunk that the state has and the store does not is passed over, in either direction. */
    @Test
    void aLookEndsThoughAChunkIsMissing() {
        declare("q", Map.of());
        for (int i = 0; i < 6; i++) {
            publish("q", 3, 0);
        }
        node().commit();
        MemoryStore torn = node().memory.copy();
        for (long first : new long[] {3, 9}) {
            torn.deleteChunk(torn.chunkAt(number("q"), first));
        }
        torn.commit(torn.applied());
        for (boolean back : new boolean[] {false, true}) {
            List<Long> seen = new ArrayList<>();
            long at = back ? Long.MAX_VALUE : 0;
            for (int looks = 0; at != Browse.END; looks++) {
                assertTrue(looks < 5, "it comes to an end: " + at);
                at = new Browse(new Browse.Where(number("q"), at, back, 1_000), access(), torn, m -> {
                            seen.add(m.seq());
                            return Browse.Next.ON;
                        })
                        .look()
                        .next();
            }
            Collections.sort(seen);
            assertEquals(List.of(0L, 1L, 2L, 6L, 7L, 8L, 12L, 13L, 14L, 15L, 16L, 17L), seen);
        }
    }

    static LongStream seeds() {
        return LongStream.range(SEED, SEED + LOGS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachMessageIsInOneQueue(long seed) {
        Random r = new Random(seed);
        nodes = new TwoNodes("seed " + seed, SMALL);
        raise();
        declare("q0", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "q1"));
        declare(
                "q1",
                Map.of(
                        "x-max-length",
                        20L,
                        "x-overflow",
                        "reject-publish",
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        "q2"));
        declare("q2", Map.of("x-max-priority", 3L));
        declare("q3", Map.of("x-queue-type", "quorum", "x-group-by", "header:g"));
        List<Delivery> held = new ArrayList<>();
        int moved = 0;
        for (int i = 0; i < ENTRIES; i++) {
            String queue = "q" + r.nextInt(4);
            switch (r.nextInt(6)) {
                case 0 -> publish("q0", 1 + r.nextInt(8), r.nextInt(2) * 150);
                case 1 -> {
                    if (apply(new Get(node().connection, 1, "/", queue, false)) instanceof Reply.Got g) {
                        held.add(g.delivery());
                    }
                }
                case 2 -> {
                    if (!held.isEmpty()) {
                        Settle.Outcome[] all = {
                            Settle.Outcome.NACK_REQUEUE, Settle.Outcome.RELEASE, Settle.Outcome.REJECT_REQUEUE
                        };
                        settle(held.remove(r.nextInt(held.size())), all[r.nextInt(3)]);
                    }
                }
                default -> {
                    long[] ready = node().machine.ready(number(queue), 0, Long.MAX_VALUE, 20);
                    if (ready.length > 0) {
                        int at = 2 * r.nextInt(ready.length / 2);
                        long first = ready[at] + r.nextInt(3);
                        moved += redrive(queue, "q" + r.nextInt(4), first, first + r.nextInt(9))
                                .moved();
                    }
                }
            }
            List<Long> all = new ArrayList<>();
            for (int q = 0; q < 4; q++) {
                all.addAll(ids("q" + q));
            }
            Collections.sort(all);
            assertEquals(upTo(lastId), all, "seed " + seed + " entry " + node().index);
        }
        assertTrue(moved > 20, "moved " + moved);
    }
}
