package io.tallymq.broker.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.message.UnreadableEntryException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CommandCodecTest {
    private static List<Route> routes(Command c) {
        if (c instanceof CommitTx tx) {
            return tx.publishes().routes();
        }
        return c instanceof Publish p ? p.routes() : List.of();
    }

    @ParameterizedTest
    @EnumSource(CommandKind.class)
    void whatIsWrittenIsRead(CommandKind kind) {
        for (int seed = 0; seed < 500; seed++) {
            Command c = new Commands(seed).make(kind);
            ByteWriter w = new ByteWriter(1);
            CommandCodec.write(w, "n1", c);
            ByteReader r = new ByteReader(w.toBytes());
            Command back = CommandCodec.read(r, new InBatch("n1", routes(c), Origins.NONE));
            assertFalse(r.hasRemaining(), () -> "bytes left behind after " + c);
            assertEquals(Commands.show(c), Commands.show(back), "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(CommandKind.class)
    void aCommandCutShortIsNotRead(CommandKind kind) {
        Command c = new Commands(7).make(kind);
        ByteWriter w = new ByteWriter();
        CommandCodec.write(w, "n1", c);
        for (int length = 0; length < w.size(); length++) {
            ByteReader r = new ByteReader(w.array(), 0, length);
            assertThrows(
                    RuntimeException.class, () -> CommandCodec.read(r, new InBatch("n1", routes(c), Origins.NONE)));
        }
    }

    /** What a newer program added to a command is passed over, or stops the node: never taken for the next command. */
    @ParameterizedTest
    @EnumSource(
            value = CommandKind.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"PUBLISH", "SETTLE", "CREDIT", "COMMIT_TX"})
    void addedFieldsArePassedOverIfTheyMayBe(CommandKind kind) {
        Command c = new Commands(3).make(kind);
        ByteWriter w = new ByteWriter();
        CommandCodec.write(w, "n1", c);
        byte[] plain = w.toBytes();
        assertEquals(0, plain[plain.length - 1], "the end of its fields");
        byte[] optional = concat(plain, HexFormat.of().parseHex("c801020505" + "cd0100" + "00" + "3201" + "00"));
        ByteReader r = new ByteReader(optional);
        assertEquals(Commands.show(c), Commands.show(CommandCodec.read(r, new InBatch("n1", routes(c), Origins.NONE))));
        assertEquals(new Probe(true), CommandCodec.read(r, new InBatch("n1", List.of(), Origins.NONE)));
        byte[] needed = concat(plain, HexFormat.of().parseHex("07020505" + "00"));
        assertThrows(
                UnknownFormatException.class,
                () -> CommandCodec.read(new ByteReader(needed), new InBatch("n1", routes(c), Origins.NONE)));
    }

    /** In the place of the zero that ends the first. */
    private static byte[] concat(byte[] first, byte[] more) {
        return new ByteWriter()
                .raw(first, 0, first.length - 1)
                .raw(more, 0, more.length)
                .toBytes();
    }

    @Test
    void theOwnNodesNameTakesOneByte() {
        ByteWriter own = new ByteWriter();
        CommandCodec.write(own, "a-long-name", new NodeUp("a-long-name", 1));
        assertEquals(4, own.size());
    }

    @Test
    void anUnknownKindStopsTheReader() {
        UnreadableEntryException e = assertThrows(
                UnreadableEntryException.class,
                () -> CommandCodec.read(
                        new ByteReader(new byte[] {99, 0}), new InBatch("n1", List.of(), Origins.NONE)));
        assertTrue(e.getMessage().contains("kind 99"), e.getMessage());
    }

    @Test
    void anUnknownOutcomeStopsTheReader() {
        byte[] settle = {(byte) CommandKind.SETTLE.code(), 5, 9, 0};
        assertThrows(
                UnreadableEntryException.class,
                () -> CommandCodec.read(new ByteReader(settle), new InBatch("n1", List.of(), Origins.NONE)));
    }

    /** Bytes that a released version may have written: they have to be read for ever, so a line is never changed. */
    @Test
    void recordedBytesAreRead() {
        Map<CommandKind, List<String>> recorded = new TreeMap<>();
        GoldenCommands.LINES.forEach(line -> {
            String[] parts = line.split(" \\| ", 2);
            byte[] bytes = HexFormat.of().parseHex(parts[0]);
            ByteReader r = new ByteReader(bytes);
            List<Route> routes = List.of(new Route("v", "e", "k"), new Route("v", "e", "k2"));
            Command c = CommandCodec.read(r, new InBatch("n1", routes, Origins.NONE));
            assertEquals(parts[1], Commands.show(c));
            assertFalse(r.hasRemaining(), line);
            recorded.computeIfAbsent(c.kind(), k -> new ArrayList<>()).add(line);
        });
        for (CommandKind k : CommandKind.values()) {
            assertTrue(recorded.containsKey(k), "record the bytes of a command of kind " + k);
        }
    }

    @Test
    void codesAreUnique() {
        for (CommandKind k : CommandKind.values()) {
            assertEquals(k, CommandKind.of(k.code()));
        }
    }
}
