package io.tallymq.node.config.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueTypesTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "1B, 1",
        "1KiB, 1024",
        "16MiB, 16777216",
        "2 GiB, 2147483648",
        "1TiB, 1099511627776",
        "1kB, 1000",
        "50MB, 50000000",
        "3GB, 3000000000",
        "1TB, 1000000000000"
    })
    void sizes(String text, long bytes) {
        assertEquals(Parsed.ok(bytes), Sizes.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5MiB", "MiB", "1 mib", "1K", "99999999999999999TiB", "0x10", "1MiB 2"})
    void notSizes(String text) {
        assertInstanceOf(Parsed.Bad.class, Sizes.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0B, 0", "1000B, 1000", "8KiB, 8192", "16MiB, 16777216", "1536KiB, 1572864", "2GiB, 2147483648"})
    void sizesAreWrittenExactly(String text, long bytes) {
        assertEquals(text, Sizes.format(bytes));
        assertEquals(Parsed.ok(bytes), Sizes.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0s, 0", "500ms, 500", "10s, 10000", "5m, 300000", "1h, 3600000", "2 d, 172800000"})
    void durations(String text, long millis) {
        assertEquals(Parsed.ok(Duration.ofMillis(millis)), Durations.parse(text));
    }

    @Test
    void aDurationWithoutUnitSaysWhichUnitsThereAre() {
        Parsed.Bad<Duration> bad = assertInstanceOf(Parsed.Bad.class, Durations.parse("10"));
        assertTrue(bad.reason().contains("10s for seconds"), bad.reason());
        assertInstanceOf(Parsed.Bad.class, Durations.parse("10 weeks"));
        assertInstanceOf(Parsed.Bad.class, Durations.parse("-1s"));
    }

    @ParameterizedTest
    @CsvSource({"0s, 0", "500ms, 500", "60s, 60000", "5m, 300000", "24h, 86400000", "65535s, 65535000"})
    void durationsAreWrittenExactly(String text, long millis) {
        assertEquals(text, Durations.format(Duration.ofMillis(millis)));
    }

    @Test
    void peers() {
        ValueType<List<Peer>> type = ValueTypes.peers();
        assertEquals(
                Parsed.ok(List.of(new Peer("n1", "host-a", 1, 2), new Peer("n2", "::1", 3, 65_535))),
                type.parse("n1@host-a:1:2, n2@[::1]:3:65535"));
        assertEquals(Parsed.ok(List.of(new Peer("fresh", "n1", "h", 1, 2))), type.parse("fresh:n1@h:1:2"));
        for (String text : List.of(
                "",
                "n1",
                "n1@h",
                "n1@h:1",
                "n1@h:0:1",
                "n1@h:1:65536",
                "n1@::1:1:2",
                "n1@h:1:2,",
                ":n1@h:1:2",
                "n1:@h:1:2")) {
            assertInstanceOf(Parsed.Bad.class, type.parse(text), text);
        }
    }

    @Test
    void aPeerIsWrittenAsItIsRead() {
        for (String text : List.of("n1@host-a:1:2", "n2@[fe80::1]:3:4", "fresh:n1@h:1:2")) {
            Parsed.Ok<Peer> peer = assertInstanceOf(Parsed.Ok.class, Peer.parse(text));
            assertEquals(text, peer.value().toString());
        }
    }

    @Test
    void aSecretIsNotShown() {
        assertEquals(Secret.MASK, new Secret("correct horse").toString());
        assertEquals("correct horse", new Secret("correct horse").reveal());
    }

    @Test
    void wordsAndLists() {
        assertEquals(Parsed.ok(true), ValueTypes.bool().parse("true"));
        assertInstanceOf(Parsed.Bad.class, ValueTypes.bool().parse("yes"));
        assertEquals(
                Parsed.ok(Compression.LZ4), ValueTypes.choice(Compression.class).parse("LZ4"));
        assertInstanceOf(Parsed.Bad.class, ValueTypes.choice(Compression.class).parse("gzip"));
        assertEquals(Parsed.ok(List.of()), ValueTypes.names().parse("none"));
        assertEquals(Parsed.ok(List.of("a", "b")), ValueTypes.names().parse("a, b"));
        assertInstanceOf(Parsed.Bad.class, ValueTypes.names().parse("a,,b"));
    }
}
