package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.LogRun;
import io.tallymq.broker.logs.Op;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a newer program wrote behind the fields that this one knows. */
class TaggedFieldsTest {
    private static final int UNKNOWN = TaggedFields.OPTIONAL + 72;
    /** One that has to be understood, and is nobody's yet. */
    private static final int NOT_YET = 100;

    /** All that are records of their own with fields: not the bits of a partly settled chunk. */
    private static final List<Byte> RECORDS = List.of(
            Keys.MACHINE,
            Keys.NODE,
            Keys.CONNECTION,
            Keys.EXCHANGE,
            Keys.QUEUE,
            Keys.BINDING,
            Keys.UPLOAD,
            Keys.QUEUE_STATE,
            Keys.HOLDER,
            Keys.ATTEMPTS,
            Keys.HELD,
            Keys.OWED,
            Keys.CHANNEL,
            Keys.SHARED_REFERENCES);

    private static byte[] with(byte[] value, int tag) {
        ByteWriter w = new ByteWriter().raw(value, 0, value.length);
        TaggedFields.write(w, tag, new byte[] {1, 2, 3});
        return w.toBytes();
    }

    /** A copy of the store with one more field in each record of these types. */
    private static MemoryStore with(MemoryStore store, List<Byte> types, int tag) {
        MemoryStore copy = store.copy();
        for (byte type : types) {
            store.scan(Keys.of(type), (k, v) -> copy.put(k, with(v, tag)));
        }
        copy.commit(store.applied());
        return copy;
    }

    @Test
    void whatMayBePassedOverIsAndWhatIsKnownIsTaken() {
        ByteWriter w = new ByteWriter();
        TaggedFields.write(w, 3, new byte[] {9});
        TaggedFields.write(w, UNKNOWN, new byte[300]);
        TaggedFields.write(w, UNKNOWN + 1, new byte[0]);
        Map<Integer, String> taken = new TreeMap<>();
        TaggedFields.readRecord(new ByteReader(w.toBytes()), (tag, value) -> {
            taken.put(
                    tag,
                    HexFormat.of().formatHex(value.array(), value.position(), value.position() + value.remaining()));
            return tag == 3;
        });
        assertEquals("09", taken.get(3));
        assertEquals(3, taken.size());
        String text = assertThrows(
                        UnknownFormatException.class, () -> TaggedFields.endRecord(new ByteReader(w.toBytes())))
                .getMessage();
        assertTrue(text.contains("tag 3 has to be understood") && text.contains("start the version"), text);
        for (int length = 1; length < 3; length++) {
            ByteReader cut = new ByteReader(w.toBytes(), 0, length);
            assertThrows(IllegalStateException.class, () -> TaggedFields.endRecord(cut), "cut at " + length);
        }
    }

    /** Random logs whose every record a newer program wrote: the state is the same, and goes on the same. */
    @Test
    void everyRecordIsReadWithFieldsThatAreNotKnown() {
        TreeSet<Byte> seen = new TreeSet<>();
        for (int seed = 0; seed < 25; seed++) {
            List<Op> ops = Op.random(seed, 120);
            LogRun straight = new LogRun(new MemoryStore(0), true, BrokerMachineLogTest.SMALL);
            straight.run(ops);
            LogRun newer = new LogRun(new MemoryStore(0), true, BrokerMachineLogTest.SMALL);
            newer.restarts(store -> {
                RECORDS.forEach(type -> store.scan(Keys.of(type), (k, v) -> seen.add(type)));
                return with(store, RECORDS, UNKNOWN);
            });
            for (Op op : ops) {
                newer.step(op);
                newer.restart();
            }
            newer.commit();
            assertEquals(straight.transcript(), newer.transcript());
            assertEquals(straight.machine().digest(), newer.machine().digest());
        }
        seen.add(Keys.CHANNEL); // see below
        assertEquals(new TreeSet<>(RECORDS), seen);
    }

