package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Arguments;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadersMatchTest {
    private static Map<String, Object> map(Object... pairs) {
        Map<String, Object> m = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            m.put((String) pairs[i], pairs[i + 1]);
        }
        return m;
    }

    private static boolean matches(Map<String, Object> binding, Map<String, Object> headers) {
        return HeadersMatch.of(new Arguments(binding)).matches(headers);
    }

    /** Binding a=1, b=2, x-c=3 in each mode against headers as listed. */
    @ParameterizedTest
    @CsvSource({
        // headers, none, all, any, all-with-x, any-with-x
        "'',        false, false, false, false, false",
        "a1,        false, false, true,  false, true",
        "a1 b2,     true,  true,  true,  false, true",
        "a1 b2 d4,  true,  true,  true,  false, true",
        "a1 b3,     false, false, true,  false, true",
        "a2 b1,     false, false, false, false, false",
        "x-c3,      false, false, false, false, true",
        "a1 b2 x-c3,true,  true,  true,  true,  true",
        "a1 b2 x-c4,true,  true,  true,  false, true",
    })
    void modes(String headers, boolean none, boolean all, boolean any, boolean allX, boolean anyX) {
        Map<String, Object> h = new TreeMap<>();
        for (String s : headers.isBlank() ? new String[0] : headers.split(" ")) {
            h.put(s.substring(0, s.length() - 1), Long.parseLong(s.substring(s.length() - 1)));
        }
        Map<String, Object> b = map("a", 1L, "b", 2L, "x-c", 3L);
        assertEquals(none, matches(b, h));
        Map<String, Boolean> modes = Map.of("all", all, "any", any, "all-with-x", allX, "any-with-x", anyX);
        modes.forEach((mode, expected) -> {
            b.put("x-match", mode);
            assertEquals(expected, matches(b, h), mode);
        });
    }

    @Test
    void withoutPairsAllMatchesAndAnyDoesNot() {
        assertTrue(matches(map(), map("a", 1L)));
        assertTrue(matches(map("x-other", 1L), map()));
        assertFalse(matches(map("x-match", "any"), map("a", 1L)));
        assertFalse(matches(map("x-match", "any", "x-other", 1L), map("x-other", 1L)));
    }

    @Test
    void noValueAsksForPresence() {
        assertTrue(matches(map("a", null), map("a", "anything")));
        assertTrue(matches(map("a", null), map("a", null)));
        assertFalse(matches(map("a", null), map("b", "anything")));
        assertFalse(matches(map("a", "anything"), map("a", null)));
    }

    @Test
    void numbersAreEqualByValueAndTextByOctets() {
        assertEqual(1L, 1.0);
        assertEqual(0.0, -0.0);
        assertEqual(new Arguments.Timestamp(5), 5L);
        assertEqual("é", new byte[] {(byte) 0xc3, (byte) 0xa9});
        assertEqual(new byte[] {(byte) 0xff}, new byte[] {(byte) 0xff});
        assertDifferent(1L, 1.5);
        assertDifferent((1L << 53) + 1, 0x1p53);
        assertDifferent(Long.MAX_VALUE, 0x1p63);
        assertDifferent(Double.NaN, 0L);
        assertDifferent(1L, "1");
        assertDifferent(1L, true);
        assertDifferent("true", true);
        assertDifferent("a", "A");
    }

    @Test
    void listsAndTablesAreEqualInDepthWithTypes() {
        assertEqual(List.of(1L, "a", List.of(2.0)), List.of(1L, "a", List.of(2.0)));
        assertEqual(map("a", Arrays.asList(null, true)), map("a", Arrays.asList(null, true)));
        assertEqual(List.of(new byte[] {1}), List.of(new byte[] {1}));
        assertDifferent(List.of(1L), List.of(1.0));
        assertDifferent(List.of(1L), List.of(1L, 2L));
        assertDifferent(List.of(1L, 2L), List.of(2L, 1L));
        assertDifferent(List.of(), map());
        assertDifferent(map("a", 1L), map("a", 1L, "b", 1L));
        assertDifferent(map("a", null), map("b", null));
        assertDifferent(List.of(new byte[] {1}), List.of("\u0001"));
    }

    private static void assertEqual(Object a, Object b) {
        assertTrue(matches(map("h", a), map("h", b)), a + " and " + b);
        assertTrue(matches(map("h", b), map("h", a)), b + " and " + a);
    }

    private static void assertDifferent(Object a, Object b) {
        assertFalse(matches(map("h", a), map("h", b)), a + " and " + b);
        assertFalse(matches(map("h", b), map("h", a)), b + " and " + a);
    }
}
