package io.tallymq.raft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.raft.trace.TraceShare.Flushed;
import io.tallymq.raft.trace.TraceShare.Lead;
import io.tallymq.raft.trace.TraceShare.Names;
import io.tallymq.raft.trace.TraceShare.Publish;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TraceBookTest {
    private static final int MOST = 100;
    private final TraceBook a = new TraceBook("a", MOST);
    private final TraceBook b = new TraceBook("b", MOST);

    private static TraceShare share(long index, long write) {
        return new TraceShare(
                new TraceId(index, 2, 3),
                7,
                new Flushed(1_000_000, 500),
                new Lead(1, 2, TraceShare.UNKNOWN, new TreeMap<>(Map.of("b", 9L))),
                new Publish(
                        new Names("/", "e", "k\u00e9", "m" + index, "", "bob"),
                        5,
                        List.of("q1", "q2"),
                        4,
                        "confirmed",
                        1,
                        2,
                        3,
                        write,
                        true));
    }

    /** What {@code from} has for {@code to} goes there. Returns how many shares. */
    private static int tell(TraceBook from, String name, TraceBook to, String toName) {
        ByteWriter w = new ByteWriter();
        long upTo = from.write(toName, w);
        if (upTo == 0) {
            return 0;
        }
        int n = (int) new ByteReader(w.toBytes()).varint();
        to.read(name, new ByteReader(w.toBytes()));
        from.told(toName, upTo);
        return n;
    }

    @Test
    void aShareComesAsItWas() {
        a.own(share(1, TraceShare.UNKNOWN));
        a.own(new TraceShare(new TraceId(2, 0, 0), 7, null, null, null));
        assertEquals(2, tell(a, "a", b, "b"));
        List<TraceBook.Trace> all = b.all();
        assertEquals(
                List.of("2.0.0", "1.2.3"),
                all.stream().map(t -> t.id().toString()).toList());
        assertEquals(Map.of("a", share(1, TraceShare.UNKNOWN)), all.get(1).shares());
        assertEquals(a.all(), all);
    }

    @Test
    void onlyWhatIsNewIsToldAndAllToWhoWasAway() {
        a.own(share(1, TraceShare.UNKNOWN));
        assertEquals(1, tell(a, "a", b, "b"));
        assertEquals(0, tell(a, "a", b, "b"));
        a.own(share(1, 8));
        assertEquals(1, tell(a, "a", b, "b"));
        assertEquals(a.all(), b.all());
        TraceBook again = new TraceBook("b", MOST);
        a.lost("b");
        assertEquals(1, tell(a, "a", again, "b"));
        assertEquals(a.all(), again.all());
    }

    @Test
    void whatBothKnowStandsTogether() {
        a.own(share(1, 8));
        b.own(new TraceShare(new TraceId(1, 2, 3), 7, new Flushed(3, 4), null, null));
        tell(a, "a", b, "b");
        tell(b, "b", a, "a");
        assertEquals(a.all(), b.all());
        assertEquals(2, a.all().get(0).shares().size());
    }

    @Test
    void theLastOnesAreKeptWhoeverToldThem() {
        for (int i = 1; i <= MOST + 50; i++) {
            a.own(share(i, 8));
        }
        assertEquals(MOST, a.size());
        assertEquals(51, a.all().get(MOST - 1).id().index());
        int told = 0;
        for (int n = tell(a, "a", b, "b"); n > 0; n = tell(a, "a", b, "b")) {
            assertTrue(n <= TraceBook.PER_REPORT);
            told += n;
        }
        assertEquals(MOST, told);
        assertEquals(a.all(), b.all());
        b.read("a", oldest());
        assertEquals(a.all(), b.all(), "an older one finds no room");
        TraceBook none = new TraceBook("c", 0);
        none.own(share(1, 8));
        assertEquals(0, none.size());
        assertEquals(0, none.write("b", new ByteWriter()));
    }

    private static ByteReader oldest() {
        TraceBook other = new TraceBook("a", 1);
        other.own(share(1, 8));
        ByteWriter w = new ByteWriter();
        other.write("b", w);
        return new ByteReader(w.toBytes());
    }

    @Test
    void whatALaterVersionTellsBesideIsPassedOver() {
        ByteWriter inner = new ByteWriter();
        new TraceId(9, 0, 1).write(inner);
        inner.int64(3);
        TaggedFields.write(inner, TaggedFields.OPTIONAL + 50, new byte[5]);
        b.read(
                "a",
                new ByteReader(new ByteWriter().varint(1).bytes(inner.toBytes()).toBytes()));
        assertEquals(
                new TraceShare(new TraceId(9, 0, 1), 3, null, null, null),
                b.all().get(0).shares().get("a"));
    }

    @Test
    void whoIsToldHearsWhetherThereIsMore() {
        for (int i = 1; i <= TraceBook.PER_REPORT + 1; i++) {
            a.own(share(i, 8));
        }
        ByteWriter w = new ByteWriter();
        long upTo = a.write("b", w);
        assertTrue(a.told("b", upTo));
        assertFalse(a.told("b", a.write("b", new ByteWriter())));
    }
}
