package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Messages die whose headers and keys are as large as they may be: what the broker adds has room, and can be read again. */
class LargeLettersTest extends OneNodeTest {
    private static final String DLX = "x-dead-letter-exchange";
    private static final String KEY = "x-dead-letter-routing-key";
    /** As {@link MessageHeaders} count them; what front ends take. */
    private static final int MOST_ELEMENTS = 16_384;

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        Reply r = node.declare(queue, a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    /** A field that is an array of empty values. */
    private static byte[] voids(int elements) {
        byte[] values = new byte[elements];
        Arrays.fill(values, (byte) 'V');
        ByteWriter w = new ByteWriter(elements + 8);
        return w.uint8(1)
                .uint8('v')
                .uint8('A')
                .int32(elements)
                .raw(values, 0, elements)
                .toBytes();
    }

    /** The field CC. */
    private static byte[] cc(List<String> keys) {
        ByteWriter w = new ByteWriter(1 << 16).uint8(2).uint8('C').uint8('C').uint8('A');
        int at = w.reserve(4);
        keys.forEach(k -> w.uint8('S').int32(k.length()).raw(k.getBytes(), 0, k.length()));
        w.setInt32(at, w.size() - at - 4);
        return w.toBytes();
    }

    private void publish(String queue, byte[] fields, List<String> keys) {
        byte[] more = new Extension(keys, 0, -1).encode();
        ByteWriter w = new ByteWriter(1 << 16);
        MessageRecord.writeHeader(w, 0, 0, more.length, 2 + 4 + fields.length, 1);
        w.raw(more, 0, more.length).uint16(1 << 13).int32(fields.length);
        w.raw(fields, 0, fields.length).uint8('x');
        node.apply(new Publish(List.of(new Route("/", "", queue)), w.array(), 0, w.size(), 0, Origins.NONE));
    }

    private Reply.Got got(String queue) {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private Map<String, Object> headers(Delivery d) {
        ChunkBody body = store().load(d.chunk());
        int at = body.at(d.from());
        int length = MessageRecord.propertiesLength(body.bytes(), at);
        return MessageHeaders.decode(body.bytes(), MessageRecord.propertiesOffset(body.bytes(), at), length);
    }

    private int propertiesLength(Delivery d) {
        ChunkBody body = store().load(d.chunk());
        return MessageRecord.propertiesLength(body.bytes(), body.at(d.from()));
    }

    private void settle(Reply.Got got, Outcome how) {
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    /** Many, and one that fills the extension to its last byte. */
    private static List<String> mostKeys(int bytes) {
        List<String> keys = new ArrayList<>(Collections.nCopies(bytes / 257 - 1, "k".repeat(255)));
        keys.add("m".repeat(200));
        int left = bytes - new Extension(keys, 0, -1).encode().length;
        for (int n = left; n >= 0; n--) {
            List<String> all = new ArrayList<>(keys);
            all.add("l".repeat(n));
            if (new Extension(all, 0, -1).encode().length == bytes) {
                return all;
            }
        }
        throw new AssertionError("" + left);
    }

    /** A log may have it from before publishes had to leave room. */
    @Test
    void whatHasKeysUpToTheLastByteDies() {
        declare("q", DLX, "");
        List<String> keys = mostKeys(MessageRecord.MAX_EXTENSION);
        publish("q", cc(keys), keys);
        settle(got("q"), Outcome.DISCARD); // back to q, as that key stays
        Reply.Got again = got("q");
        assertEquals(1, ((List<?>) headers(again.delivery()).get("x-death")).size());
        settle(again, Outcome.ACK);
    }

    @Test
    void whatIsPublishedHasRoomForIt() {
        List<String> keys = mostKeys(MessageRecord.MOST_PUBLISHED_EXTENSION);
        declare("q", DLX, "");
        declare("l".repeat(keys.get(keys.size() - 1).length()));
        publish("q", cc(keys), keys);
        settle(got("q"), Outcome.DISCARD);
        assertEquals(2, node.queue(keys.get(keys.size() - 1)).ready(), "no key is left out: published and dead");
    }

    @Test
    void deathsOfTheMostElementsAreReadAgain() {
        declare("q", DLX, "", KEY, "d", "x-message-ttl", 10L);
        declare("d", DLX, "", KEY, "q", "x-message-ttl", 10L);
        publish("q", voids(MOST_ELEMENTS - 1), List.of());
        for (int i = 0; i < 4; i++) {
            pass(20);
        }
        assertEquals(0, node.queue("q").ready() + node.queue("d").ready(), "a cycle without a rejection ends");
    }

    /** Each entry has the keys that the message had then. */
    @Test
    void keysInDeathsAreBounded() {
        List<String> keys = mostKeys(MessageRecord.MOST_PUBLISHED_EXTENSION);
        int queues = 8;
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        for (int i = 0; i < queues; i++) {
            node.apply(new DeclareExchange("/", "x" + i, fanout, false));
            declare("q" + i, DLX, "x" + (i + 1) % queues);
            node.bind("x" + i, "q" + i);
        }
        publish("q0", cc(keys), keys);
        for (int i = 0; i < queues; i++) {
            settle(got("q" + i), Outcome.DISCARD);
        }
        Delivery d = got("q0").delivery();
        List<?> deaths = (List<?>) headers(d).get("x-death");
        assertEquals(queues, deaths.size());
        assertEquals(1 + keys.size(), ((List<?>) ((Map<?, ?>) deaths.get(0)).get("routing-keys")).size());
        assertEquals(List.of("q0"), ((Map<?, ?>) deaths.get(queues - 1)).get("routing-keys"));
        assertTrue(propertiesLength(d) < 192 << 10, "" + propertiesLength(d));
    }
}
