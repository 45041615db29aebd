package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.effect.StreamStart;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.stream.StreamOffsets;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** x-queue-type: stream, as far as it is replicated: messages come, stay, and go by age and length; who reads costs nothing. */
class StreamTest extends OneNodeTest {

    @BeforeEach
    void level() {
        node.raise(3);
    }

    private void declare(Object... more) {
        Map<String, Object> a = new TreeMap<>(Map.of("x-queue-type", "stream"));
        for (int i = 0; i < more.length; i += 2) {
            a.put((String) more[i], more[i + 1]);
        }
        Reply r = node.declare("q", a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    private StreamStart read(Object... offset) {
        Map<String, Object> a = offset.length == 0 ? Map.of() : Map.of("x-stream-offset", offset[0]);
        return ((Reply.Subscribed) node.consume(1, "q", 10, a)).stream();
    }

    @Test
    void nobodyIsAssignedAnything() {
        declare();
        read("first");
        publish(50);
        assertEquals(List.of(), node.delivered);
        assertEquals(50, node.queue("q").ready());
        assertEquals(1, node.queue("q").consumers());
        assertEquals(List.of(50), node.grown);
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        publish(1);
        assertEquals(List.of(50), node.grown);
        assertEquals(51, node.queue("q").ready());
    }

    @Test
    void whatOnlyReadersHaveIsRefusedElsewhere() {
        node.declare("q");
        for (String name : List.of("x-stream-offset", "x-stream-filter", "x-stream-automatic-offset-tracking")) {
            Object value = name.endsWith("tracking") ? true : "first";
            Reply r = node.consume(1, "q", 10, Map.of(name, value));
            assertEquals(406, ((Reply.Rejected) r).code(), name);
            assertTrue(((Reply.Rejected) r).text().contains("only streams have it"));
        }
    }

    @Test
    void whereReadingBegins() {
        declare();
        assertEquals(0, read("last").offset());
        publish(10);
        long q = read().queue();
        assertEquals(new StreamStart(q, 10, false, 0, 10), read());
        assertEquals(new StreamStart(q, 10, false, 0, 10), read("next"));
        assertEquals(new StreamStart(q, 0, false, 0, 10), read("first"));
        assertEquals(new StreamStart(q, 9, true, 0, 10), read("last"));
        assertEquals(new StreamStart(q, 4, false, 0, 10), read(4L));
        assertEquals(new StreamStart(q, 7, false, 0, 10), read(-3L));
        assertEquals(new StreamStart(q, 0, false, 0, 10), read(-30L));
        assertEquals(new StreamStart(q, 0, false, 12_000, 10), read(new Arguments.Timestamp(12)));
        node.passed += 100_000;
        assertEquals(node.index + 1 + node.passed - 60_000, read("1m").time());
    }

    @Test
    void lengthAndAge() {
        declare("x-max-length", 10L, "x-max-age", "1m");
        for (int i = 0; i < 10; i++) {
            publish(4);
            node.passed += 1_000;
        }
        assertEquals(12, node.queue("q").ready());
        restart();
        node.passed += 58_500;
        node.apply(new Probe(false));
        assertEquals(4, node.queue("q").ready(), "two chunks are older than a minute");
        node.passed += 60_000;
        node.apply(new Probe(false));
        assertEquals(0, node.queue("q").ready());
        assertEquals(28, node.queue("q").counters().overflowed());
        publish(1);
        node.commit();
        Chunk kept = store().chunkNear(read().queue(), 0);
        assertEquals(40, kept.firstSeq());
    }

    @Test
    void bytes() {
        declare("x-max-length-bytes", 100L);
        for (int i = 0; i < 20; i++) {
            publish(3);
        }
        assertEquals(12, node.queue("q").ready());
    }

    @Test
    void nothingIsLeft() {
        declare();
        for (int i = 0; i < 20; i++) {
            publish(3);
        }
        read();
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.apply(new Probe(false));
        node.commit();
        store().scan(Keys.of(Keys.CHUNK), (k, v) -> assertNull(k));
        store().scan(Keys.of(Keys.HOLDER), (k, v) -> assertNull(k));
    }

    /** As a node's readers find it: in memory, and in the store. */
    private Chunk near(long queue, long seq) {
        return Chunk.first(node.machine.chunkNear(queue, seq), store().chunkNear(queue, seq));
    }

    /** Tells how far the reader of a name is. */
    private void tell(String name, long offset) {
        ConsumerSpec spec = new ConsumerSpec(name, false, false, 10, 2_000, Arguments.NONE);
        Reply r = node.apply(new Subscribe(node.connection, 2, "/", "q", spec));
        node.apply(new StoreOffset(((Reply.Subscribed) r).consumer(), offset));
        node.apply(new CloseChannel(node.connection, 2, List.of()));
    }

    /** Where a reader of this name goes on. */
    private long goesOn(String name) {
        Map<String, Object> a = new TreeMap<>(Map.of("x-stream-automatic-offset-tracking", true));
        ConsumerSpec spec = new ConsumerSpec(name, false, false, 10, 2_000, new Arguments(a));
        Reply r = node.apply(new Subscribe(node.connection, 2, "/", "q", spec));
        node.apply(new CloseChannel(node.connection, 2, List.of()));
        return ((Reply.Subscribed) r).stream().offset();
    }

    @Test
    void whoComesBackGoesOnAfterARestartToo() {
        declare();
        publish(50);
        assertEquals(50, goesOn("me"), "what is not known goes on with the next");
        long before = node.machine.digest();
        tell("me", 17);
        assertTrue(before != node.machine.digest());
        tell("you", 30);
        tell("you", 31);
        restart();
        assertEquals(17, goesOn("me"));
        assertEquals(31, goesOn("you"));
        assertEquals(0, read("first").offset(), "who says where does not go by it");
        tell("me", 3);
        restart();
        assertEquals(3, goesOn("me"), "who begins anew is where he is now");
    }

    /** Names are bounded: the one that was told longest ago goes, not the one that was first. */
    @Test
    void oldNamesAreForgotten() {
        declare();
        publish(50);
        for (int i = 0; i < StreamOffsets.MOST; i++) {
            tell("n" + i, 1);
        }
        tell("n0", 2);
        tell("one more", 3);
        restart();
        assertEquals(2, goesOn("n0"));
        assertEquals(3, goesOn("one more"));
        assertEquals(50, goesOn("n1"));
        assertEquals(1, goesOn("n2"));
        assertEquals(StreamOffsets.MOST, names());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        assertEquals(0, names());
        declare();
        assertEquals(0, goesOn("n0"), "another stream of that name knows nobody");
    }

    /** A reader that remembers where it was in an earlier stream of this name misses nothing. */
    @Test
    void beyondTheEndIsTheEnd() {
        declare();
        publish(50);
        assertEquals(50, read(1_000L).offset());
        assertEquals(50, read(Long.MAX_VALUE).offset());
        assertEquals(49, read(49L).offset());
    }

    @Test
    void namesOfAllStreamsAreBounded() {
        StateLimits three = StateLimits.DEFAULTS.with(StateLimit.READERS, 3);
        MachineLimits limits = MachineLimits.FORMAT_1.withState(three);
        OneNode few = new OneNode(new MemoryStore(0), limits);
        few.raise(5);
        for (String stream : List.of("a", "b")) {
            few.declare(stream, Map.of("x-queue-type", "stream"));
            few.apply(OneNode.messages(20, 10, new Route("/", "", stream)));
        }
        for (String name : List.of("a1", "a2", "a3", "a4", "b1")) {
            tell(few, name.substring(0, 1), name);
        }
        few.restart();
        assertEquals(List.of("a2", "a3", "a4"), names(few), "a has all the room, and loses its own");
        few.apply(new DeleteQueue(few.connection, "/", "a", false, false));
        tell(few, "b", "b1");
        few.restart();
        assertEquals(List.of("b1"), names(few));
    }

    private static void tell(OneNode n, String stream, String name) {
        ConsumerSpec spec = new ConsumerSpec(name, false, false, 10, 2_000, Arguments.NONE);
        Reply r = n.apply(new Subscribe(n.connection, 2, "/", stream, spec));
        n.apply(new StoreOffset(((Reply.Subscribed) r).consumer(), 1));
        n.apply(new CloseChannel(n.connection, 2, List.of()));
    }

    private static List<String> names(OneNode n) {
        List<String> names = new ArrayList<>();
        n.memory.scan(Keys.of(Keys.STREAM_OFFSET), (k, v) -> names.add(new String(k, 9, k.length - 9)));
        return names;
    }

    private int names() {
        int[] found = {0};
        node.commit();
        store().scan(Keys.of(Keys.STREAM_OFFSET), (k, v) -> found[0]++);
        return found[0];
    }

    @Test
    void whatIsNotKeptIsNotWhereReadingBegins() {
        declare("x-max-length", 10L, "x-max-age", "1m");
        for (int i = 0; i < 30; i++) {
            publish(1);
        }
        tell("me", 5);
        long q = read().queue();
        for (Object offset : new Object[] {"first", 3L, -25L}) {
            assertEquals(new StreamStart(q, 20, false, 0, 30), read(offset), offset.toString());
        }
        assertEquals(new StreamStart(q, 20, false, 1, 30), read(new Arguments.Timestamp(-7)));
        assertTrue(read(new Arguments.Timestamp(Long.MAX_VALUE)).time() > 1L << 60);
        assertEquals(new StreamStart(q, 25, false, 0, 30), read(25L));
        assertEquals(20, goesOn("me"));
        restart();
        assertEquals(20, read("first").offset());
        node.passed += 61_000;
        node.apply(new Probe(false));
        assertEquals(new StreamStart(q, 30, false, 0, 30), read("last"), "there is none");
        assertEquals(30, read("first").offset());
    }

    /** The policy's age counts and not the argument's, for what comes while it is set. */
    @Test
    void aPolicysAge() {
        declare("x-max-age", "1h");
        Arguments age = new Arguments(new TreeMap<>(Map.of("max-age", "1m")));
        Reply r = node.apply(new SetPolicy("/", "p", false, new PolicySpec("^q$", "streams", 0, age)));
        assertTrue(r instanceof Reply.PolicySet, r.toString());
        publish(5);
        restart();
        node.passed += 59_000;
        node.apply(new Probe(false));
        assertEquals(5, node.queue("q").ready());
        node.passed += 2_000;
        node.apply(new Probe(false));
        assertEquals(0, node.queue("q").ready());
    }

    /** What is committed and kept is found, whatever is asked for. */
    @Test
    void chunksAreFound() {
        Random random = new Random(5);
        declare("x-max-length", 60L);
        for (int i = 0; i < 60; i++) {
            publish(1 + random.nextInt(6));
        }
        long queue = read().queue();
        node.commit();
        for (int i = 0; i < 10; i++) {
            publish(1 + random.nextInt(6)); // which the store does not have yet
        }
        long end = read().offset();
        long kept = near(queue, 0).firstSeq();
        for (long seq = 0; seq < end; seq++) {
            Chunk c = near(queue, seq);
            assertTrue(c.endSeq() > seq && (c.firstSeq() <= seq || c.firstSeq() == kept), seq + " " + c.firstSeq());
        }
        assertNull(near(queue, end));
        node.commit();
        long tail = read().offset();
        List<Chunk> all = store().chunks(queue, 0, Long.MAX_VALUE);
        for (long seq = 0; seq <= tail; seq++) {
            long at = seq;
            Chunk expected =
                    all.stream().filter(c -> c.endSeq() > at).findFirst().orElse(null);
            Chunk found = store().chunkNear(queue, seq);
            assertEquals(expected == null ? -1 : expected.firstSeq(), found == null ? -1 : found.firstSeq());
        }
    }
}
