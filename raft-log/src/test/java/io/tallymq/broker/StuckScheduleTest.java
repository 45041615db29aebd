package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Scheduled messages for which there is no room: they cost the same, however many they are, and nobody else waits for them. */
class StuckScheduleTest {
    private static final Map<String, Object> ONE = Map.of("x-max-length", 1L, "x-overflow", "reject-publish");

    private final CountingStore store = new CountingStore(new MemoryStore(0));
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    private static Publish later(String queue, String id, int count, int bytes, long millis) {
        byte[] more = new Extension(List.of(), 0, -1, false, new Later(millis, 0, id)).encode();
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < count; i++) {
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, bytes);
            w.raw(more, 0, more.length).uint16(0).reserve(bytes);
        }
        return new Publish(List.of(new Route("/", "", queue)), w.toBytes(), 0, w.size(), 0, Origins.NONE);
    }

    private void entry(long millis) {
        node.passed += millis;
        node.apply(new Probe(false));
        node.commit();
    }

    private void until(long entries) {
        for (int i = 0; i < entries && node.machine.owes(); i++) {
            entry(0);
        }
    }

    @Test
    void onesOfOthersComeAtOnce() {
        node.raise(5);
        node.declare("full", ONE);
        node.declare("q");
        node.apply(later("full", "", 2_000, 8, 10));
        entry(10_000);
        until(1_000);
        assertEquals(1, node.queue("full").ready());
        assertFalse(node.machine.owes(), "the log may rest");
        node.apply(later("q", "", 1, 8, 100));
        entry(2_000);
        assertEquals(1, node.queue("q").ready());
        store.reads = 0;
        for (int i = 0; i < 100; i++) {
            entry(1_000);
        }
        assertTrue(store.reads < 30, "one tries for all, and seldom: " + store.reads);
        node.commit();
        assertEquals(1_999, waiting());
    }

    private int waiting() {
        int all = 0;
        BrokerView.Step<BrokerView.ScheduledView> s = node.machine.scheduled(null, 100);
        while (s.next() != null) {
            all += s.items().size();
            s = node.machine.scheduled(s.next(), 100);
        }
        return all + s.items().size();
    }

    @Test
    void withRoomTheyComeInTheirOrder() {
        node.raise(5);
        node.declare("full", Map.of("x-max-length", 3L, "x-overflow", "reject-publish"));
        for (int i = 0; i < 9; i++) {
            node.apply(later("full", "", 1, i + 1, 10));
        }
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < 200 && sizes.size() < 9; i++) {
            entry(500);
            while (i % 20 == 19 && node.apply(new Get(node.connection, 1, "/", "full", true)) instanceof Reply.Got g) {
                ChunkBody body = store.load(g.delivery().chunk());
                sizes.add(MessageRecord.bodyLength(
                        body.bytes(), body.at(g.delivery().from())));
            }
        }
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), sizes);
        node.commit();
        assertEquals(List.of(), stored(Keys.SCHEDULE));
        assertEquals(List.of(), stored(Keys.SCHEDULE_ROOM));
    }

    private List<Byte> stored(byte type) {
        List<Byte> all = new ArrayList<>();
        store.scan(Keys.of(type), (k, v) -> all.add(k[0]));
        return all;
    }

    /** Large ones that can't go, and those that reach nothing, cost what is read of them. */
    @Test
    void whatIsReadOfThemIsBounded() {
        node.raise(5);
        for (int i = 0; i < 30; i++) {
            node.apply(later("nowhere", "", 1, 200_000, 500));
        }
        node.commit();
        node.passed += 1_000;
        node.apply(new Probe(false));
        node.commit();
        while (node.machine.owes()) {
            store.readBytes = 0;
            node.apply(new Probe(false));
            assertTrue(store.readBytes <= 450_000, "read in one entry: " + store.readBytes);
        }
        assertEquals(30, node.machine.totals().droppedUnroutable());
    }

    @Test
    void whoNamesOneReadsNoBody() {
        node.raise(5);
        node.declare("q");
        node.apply(later("q", "job", 1, 200_000, 1_000_000));
        node.commit();
        store.readBytes = 0;
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
        assertEquals(200_000, node.machine.scheduled(null, 10).items().get(0).bytes());
        assertTrue(store.readBytes < 1_000, "read for a list: " + store.readBytes);
        List<Long> units = node.slices(later("q", "job", 1, 8, 1_000_000));
        assertTrue(units.get(0) >= 200_000 / 512, "what takes its place reads it: " + units);
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
    }

    /** Logs of before are decided as they were. */
    @Test
    void belowLevelFiveEachTriesAgain() {
        node.raise(4);
        node.declare("full", ONE);
        node.apply(later("full", "", 3, 8, 10));
        entry(1_000);
        store.reads = 0;
        entry(5_000);
        assertEquals(2, store.reads);
        assertEquals(2, waiting());
    }

    /** Whenever a replica is restored. */
    @Test
    void random() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 40); seed++) {
            Random r = new Random(seed);
            TwoNodes nodes = new TwoNodes("seed " + seed, MachineLimits.FORMAT_1);
            int level = r.nextInt(4) == 0 ? 4 : 5;
            nodes.both(n -> {
                n.raise(level);
                n.declare("a", ONE);
                n.declare("b", ONE);
                n.bind("amq.fanout", "a");
                n.bind("amq.fanout", "b");
                return n.declare("q");
            });
            String[] queues = {"a", "b", "q"};
            for (int i = 0; i < 80; i++) {
                int kind = r.nextInt(8);
                int which = r.nextInt(3);
                long pass = r.nextInt(800);
                int count = 1 + r.nextInt(4);
                String id = r.nextInt(3) == 0 ? "job" : "";
                nodes.both(n -> {
                    n.passed += pass;
                    return switch (kind) {
                        case 0, 1, 2 -> n.apply(later(queues[which], id, count, 8, 20));
                        case 3 -> n.apply(fanned(count));
                        case 4, 5 -> n.apply(new Get(n.connection, 1, "/", queues[which], true));
                        case 6 -> n.apply(new CallOff("/", "job", 0, 0));
                        default -> n.apply(new Probe(false));
                    };
                });
            }
        }
    }

    private static Publish fanned(int count) {
        Publish p = later("", "", count, 8, 20);
        return new Publish(List.of(new Route("/", "amq.fanout", "")), p.bytes(), p.offset(), p.end(), 0, Origins.NONE);
    }
}
