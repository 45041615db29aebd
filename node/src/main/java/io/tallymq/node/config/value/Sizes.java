package io.tallymq.node.config.value;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as people write them: {@code 16MiB}, {@code 50MB}, {@code 4096}. */
public final class Sizes {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18}) ?([A-Za-z]*)");
    private static final Map<String, Long> UNITS = Map.of(
            "", 1L,
            "B", 1L,
            "KiB", 1L << 10,
            "MiB", 1L << 20,
            "GiB", 1L << 30,
            "TiB", 1L << 40,
            "kB", 1_000L,
            "MB", 1_000_000L,
            "GB", 1_000_000_000L,
            "TB", 1_000_000_000_000L);

    private Sizes() {}

    public static Parsed<Long> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Parsed.bad("is not a size");
        }
        Long unit = UNITS.get(matcher.group(2));
        if (unit == null) {
            return Parsed.bad("has the unknown unit '" + matcher.group(2)
                    + "'; units are B, KiB, MiB, GiB, TiB, kB, MB," + " GB, TB");
        }
        long count = Long.parseLong(matcher.group(1));
        return count > Long.MAX_VALUE / unit ? Parsed.bad("is out of range") : Parsed.ok(count * unit);
    }

    /** The shortest exact text with a binary unit. */
    public static String format(long bytes) {
        String[] units = {"TiB", "GiB", "MiB", "KiB"};
        for (int i = 0; i < units.length; i++) {
            long unit = 1L << (40 - 10 * i);
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + units[i];
            }
        }
        return bytes + "B";
    }
}
