package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code deploy/prometheus/tallymq.rules.yml}. */
class AlertRulesTest {
    private static final Pattern INNERMOST = Pattern.compile("\\([^()]*\\)|\\{[^{}]*}|\\[[^\\[\\]]*]|\"[^\"]*\"");
    private static final Pattern SIDES = Pattern.compile("\\b(and|or|unless)\\b");
    private static final Pattern COMPARISON = Pattern.compile("[<>]=?|[!=]=");

    /**
     * Of {@code a > b > 0} the second one compares what the first let through, so a: it guards the wrong side. Whether one is within a pair of
     * parentheses, or without.
     */
    private static boolean isChained(String expression) {
        String rest = expression;
        while (true) {
            var inner = INNERMOST.matcher(rest);
            if (!inner.find()) {
                return hasTwo(rest);
            }
            if (inner.group().startsWith("(") && hasTwo(inner.group())) {
                return true;
            }
            rest = rest.substring(0, inner.start()) + " x " + rest.substring(inner.end());
        }
    }

    private static boolean hasTwo(String flat) {
        return SIDES.splitAsStream(flat)
                .anyMatch(side -> COMPARISON.matcher(side).results().count() > 1);
    }

    @Test
    void noComparisonOfAComparison() throws IOException {
        assertTrue(isChained("a > 0.9 * b > 0"));
        assertTrue(isChained("sum(a > b > 0) > 1"));
        assertFalse(isChained("a{x!=\"y\", z=~\"a>b\"} > 0.9 * (b > 0) and c < 1"));
        JsonNode rules = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("..", "deploy", "prometheus", "tallymq.rules.yml")
                        .toFile());
        int seen = 0;
        for (JsonNode rule : rules.at("/groups/0/rules")) {
            assertFalse(
                    isChained(rule.path("expr").asText()), rule.path("alert").asText());
            seen++;
        }
        assertEquals(rules.at("/groups/0/rules").size(), seen);
        assertTrue(seen > 5);
    }
}
