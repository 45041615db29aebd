package io.tallymq.broker.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns of policies: what people write is taken, and none takes time or memory beyond a bound. */
class NamePatternTest {
    private static String reason(String pattern) {
        return assertThrows(IllegalArgumentException.class, () -> NamePattern.of(pattern))
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "^orders\\., orders.eu, true",
        "^orders\\., my.orders.eu, false",
        "orders, my.orders.eu, true",
        ".*, anything, true",
        "'', anything, true",
        "^(a|b)$, b, true",
        "^(a|b)$, bb, false",
        "(?i)^DLQ, dlq.1, true",
        "'^[a-z]{1,63}$', queue, true",
        "'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', 123e4567-e89b-12d3-a456-426614174000, true",
        "'^([0-9]{1,3}\\.){3}[0-9]{1,3}$', 10.0.0.1, true",
        "^\\p{Lu}, Ämter, true",
        "^federation:, federation: x, true"
    })
    void whatPeopleWrite(String pattern, String name, boolean isIn) {
        assertEquals(isIn, NamePattern.of(pattern).isIn(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"^(?!amq\\.).*", "(a)\\1", "(?<=x)a", "(", "a**", "[a"})
    void whatIsNotTakenHasAReason(String pattern) {
        String reason = reason(pattern);
        assertTrue(reason.contains("`") && reason.contains("RE2"), reason);
    }

    /** Compiled they would take gigabytes: they are refused before. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "((((a{1000}){1000}){1000}){1000}){1000}",
                "((((a{0,1000}){1000})?){1000}[)]){1000}",
                "(a{1000}[(]b){1000}",
                "(((a{1000}\\){1000}){1000})\\Q\\E{1000})\\Q\\E{1000}",
                "((((a{999,}){999,}){999,}){999,}){999,}",
                "(?:(?:x{900}){900}?){900}"
            })
    void whatWouldGrowIsRefusedAtOnce(String pattern) {
        assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> assertTrue(reason(pattern).contains("too large")));
    }

    @Test
    void lengthAndSizeHaveBounds() {
        NamePattern.of("a".repeat(255));
        assertTrue(reason("a".repeat(256)).contains("255 at most"));
        NamePattern.of("a{400}");
        assertTrue(reason("a{600}").contains("too large"));
        NamePattern.of("\\pL\\pN");
        assertTrue(reason("\\pL".repeat(50)).contains("too large"), "each keeps a table");
    }

    /** Java's own would not be through before the sun goes out. */
    @ParameterizedTest
    @ValueSource(strings = {"^(a+)+$", "^(a|aa)+$", "^(.*a){20}$", "(x+x+)+y", "(.?.?.?.?){40}b"})
    void noPatternExplodes(String pattern) {
        NamePattern p = NamePattern.of(pattern);
        String name = "a".repeat(254) + "!";
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 50; i++) {
                assertFalse(p.isIn(name));
            }
        });
    }
}
