package io.tallymq.node.config.value;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}. */
public final class Durations {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9}) ?([a-z]*)");

    private Durations() {}

    public static Parsed<Duration> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Parsed.bad("is not a duration");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Parsed.ok(Duration.ofMillis(count));
            case "s" -> Parsed.ok(Duration.ofSeconds(count));
            case "m" -> Parsed.ok(Duration.ofMinutes(count));
            case "h" -> Parsed.ok(Duration.ofHours(count));
            case "d" -> Parsed.ok(Duration.ofDays(count));
            case "" ->
                count == 0
                        ? Parsed.ok(Duration.ZERO)
                        : Parsed.bad(
                                "has no unit; write " + count + "s for seconds or " + count + "ms for milliseconds");
            default -> Parsed.bad("has the unknown unit '" + matcher.group(2) + "'; units are ms, s, m, h, d");
        };
    }

    /** The shortest exact text; parts of a millisecond are left out. */
    public static String format(Duration value) {
        long millis = value.toMillis();
        if (millis == 0) {
            return "0s";
        }
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 && seconds > 60 ? seconds / 60 + "m" : seconds + "s";
    }
}
