package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What a binding of a headers exchange (3.1.3.4) asks of a message: all or any of the pairs in its arguments. A pair without
 * a value asks for presence only. Numbers are equal by value whatever their type, as in RabbitMQ; strings and byte arrays
 * by their octets.
 */
final class HeadersMatch {
    private static final String MODE = "x-match";

    private enum Mode {
        ALL("all", true, false),
        ANY("any", false, false),
        ALL_WITH_X("all-with-x", true, true),
        ANY_WITH_X("any-with-x", false, true);

        final String amqpName;
        final boolean all;
        final boolean withX;

        Mode(String amqpName, boolean all, boolean withX) {
            this.amqpName = amqpName;
            this.all = all;
            this.withX = withX;
        }

        static Mode of(Object value) {
            for (Mode m : values()) {
                if (m.amqpName.equals(value)) {
                    return m;
                }
            }
            return null;
        }
    }

    private final boolean all;
    private final String[] names;
    private final Object[] wanted;
    private final boolean closer;

    private HeadersMatch(boolean all, List<String> names, List<Object> wanted) {
        this.all = all;
        this.names = names.toArray(new String[0]);
        this.wanted = wanted.toArray();
        this.closer = pairs().stream().anyMatch(HeaderPair::standsForOthers);
    }

    /** Why a headers exchange can not have a binding with these arguments, or null when it can. */
    static Reply.Rejected refusal(Arguments arguments) {
        if (!arguments.values().containsKey(MODE) || Mode.of(arguments.get(MODE)) != null) {
            return null;
        }
        Object v = arguments.get(MODE);
        String text = v instanceof String
                ? "Invalid x-match field value '" + v + "'; expected all, any, all-with-x, or any-with-x"
                : "Invalid x-match field type " + ArgumentText.type(v) + "; expected longstr";
        return Reply.precondition(Reply.Reason.INVALID_ARGUMENT, text);
    }

    /** @param arguments for which {@link #refusal} was null */
    static HeadersMatch of(Arguments arguments) {
        Mode mode = arguments.values().containsKey(MODE) ? Mode.of(arguments.get(MODE)) : Mode.ALL;
        List<String> names = new ArrayList<>();
        List<Object> wanted = new ArrayList<>();
        arguments.values().forEach((name, value) -> {
            if (!name.equals(MODE) && (mode.withX || !name.startsWith("x-"))) {
                names.add(name);
                wanted.add(value);
            }
        });
        return new HeadersMatch(mode.all, names, wanted);
    }

    /** Whether all pairs are asked for, else any of them. */
    boolean asksForAll() {
        return all;
    }

    /** What is asked for, in the order of the headers' names. */
    List<HeaderPair> pairs() {
        List<HeaderPair> pairs = new ArrayList<>(names.length);
        for (int i = 0; i < names.length; i++) {
            pairs.add(HeaderPair.wanted(names[i], wanted[i]));
        }
        return pairs;
    }

    /** Whether {@link #matches} has to be asked though a message has these pairs. */
    boolean looksCloser() {
        return closer;
    }

    /** With no pairs to ask for, all of them match and any does not. */
    boolean matches(Map<String, Object> headers) {
        for (int i = 0; i < names.length; i++) {
            Object there = headers.get(names[i]);
            boolean present = there != null || headers.containsKey(names[i]);
            if ((present && (wanted[i] == null || sameValue(wanted[i], there))) != all) {
                return !all;
            }
        }
        return all;
    }

    private static boolean sameValue(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            return sameNumber(a, b);
        }
        if (isText(a) && isText(b)) {
            return a instanceof String && b instanceof String ? a.equals(b) : Arrays.equals(octets(a), octets(b));
        }
        return same(a, b);
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
