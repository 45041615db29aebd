package io.tallymq.amqp.wire;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The values of a {@link FieldTable} and their types on the wire.
 *
 * <pre>
 * S String, or LongString if it is not UTF-8     T Timestamp
 * t Boolean       b Byte    s Short    I Integer    l, L Long (written as l)
 * B UInt8         u UInt16  i UInt32   f Float      d Double
 * D BigDecimal    F FieldTable         A List       x ByteArray    V NoValue.VOID
 * </pre>
 */
public final class FieldValue {
    private FieldValue() {}

    /** An unsigned octet, 0 to 255. */
    public record UInt8(int value) {
        public UInt8 {
            requireRange(value, 0xFF);
        }
    }

    /** An unsigned 16-bit integer. */
    public record UInt16(int value) {
        public UInt16 {
            requireRange(value, 0xFFFF);
        }
    }

    /** An unsigned 32-bit integer. */
    public record UInt32(long value) {
        public UInt32 {
            requireRange(value, 0xFFFF_FFFFL);
        }
    }

    /** A time in whole seconds since 1970; the wire has 64 bits, so any value can arrive. */
    public record Timestamp(long seconds) {}

    /** The value of a field without value. */
    public enum NoValue {
        VOID
    }

    private static void requireRange(long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(value + " is not in 0.." + max);
        }
    }

    /**
     * Checks that a value can be written and makes it immutable: maps become tables, lists are copied.
     *
     * @param depth how many tables and arrays enclose the value
     * @throws IllegalArgumentException if a type has no place in a table, or if it nests too deeply
     */
    static Object normalize(Object value, int depth) {
        if (value instanceof FieldTable table) {
            requireDepth(depth + table.depth());
            return table;
        }
        if (value instanceof Map<?, ?> map) {
            return FieldTable.normalized(map, depth + 1);
        }
        if (value instanceof List<?> list) {
            requireDepth(depth + 1);
            List<Object> copy = new ArrayList<>(list.size());
            for (Object element : list) {
                copy.add(normalize(element, depth + 1));
            }
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof BigDecimal decimal) {
            return requireDecimal(decimal);
        }
        if (value instanceof String
                || value instanceof LongString
                || value instanceof ByteArray
                || value instanceof Boolean
                || isNumber(value)
                || value instanceof Timestamp
                || value instanceof NoValue) {
            return value;
        }
        throw new IllegalArgumentException(
                "a table can't hold " + (value == null ? "null, use VOID" : value.getClass()));
    }

    private static boolean isNumber(Object value) {
        return value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof UInt8
                || value instanceof UInt16
                || value instanceof UInt32;
    }

    private static BigDecimal requireDecimal(BigDecimal decimal) {
        if (decimal.scale() < 0
                || decimal.scale() > 255
                || decimal.unscaledValue().bitLength() > 31) {
            throw new IllegalArgumentException(
                    "a decimal has a scale of 0..255 and an unscaled value of 32 bits: " + decimal);
        }
        return decimal;
    }

    static void requireDepth(int depth) {
        if (depth > FieldTable.MAX_DEPTH) {
            throw new IllegalArgumentException("a table nests at most " + FieldTable.MAX_DEPTH + " deep");
        }
    }

    /** How deep a normalized value nests: 0 for anything but tables and arrays. */
    static int depthOf(Object value) {
        if (value instanceof FieldTable table) {
            return table.depth();
        }
        if (value instanceof List<?> list) {
            int deepest = 0;
            for (Object element : list) {
                deepest = Math.max(deepest, depthOf(element));
            }
            return deepest + 1;
        }
        return 0;
    }
}