    @Test
    void whatHasToBeUnderstoodIsRefusedInEveryRecord() {
        MemoryStore store = new MemoryStore();
        OneNode node = new OneNode(store, MachineLimits.FORMAT_1);
        node.declare("q");
        node.bind("amq.fanout", "q");
        node.apply(new Qos(node.connection, 1, 5));
        node.consume("q", 1);
        node.apply(OneNode.messages(2, 10, new Route("/", "", "q")));
        node.apply(new BodyPart(node.connection, 1, new byte[5], 0, 5));
        Delivery d = node.delivered.get(0);
        long[] range = {d.firstSeq(), d.firstSeq()};
        node.apply(new Settle(d.holder(), Settle.Outcome.REJECT_REQUEUE, range));
        node.commit();
        long digest = node.machine.digest();
        assertEquals(digest, new BrokerMachine(with(store, RECORDS, UNKNOWN)).digest());
        List<Byte> here = new ArrayList<>(RECORDS);
        here.removeAll(List.of(Keys.OWED, Keys.SHARED_REFERENCES)); // the last one is read when it is asked for
        for (byte type : here) {
            assertThrows(
                    UnknownFormatException.class,
                    () -> new BrokerMachine(with(store, List.of(type), NOT_YET)),
                    "a record of type " + type);
        }
    }

    /** Those of messages that wait for something. */
    @Test
    void soIsWhatWaits() {
        List<Byte> records = List.of(Keys.DEAD, Keys.RESTING, Keys.SCHEDULE_ID);
        MemoryStore store = new MemoryStore();
        OneNode node = new OneNode(store, MachineLimits.FORMAT_1);
        node.declare(
                "q",
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-dead-letter-exchange",
                        "nowhere",
                        "x-dead-letter-strategy",
                        "at-least-once",
                        "x-delayed-retry-type",
                        "all"));
        node.consume("q", 2);
        node.apply(OneNode.messages(2, 10, new Route("/", "", "q")));
        Delivery d = node.delivered.get(0);
        long first = d.firstSeq();
        node.apply(new Settle(d.holder(), Settle.Outcome.REJECT_REQUEUE, new long[] {first, first}));
        node.apply(new Settle(d.holder(), Settle.Outcome.DISCARD, new long[] {first + 1, first + 1}));
        byte[] later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "job")).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, later.length, 2, 0);
        w.raw(later, 0, later.length).uint16(0);
        Route q = new Route("/", "", "q");
        node.apply(new Publish(List.of(q), w.toBytes(), 0, w.size(), 0, Origins.NONE));
        node.commit();
        long digest = node.machine.digest();
        assertEquals(digest, new BrokerMachine(with(store, records, UNKNOWN)).digest());
        for (byte type : records) {
            assertThrows(
                    UnknownFormatException.class,
                    () -> new BrokerMachine(with(store, List.of(type), NOT_YET)),
                    "a record of type " + type);
        }
    }

    @Test
    void chunksAndBlocksMayBeLonger() {
        Chunk chunk = new Chunk(1, 0, 1, 3, 0);
        ByteWriter w = new ByteWriter();
        ChunkCodec.writeHeader(
                w, chunk, new Stamp(1, 1, 5), List.of(new ChunkCodec.NumberedRoute(0, new Route("/", "", "q"))));
        ChunkCodec.writeInline(w.varint(1), 1);
        MessageRecord.writeHeader(w, 0, 0, 0, 3);
        w.raw(new byte[] {7, 8, 9}, 0, 3);
        ChunkBody body = ChunkCodec.body(with(w.toBytes(), UNKNOWN), () -> null);
        assertEquals(1, body.count());
        assertEquals(3, MessageRecord.bodyLength(body.bytes(), body.at(0)));
        ByteWriter other = new ByteWriter().raw(w.array(), 0, w.size());
        other.array()[0] = 3;
        String text = assertThrows(UnknownFormatException.class, () -> ChunkCodec.body(other.toBytes(), () -> null))
                .getMessage();
        assertTrue(text.startsWith("A chunk of version 3, and this version of TallyMQ reads 1 to 2:"), text);
    }
}
