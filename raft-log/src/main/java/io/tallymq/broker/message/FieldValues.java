package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How values of fields are alike, and which comes first; values are those of {@link Arguments}. Numbers go by their value whatever their
 * type, timestamps are their seconds, strings and byte arrays go by their octets.
 */
public final class FieldValues {
    private FieldValues() {}

    /** Whether two values are the same. */
    public static boolean equal(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return sameNumber(a, b);
        }
        if (isText(a) && isText(b)) {
            return a instanceof String && b instanceof String ? a.equals(b) : Arrays.equals(octets(a), octets(b));
        }
        return same(a, b);
    }

    /** Below, at or above 0 as a comes before b, is the same or comes behind it; empty for what has no order between them. */
    public static OptionalInt order(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return order(a instanceof Double, b instanceof Double, a, b);
        }
        return isText(a) && isText(b)
                ? OptionalInt.of(Arrays.compareUnsigned(octets(a), octets(b)))
                : OptionalInt.empty();
    }

    private static OptionalInt order(boolean aIsDouble, boolean bIsDouble, Object a, Object b) {
        if (aIsDouble && Double.isNaN((Double) a) || bIsDouble && Double.isNaN((Double) b)) {
            return OptionalInt.empty();
        }
        if (aIsDouble && bIsDouble) {
            double x = (Double) a;
            double y = (Double) b;
            return OptionalInt.of(x < y ? -1 : x > y ? 1 : 0);
        }
        if (aIsDouble) {
            return OptionalInt.of(exactly((Double) a, whole(b)));
        }
        return OptionalInt.of(bIsDouble ? -exactly((Double) b, whole(a)) : Long.compare(whole(a), whole(b)));
    }

    /** Without rounding the whole number: 2^53 + 1 comes behind 2^53. */
    private static int exactly(double d, long l) {
        if (d >= 0x1p63) {
            return 1;
        }
        if (d < -0x1p63) {
            return -1;
        }
        double floor = Math.floor(d);
        int byWhole = Long.compare((long) floor, l);
        return byWhole != 0 ? byWhole : d > floor ? 1 : 0;
    }

    /** Within lists and tables the types have to be the same too. */
    private static boolean same(Object a, Object b) {
        if (a instanceof byte[] x) {
            return b instanceof byte[] y && Arrays.equals(x, y);
        }
        if (a instanceof Double x) {
            return b instanceof Double y && x.doubleValue() == y;
        }
        if (a instanceof List<?> x) {
            return b instanceof List<?> y && sameList(x, y);
        }
        if (a instanceof Map<?, ?> x) {
            return b instanceof Map<?, ?> y && sameMap(x, y);
        }
        return a == null ? b == null : a.equals(b);
    }

    private static boolean sameList(List<?> x, List<?> y) {
        if (x.size() != y.size()) {
            return false;
        }
        Iterator<?> other = y.iterator();
        for (Object v : x) {
            if (!same(v, other.next())) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameMap(Map<?, ?> x, Map<?, ?> y) {
        if (x.size() != y.size()) {
            return false;
        }
        for (Map.Entry<?, ?> e : x.entrySet()) {
            if (!y.containsKey(e.getKey()) || !same(e.getValue(), y.get(e.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(Object v) {
        return v instanceof Long || v instanceof Double || v instanceof Arguments.Timestamp;
    }

    private static boolean sameNumber(Object a, Object b) {
        if (a instanceof Double x) {
            return b instanceof Double y ? x.doubleValue() == y : isWhole(x, whole(b));
        }
        return b instanceof Double y ? isWhole(y, whole(a)) : whole(a) == whole(b);
    }

    /** Without rounding the whole number: 2^53 + 1 is not 2^53. */
    private static boolean isWhole(double d, long l) {
        return d == Math.rint(d) && d >= -0x1p63 && d < 0x1p63 && (long) d == l;
    }

    private static long whole(Object v) {
        return v instanceof Arguments.Timestamp t ? t.seconds() : (Long) v;
    }

    private static boolean isText(Object v) {
        return v instanceof String || v instanceof byte[];
    }

    private static byte[] octets(Object v) {
        return v instanceof byte[] b ? b : ((String) v).getBytes(StandardCharsets.UTF_8);
    }
}
