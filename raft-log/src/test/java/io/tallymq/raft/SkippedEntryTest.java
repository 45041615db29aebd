package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Commands;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.message.UnreadableEntryException;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** An entry that nobody can read ends every node at each start, until it is named. */
class SkippedEntryTest {
    private static final int POISON = 2;

    private long seq;

    private static BrokerRuntime node(MemoryStore store, long skipEntry) {
        LocalLog log = new LocalLog("n9", () -> 1_000, store.applied());
        return new BrokerRuntime(
                new BrokerRuntime.Parts(
                        "n9",
                        store,
                        log,
                        new Epochs(() -> 1, () -> 1),
                        new SystemPlatform(),
                        RuntimeTuning.DEFAULTS.withSkipEntry(skipEntry)),
                new BrokerMachine(store),
                log);
    }

    private byte[] batch(Consumer<ByteWriter> commands) {
        ByteWriter w = new ByteWriter();
        BatchCodec.begin(w, Commands.utf8("n1"));
        commands.accept(w);
        int trailer = w.size();
        w.varint(0).varint(0).varint(0).varint(0);
        BatchCodec.finish(w, 5, seq++, trailer);
        return w.toBytes();
    }

    private static void declare(ByteWriter w, String exchange) {
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        CommandCodec.write(w, "n1", new DeclareExchange("/", exchange, spec, false));
    }

    private byte[] up(long epoch) {
        seq = 0;
        return batch(w -> CommandCodec.write(w, "n1", new NodeUp("n1", epoch)));
    }

    /** Its first command is good. */
    private byte[] poison() {
        return batch(w -> {
            declare(w, "first");
            w.uint8(0xEE);
            declare(w, "last");
        });
    }

    private static void apply(BrokerRuntime node, long index, byte[] entry) {
        node.apply(1, index, entry, 0, entry.length);
    }

    private static boolean has(BrokerRuntime node, String exchange) {
        return node.read(v -> v.exchanges().stream().anyMatch(x -> x.name().equals(exchange)));
    }

    @Test
    void whatNobodyCanReadIsPassedOverOnceItIsNamed() {
        MemoryStore store = new MemoryStore();
        BrokerRuntime first = node(store, RuntimeTuning.NO_ENTRY);
        apply(first, 1, up(5));
        first.flush();
        byte[] poison = poison();
        Exception why = assertThrows(UnreadableEntryException.class, () -> apply(first, POISON, poison));
        assertTrue(why.getMessage().contains("Entry 2 "), why.getMessage());
        assertTrue(why.getMessage().contains("raft.skip-entry"), why.getMessage());
        first.close();

        BrokerRuntime another = node(store.copy(), POISON + 1);
        assertThrows(UnreadableEntryException.class, () -> apply(another, POISON, poison), "another one was named");
        another.close();

        BrokerRuntime named = node(store.copy(), POISON);
        BrokerRuntime replica = node(store.copy(), POISON);
        byte[] later = batch(w -> declare(w, "later"));
        seq = 0;
        for (BrokerRuntime node : new BrokerRuntime[] {named, replica}) {
            apply(node, POISON, poison);
            node.flush();
            assertEquals(POISON, (long) node.read(BrokerView::appliedIndex));
            assertTrue(!has(node, "first"), "nothing of it is carried out");
            apply(node, POISON + 1, later);
            assertTrue(!has(node, "later"), "a gap: its node starts anew");
        }
        assertEquals((long) named.read(BrokerView::digest), (long) replica.read(BrokerView::digest));
        named.close();
        replica.close();
    }

    @Test
    void whatCanBeReadIsAppliedThoughItIsNamed() {
        BrokerRuntime node = node(new MemoryStore(), POISON);
        apply(node, 1, up(5));
        apply(node, POISON, batch(w -> declare(w, "first")));
        assertTrue(has(node, "first"));
        node.close();
    }

    /** A later version may have carried it out. */
    @Test
    void whatALaterVersionWroteIsNotPassedOver() {
        BrokerRuntime node = node(new MemoryStore(), POISON);
        apply(node, 1, up(5));
        byte[] entry = batch(w -> {
            ByteWriter command = new ByteWriter();
            declare(command, "first");
            w.raw(command.array(), 0, command.size() - 1); // without the end of its fields
            w.varint(7).bytes(new byte[] {1}).uint8(0);
        });
        assertThrows(UnknownFormatException.class, () -> apply(node, POISON, entry));
        node.close();
    }

    @Test
    void garbageIsPassedOver() {
        BrokerRuntime node = node(new MemoryStore(), POISON);
        apply(node, 1, up(5));
        apply(node, POISON, new byte[] {1, 2, 3});
        assertEquals(POISON, (long) node.read(BrokerView::appliedIndex));
        node.close();
    }
}
