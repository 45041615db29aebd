package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A header and its value, as they are looked up: values that {@link HeadersMatch} takes for the same have equal ones. In an order, as clients may choose
 * some whose hashes are the same.
 *
 * @param value a Long for all that is a whole number, a String for all that is text; else what stands for the value
 */
record HeaderPair(String name, Object value) implements Comparable<HeaderPair> {
    /** What a pair without a value asks for. */
    private static final Object PRESENT = Stand.IN_PLACE_OF_ANY;

    /** Stand in for values that are not looked up: those of one kind are all alike here, and {@link HeadersMatch} tells them apart. */
    private enum Stand {
        IN_PLACE_OF_ANY,
        LIST,
        TABLE
    }

    /** Bytes that are no text. */
    private record Octets(byte[] bytes) implements Comparable<Octets> {
        @Override
        public int compareTo(Octets o) {
            return Arrays.compareUnsigned(bytes, o.bytes);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Octets b && Arrays.equals(bytes, b.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    @Override
    public int compareTo(HeaderPair o) {
        int c = name.compareTo(o.name);
        if (c == 0) {
            c = kind(value).compareTo(kind(o.value));
        }
        return c == 0 ? compare(value, o.value) : c;
    }

    private static String kind(Object value) {
        return value == null ? "" : value.getClass().getName();
    }

    /** Two of one class. */
    @SuppressWarnings("unchecked")
    private static int compare(Object one, Object other) {
        return one instanceof Comparable<?> ? ((Comparable<Object>) one).compareTo(other) : 0;
    }

    /** The header, with whatever value. */
    static HeaderPair present(String name) {
        return new HeaderPair(name, PRESENT);
    }

    /** The header of a message with this value. */
    static HeaderPair of(String name, Object value) {
        return new HeaderPair(name, key(value));
    }

    /** What a binding asks for. */
    static HeaderPair wanted(String name, Object value) {
        return value == null ? present(name) : of(name, value);
    }

    /** Whether equal pairs need not be the same: one has to look closer. */
    boolean standsForOthers() {
        return value instanceof Stand && value != PRESENT || value instanceof Double;
    }

    private static Object key(Object value) {
        if (value instanceof Arguments.Timestamp t) {
            return t.seconds();
        } else if (value instanceof Double d) {
            return number(d);
        } else if (value instanceof byte[] b) {
            return text(b);
        } else if (value instanceof List<?>) {
            return Stand.LIST;
        }
        return value instanceof Map<?, ?> ? Stand.TABLE : value;
    }

    /** Whole ones are equal to integers. */
    private static Object number(double d) {
        return d == Math.rint(d) && d >= -0x1p63 && d < 0x1p63 ? (Object) (long) d : (Object) d;
    }

    private static Object text(byte[] b) {
        String s = new String(b, StandardCharsets.UTF_8);
        return Arrays.equals(s.getBytes(StandardCharsets.UTF_8), b) ? s : new Octets(b);
    }
}
