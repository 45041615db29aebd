package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * How large the arguments of a declare, bind or consume may be. All nodes keep them in memory as long as there is what was declared, a field of two bytes with a
 * hundred bytes around it; what a frame holds would fill a heap by a few hundred declares. Asked before a command goes into the log.
 */
public final class ArgumentSize {
    /** Of names and texts. x-filter alone may have half of it. */
    public static final int MOST_BYTES = 8 << 10;
    /** In all tables and arrays together. */
    public static final int MOST_VALUES = 256;

    private static final int BYTES_PER_UNIT = 64;

    private int bytes;
    private int values;

    private ArgumentSize() {}

    /** Why these are too large, to be told; null when they are not. */
    public static String refusal(Arguments arguments) {
        ArgumentSize size = new ArgumentSize();
        size.add(arguments.values());
        return size.fits()
                ? null
                : "arguments have " + MOST_BYTES + " bytes of names and texts and " + MOST_VALUES + " values at most";
    }

    /** What these take of memory, in units of about 100 bytes. */
    public static int cost(Arguments arguments) {
        if (arguments.isEmpty()) {
            return 0;
        }
        ArgumentSize size = new ArgumentSize();
        size.add(arguments.values());
        return size.values - 1 + size.bytes / BYTES_PER_UNIT;
    }

    private boolean fits() {
        return bytes <= MOST_BYTES && values <= MOST_VALUES;
    }

    private void add(Object value) {
        values++;
        if (value instanceof String text) {
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
        } else if (value instanceof byte[] octets) {
            bytes += octets.length;
        } else if (value instanceof Map<?, ?> table) {
            table.forEach((name, of) -> {
                bytes += ((String) name).getBytes(StandardCharsets.UTF_8).length;
                add(of);
            });
        } else if (value instanceof List<?> list) {
            list.forEach(this::add);
        }
    }
}
