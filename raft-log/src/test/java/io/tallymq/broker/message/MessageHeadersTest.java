package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.RawProperties.Typed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MessageHeadersTest {
    private static Map<String, Object> decode(byte[] b) {
        Map<String, Object> all = MessageHeaders.decode(b, 0, b.length);
        Map<String, Object> some = new TreeMap<>(all);
        List.of("h", "a", "none", "\u00e9", "a\u00e9").forEach(name -> some.putIfAbsent(name, null));
        some.forEach((name, value) ->
                assertEquals(plain(value), plain(MessageHeaders.one(b, 0, b.length, name)), () -> name + " of " + all));
        return all;
    }

    /** Arrays are not equal to each other. */
    private static Object plain(Object value) {
        if (value instanceof byte[] octets) {
            return new String(octets, StandardCharsets.ISO_8859_1);
        } else if (value instanceof List<?> list) {
            return Arrays.asList(list.stream().map(MessageHeadersTest::plain).toArray());
        } else if (value instanceof Map<?, ?> map) {
            return map.keySet() + " " + plain(new ArrayList<>(map.values()));
        }
        return value;
    }

    @Test
    void aNameThatIsNotUtf8IsFound() {
        byte[] latin = {1 << 5, 0, 0, 0, 0, 4, 1, (byte) 0xe9, 't', 1};
        assertEquals(Map.of("\u00e9", true), decode(latin));
        byte[] utf8 = {1 << 5, 0, 0, 0, 0, 5, 2, (byte) 0xc3, (byte) 0xa9, 't', 1};
        assertEquals(Map.of("\u00e9", true), decode(utf8));
    }

    private static Object decodeValue(Object v) {
        Map<String, Object> m = decode(RawProperties.headers(Collections.singletonMap("h", v)));
        assertEquals(List.of("h"), List.copyOf(m.keySet()));
        return m.get("h");
    }

    @Test
    void everyTypeHasItsPlainValue() {
        assertEquals("text", decodeValue("text"));
        assertEquals(-5L, decodeValue(-5));
        assertEquals(1L << 40, decodeValue(1L << 40));
        assertEquals(-1L, decodeValue(new Typed('b', -1)));
        assertEquals(255L, decodeValue(new Typed('B', 255)));
        assertEquals(-2L, decodeValue(new Typed('s', -2)));
        assertEquals(65_534L, decodeValue(new Typed('u', 65_534)));
        assertEquals(4_000_000_000L, decodeValue(new Typed('i', 4_000_000_000L)));
        assertEquals(-9L, decodeValue(new Typed('L', -9)));
        assertEquals(0.5, decodeValue(new Typed('f', 0.5)));
        assertEquals(0.1, decodeValue(0.1));
        assertEquals(-1.23, decodeValue(new Typed('D', -123)));
        assertEquals(true, decodeValue(true));
        assertEquals(null, decodeValue(null));
        assertEquals(new Arguments.Timestamp(-7), decodeValue(new Arguments.Timestamp(-7)));
        assertArrayEquals(new byte[] {1, 2}, (byte[]) decodeValue(new byte[] {1, 2}));
        assertEquals(Arrays.asList(1L, null, List.of()), decodeValue(Arrays.asList(1, null, List.of())));
        assertEquals(Map.of("a", Map.of("b", 1L)), decodeValue(Map.of("a", Map.of("b", 1))));
    }

    /** What names a message is stored, and compared on nodes that may have different versions of Java: 2e23 has another text from 19 on. */
    @Test
    void aKeyIsNoQuestionOfTheVersionOfJava() {
        assertEquals("D0x1.52d02c7e14af6p77", MessageHeaders.key(2e23));
        assertEquals("D0x1.8p0", MessageHeaders.key(1.5));
        assertEquals("D7.0", MessageHeaders.key(7.0));
        assertEquals("D0.0", MessageHeaders.key(-0.0));
        assertEquals("DNaN", MessageHeaders.key(Double.NaN));
        assertEquals("L7", MessageHeaders.key(7L));
    }

    @Test
    void stringsThatAreNotUtf8StayOctets() {
        byte[] latin = {'a', (byte) 0xe9};
        assertArrayEquals(latin, (byte[]) decodeValue(new Typed('S', latin)));
        assertEquals("\uFFFD", decodeValue("\uFFFD"));
    }

    @Test
    void headersAreFoundBehindOtherPropertiesAndAnOffset() {
        ByteWriter w = new ByteWriter();
        w.raw(new byte[7], 0, 7);
        // flags: content-type, content-encoding, headers, delivery-mode; continued once
        w.uint16(1 << 15 | 1 << 14 | 1 << 13 | 1 << 12 | 1).uint16(0);
        RawProperties.shortString(w, "text/plain");
        RawProperties.shortString(w, "");
        RawProperties.table(w, Map.of("a", 1));
        w.uint8(2).raw(new byte[5], 0, 5);
        assertEquals(Map.of("a", 1L), MessageHeaders.decode(w.array(), 7, w.size() - 12));
    }

    @Test
    void noHeadersPropertyIsNoHeaders() {
        assertEquals(Map.of(), decode(new byte[] {0, 0}));
        assertEquals(Map.of(), decode(new byte[] {0x10, 0, 2}));
        assertEquals(Map.of(), decode(new byte[0]));
    }

    @Test
    void ofANameThatComesTwiceTheLastValueCounts() {
        ByteWriter w = new ByteWriter();
        w.uint16(1 << 13).int32(8);
        w.uint8(1).raw(new byte[] {'a', 'b', 1}, 0, 3);
        w.uint8(1).raw(new byte[] {'a', 'b', 2}, 0, 3);
        assertEquals(Map.of("a", 2L), decode(w.toBytes()));
    }

    @Test
    void depthAndElementsAreLimited() {
        assertEquals(
                1,
                decode(RawProperties.headers(Map.of("a", nested(MessageHeaders.MAX_DEPTH - 1))))
                        .size());
        assertEquals(Map.of(), decode(RawProperties.headers(Map.of("a", nested(MessageHeaders.MAX_DEPTH)))));
        List<Object> most = new ArrayList<>(Collections.nCopies(MessageHeaders.MAX_ELEMENTS - 1, null));
        assertEquals(most, decode(RawProperties.headers(Map.of("a", most))).get("a"));
        most.add(null);
        assertEquals(Map.of(), decode(RawProperties.headers(Map.of("a", most))));
    }

    /** Whoever publishes has less than what is read: the broker adds to it. */
    @Test
    void whatIsBuiltHasRoomForMore() {
        int most = MessageHeaders.MOST_PUBLISHED_ELEMENTS;
        List<Object> values = new ArrayList<>(Collections.nCopies(most - 1, null));
        byte[] built = PropertiesBuilder.build(Map.of("headers", Map.of("a", values)));
        assertEquals(most, MessageHeaders.elements(built, 0, built.length));
        values.add(null);
        Map<String, Object> more = Map.of("headers", Map.of("a", values));
        String text = assertThrows(IllegalArgumentException.class, () -> PropertiesBuilder.build(more))
                .getMessage();
        assertTrue(text.contains("more than " + most), text);
    }

    /** Alternating arrays and tables, {@code depth} of them. */
    private static Object nested(int depth) {
        Object v = 1;
        for (int i = 0; i < depth; i++) {
            v = i % 2 == 0 ? List.of(v) : Map.of("n", v);
        }
        return v;
    }

    @Test
    void depthDoesNotUseUpTheStack() {
        ByteWriter w = new ByteWriter();
        int depth = 10_000;
        w.uint16(1 << 13).int32(2 + 5 * depth).uint8(1).uint8('a');
        for (int i = 1; i <= depth; i++) {
            w.uint8('A').int32(5 * (depth - i));
        }
        assertEquals(Map.of(), decode(w.toBytes()));
    }

    @Test
    void cutOrChangedBytesNeverThrow() {
        byte[] whole = RawProperties.headers(new TreeMap<>(Map.of(
                "a", "text", "b", List.of(1, Map.of("c", 2L)), "d", new byte[] {1}, "e", 1.0, "f", new Typed('D', 7))));
        assertEquals(5, decode(whole).size());
        for (int n = 0; n < whole.length; n++) {
            assertEquals(Map.of(), MessageHeaders.decode(whole, 0, n), "cut at " + n);
        }
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            byte[] b = whole.clone();
            for (int k = random.nextInt(4); k >= 0; k--) {
                b[2 + random.nextInt(b.length - 2)] = (byte) random.nextInt(256);
            }
            assertNotNull(decode(b));
        }
        for (int i = 0; i < 100_000; i++) {
            byte[] b = new byte[random.nextInt(40)];
            random.nextBytes(b);
            assertNotNull(decode(b));
        }
    }
}
