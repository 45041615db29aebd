package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.FieldValue.NoValue;
import io.tallymq.amqp.wire.FieldValue.Timestamp;
import io.tallymq.amqp.wire.FieldValue.UInt16;
import io.tallymq.amqp.wire.FieldValue.UInt32;
import io.tallymq.amqp.wire.FieldValue.UInt8;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldTableTest {
    /** Every type with its octets: name "k", type, value. */
    private static Map<String, Object> everyType() {
        Map<String, Object> types = new LinkedHashMap<>();
        types.put("53" + "00000002c3a4", "ä");
        types.put("53" + "00000001ff", LongString.copyOf(new byte[] {-1}));
        types.put("54" + "ffffffffffffffff", new Timestamp(-1));
        types.put("62" + "80", Byte.MIN_VALUE);
        types.put("42" + "ff", new UInt8(255));
        types.put("73" + "8000", Short.MIN_VALUE);
        types.put("75" + "ffff", new UInt16(65_535));
        types.put("49" + "80000000", Integer.MIN_VALUE);
        types.put("69" + "ffffffff", new UInt32(0xFFFF_FFFFL));
        types.put("6c" + "8000000000000000", Long.MIN_VALUE);
        types.put("66" + "3fc00000", 1.5f);
        types.put("64" + "3ff8000000000000", 1.5);
        types.put("74" + "01", true);
        types.put("74" + "00", false);
        types.put("44" + "02ffffffff", new BigDecimal("-0.01"));
        types.put("44" + "ff7fffffff", BigDecimal.valueOf(Integer.MAX_VALUE, 255));
        types.put("46" + "00000000", FieldTable.EMPTY);
        types.put("46" + "00000003016b56", FieldTable.of(Map.of("k", NoValue.VOID)));
        types.put("41" + "00000003566207", List.of(NoValue.VOID, (byte) 7));
        types.put("78" + "00000002ff00", ByteArray.copyOf(new byte[] {-1, 0}));
        types.put("56", NoValue.VOID);
        return types;
    }

    @Test
    void everyTypeHasItsOctets() throws WireException {
        for (Map.Entry<String, Object> type : everyType().entrySet()) {
            byte[] octets = HexFormat.of().parseHex("016b" + type.getKey());
            FieldTable table = FieldTable.decode(octets);
            assertEquals(type.getValue(), table.get("k"), type.getKey());
            assertArrayEquals(octets, table.toByteArray(), type.getKey());
            assertArrayEquals(
                    octets, FieldTable.of(Map.of("k", type.getValue())).toByteArray());
            FieldTable.check(octets, 0, octets.length);
        }
    }

    @Test
    void bothWaysToWriteALongAreRead() throws WireException {
        FieldTable upper = FieldTable.decode(HexFormat.of().parseHex("016b" + "4c" + "0000000000000009"));
        assertEquals(FieldTable.of(Map.of("k", 9L)), upper);
        assertEquals("016b6c0000000000000009", HexFormat.of().formatHex(upper.toByteArray()));
    }

    @Test
    void decodeUndoesEncode() throws WireException {
        for (long seed = 0; seed < 2000; seed++) {
            FieldTable table = new RandomTables(seed).table();
            byte[] octets = table.toByteArray();
            FieldTable.check(octets, 0, octets.length);
            FieldTable again = FieldTable.decode(octets);
            assertEquals(table, again, () -> "table " + table);
            assertEquals(table.hashCode(), again.hashCode());
            assertEquals(
                    List.copyOf(table.fields().keySet()),
                    List.copyOf(again.fields().keySet()));
            assertArrayEquals(octets, again.toByteArray());
        }
    }

    @Test
    void everyTruncationOfATableIsAFrameErrorOrAShorterTable() throws WireException {
        for (long seed = 0; seed < 200; seed++) {
            byte[] octets = new RandomTables(seed).table().toByteArray();
            for (int length = 0; length < octets.length; length++) {
                byte[] cut = Arrays.copyOf(octets, length);
                assertEquals(checks(cut), decodes(cut));
            }
            // With the length in front nothing is a shorter table.
            ByteBuf sized = Unpooled.buffer();
            sized.writeShort(60)
                    .writeShort(20)
                    .writeShort(0)
                    .writeByte(0)
                    .writeByte(0)
                    .writeByte(0);
            FieldTable.decode(octets).encode(sized);
            for (int length = 4; length < sized.readableBytes(); length++) {
                ByteBuf cut = sized.slice(0, length);
                WireException e = assertThrows(WireException.class, () -> new MethodCodec().decode(cut));
                assertEquals(ReplyCode.FRAME_ERROR, e.code());
            }
        }
    }

    @Test
    void anEncodedTableIsWhatTheRabbitMqClientReads() throws IOException {
        FieldTable table = FieldTable.builder()
                .put("text", "ä")
                .put("long", 1L)
                .put("int", 2)
                .put("byte", (byte) 3)
                .put("bool", true)
                .put("array", List.of(1, 2L))
                .put("table", Map.of("inner", "x"))
                .put("void", NoValue.VOID)
                .put("unsigned", new UInt32(4_000_000_000L))
                .put("decimal", new BigDecimal("1.25"))
                .build();
        ByteBuf out = Unpooled.buffer();
        table.encode(out);
        Map<String, Object> read = new ValueReader(
                        new DataInputStream(new ByteArrayInputStream(out.array(), 0, out.readableBytes())))
                .readTable();
        assertEquals("ä", read.get("text").toString());
        assertEquals(1L, read.get("long"));
        assertEquals(2, read.get("int"));
        assertEquals((byte) 3, read.get("byte"));
        assertEquals(true, read.get("bool"));
        assertEquals(List.of(1, 2L), read.get("array"));
        assertEquals("x", ((Map<?, ?>) read.get("table")).get("inner").toString());
        assertTrue(read.containsKey("void"));
        assertEquals(4_000_000_000L, read.get("unsigned"));
        assertEquals(new BigDecimal("1.25"), read.get("decimal"));
    }

    @Test
    @SuppressWarnings("JavaUtilDate") // the RabbitMQ client speaks it
    void aTableOfTheRabbitMqClientIsRead() throws Exception {
        Map<String, Object> theirs = new LinkedHashMap<>();
        theirs.put("s", "text");
        theirs.put("date", new java.util.Date(5000));
        theirs.put("bytes", new byte[] {1});
        theirs.put("null", null);
        theirs.put("list", Arrays.asList(1.5f, 1.5, (short) 2, Map.of("a", false)));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ValueWriter writer = new ValueWriter(new DataOutputStream(bytes));
        writer.writeTable(theirs);
        writer.flush();
        byte[] octets = bytes.toByteArray();
        FieldTable table = FieldTable.decode(octets, 4, octets.length - 4);
        FieldTable expected = FieldTable.builder()
                .put("s", "text")
                .put("date", new Timestamp(5))
                .put("bytes", ByteArray.copyOf(new byte[] {1}))
                .put("null", NoValue.VOID)
                .put("list", List.of(1.5f, 1.5, (short) 2, Map.of("a", false)))
                .build();
        assertEquals(expected, table);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01", // a name that is not there
                "026b", // half a name
                "016b", // no type
                "016b74", // no value
                "016b55" + "0000", // no such type
                "016b53" + "00000002" + "61", // longer than the table
                "016b53" + "ffffffff", // a negative length
                "016b78" + "7fffffff", // overflows
                "016b46" + "00000004" + "016b5300000000", // the inner table ends inside its field
                "016b46" + "00000007" + "016b53" + "00000003"
                        + "016b56", // longer than the inner table, not than the outer
                "016b41" + "00000005" + "78" + "00000003" + "016b56", // the same in an array
                "016b41" + "00000002" + "7353", // the array ends inside its element
                "016b44" + "01000000", // half a decimal
            })
    void malformedTablesAreFrameErrors(String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        assertEquals(ReplyCode.FRAME_ERROR, decodes(octets));
        assertEquals(ReplyCode.FRAME_ERROR, checks(octets));
    }

    /** Other brokers let names pass that are not UTF-8, so do we: octet by octet, and two names stay two. */
    @Test
    void namesThatAreNotUtf8AreTaken() throws WireException {
        byte[] octets = HexFormat.of().parseHex("02c341" + "56" + "02c441" + "56" + "02c3a4" + "56");
        FieldTable.check(octets, 0, octets.length);
        FieldTable table = FieldTable.decode(octets);
        assertTrue(table.has("\u00c3A") && table.has("\u00c4A") && table.has("\u00e4"), table.toString());
    }

    @ParameterizedTest
    @CsvSource({"31,F,true", "32,F,false", "31,A,true", "32,A,false", "10000,F,false", "10000,A,false"})
    void nestingHasALimit(int inner, char type, boolean accepted) {
        byte[] octets = nested(inner, type);
        assertEquals(accepted ? null : ReplyCode.FRAME_ERROR, decodes(octets));
        assertEquals(accepted ? null : ReplyCode.FRAME_ERROR, checks(octets));
    }

    /** An outer table and within it as many tables or arrays as asked for. */
    private static byte[] nested(int inner, char type) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < inner; i++) {
            boolean inTable = i == 0 || type == 'F';
            if (inTable) {
                out.writeByte(1).writeByte('k');
            }
            int rest = (inner - i - 1) * (type == 'F' ? 7 : 5);
            out.writeByte(type).writeInt(rest);
        }
        byte[] octets = new byte[out.readableBytes()];
        out.readBytes(octets);
        return octets;
    }

    @Test
    void tooDeepTablesCannotBeBuilt() {
        Object value = List.of();
        for (int i = 0; i < FieldTable.MAX_DEPTH - 2; i++) {
            value = List.of(value);
        }
        Object deepest = value;
        assertEquals(FieldTable.MAX_DEPTH, FieldTable.of(Map.of("k", deepest)).depth());
        FieldTable full = FieldTable.of(Map.of("k", deepest));
        assertThrows(IllegalArgumentException.class, () -> FieldTable.of(Map.of("k", List.of(deepest))));
        assertThrows(IllegalArgumentException.class, () -> FieldTable.of(Map.of("k", full)));
        assertThrows(IllegalArgumentException.class, () -> FieldTable.of(Map.of("k", Map.of("k", deepest))));
    }

    @Test
    void elementsHaveALimitEvenWithoutWidth() {
        assertNull(decodes(voids(FieldTable.MAX_ELEMENTS - 1)));
        assertNull(checks(voids(FieldTable.MAX_ELEMENTS - 1)));
        assertEquals(ReplyCode.FRAME_ERROR, decodes(voids(FieldTable.MAX_ELEMENTS)));
        assertEquals(ReplyCode.FRAME_ERROR, checks(voids(FieldTable.MAX_ELEMENTS)));
    }

    /** A table with one array of that many fields without value. */
    private static byte[] voids(int count) {
        ByteBuf out = Unpooled.buffer();
        out.writeByte(1).writeByte('k').writeByte('A').writeInt(count);
        for (int i = 0; i < count; i++) {
            out.writeByte('V');
        }
        byte[] octets = new byte[out.readableBytes()];
        out.readBytes(octets);
        return octets;
    }

    @Test
    void ofANameThatWasSentTwiceTheLastValueCounts() throws WireException {
        FieldTable table = FieldTable.decode(HexFormat.of().parseHex("016b6201" + "016b6202"));
        assertEquals(FieldTable.of(Map.of("k", (byte) 2)), table);
    }

    @Test
    void gettersKnowTypes() {
        FieldTable table = FieldTable.builder()
                .put("s", "text")
                .put("raw", LongString.copyOf(new byte[] {-1}))
                .put("t", true)
                .put("b", (byte) -1)
                .put("h", (short) -2)
                .put("i", -3)
                .put("l", -4L)
                .put("ub", new UInt8(255))
                .put("us", new UInt16(65_535))
                .put("ui", new UInt32(4_294_967_295L))
                .put("f", 1f)
                .put("F", Map.of("x", 1))
                .build();
        assertEquals("text", table.getString("s"));
        assertEquals("\uFFFD", table.getString("raw"));
        assertNull(table.getString("t"));
        assertNull(table.getString("absent"));
        assertTrue(table.getBoolean("t", false));
        assertTrue(table.getBoolean("s", true));
        assertFalse(table.getBoolean("absent", false));
        assertEquals(OptionalLong.of(-1), table.getLong("b"));
        assertEquals(OptionalLong.of(-2), table.getLong("h"));
        assertEquals(OptionalLong.of(-3), table.getLong("i"));
        assertEquals(OptionalLong.of(-4), table.getLong("l"));
        assertEquals(OptionalLong.of(255), table.getLong("ub"));
        assertEquals(OptionalLong.of(65_535), table.getLong("us"));
        assertEquals(OptionalLong.of(4_294_967_295L), table.getLong("ui"));
        assertEquals(OptionalLong.empty(), table.getLong("f"));
        assertEquals(OptionalLong.empty(), table.getLong("absent"));
        assertEquals(FieldTable.of(Map.of("x", 1)), table.getTable("F"));
        assertNull(table.getTable("s"));
        assertTrue(table.has("f"));
        assertEquals(12, table.size());
    }

    @Test
    void onlyWhatTheWireCanCarryGoesIn() {
        List<Object> wrong = new ArrayList<>(List.of(
                new Object(),
                'c',
                new BigDecimal("1e3"),
                new BigDecimal("3000000000"),
                BigDecimal.valueOf(1, 256),
                Map.of(1, "key is no text"),
                Map.of("k".repeat(256), 1)));
        for (Object value : wrong) {
            assertThrows(IllegalArgumentException.class, () -> FieldTable.of(Map.of("k", value)), value::toString);
        }
        assertThrows(IllegalArgumentException.class, () -> FieldTable.of(Collections.singletonMap("k", null)));
        assertThrows(IllegalArgumentException.class, () -> new UInt8(256));
        assertThrows(IllegalArgumentException.class, () -> new UInt16(-1));
        assertThrows(IllegalArgumentException.class, () -> new UInt32(1L << 32));
        assertEquals(1, FieldTable.of(Map.of("k".repeat(255), 1)).size());
    }

    @Test
    void tablesDoNotChange() {
        Map<String, Object> source = new LinkedHashMap<>(Map.of("k", new ArrayList<>(List.of(1))));
        FieldTable table = FieldTable.of(source);
        source.put("other", 2);
        ((List<?>) source.get("k")).clear();
        assertEquals(FieldTable.of(Map.of("k", List.of(1))), table);
        assertThrows(UnsupportedOperationException.class, () -> table.fields().clear());
        assertThrows(UnsupportedOperationException.class, () -> ((List<?>) table.get("k")).clear());
        assertNotEquals(FieldTable.EMPTY, table);
        assertSame(FieldTable.EMPTY, FieldTable.of(Map.of()));
    }

    private static ReplyCode decodes(byte[] octets) {
        try {
            FieldTable.decode(octets);
            return null;
        } catch (WireException e) {
            return e.code();
        }
    }

    private static ReplyCode checks(byte[] octets) {
        try {
            FieldTable.check(octets, 0, octets.length);
            return null;
        } catch (WireException e) {
            return e.code();
        }
    }
}
