package io.tallymq.broker.settings;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Argument values in error texts, in the words clients know from RabbitMQ. */
public final class ArgumentText {
    /** Of any number that fits an integer. */
    private static final int MOST_DIGITS = 18;

    private ArgumentText() {}

    /** The name of a value's AMQP type. All integers are long here: the width is not kept. */
    public static String type(Object v) {
        if (v == null) {
            return "void";
        } else if (v instanceof String) {
            return "longstr";
        } else if (v instanceof Long) {
            return "long";
        } else if (v instanceof Boolean) {
            return "bool";
        } else if (v instanceof Double) {
            return "double";
        } else if (v instanceof byte[]) {
            return "binary";
        } else if (v instanceof Arguments.Timestamp) {
            return "timestamp";
        } else if (v instanceof List<?>) {
            return "array";
        } else if (v instanceof Map<?, ?>) {
            return "table";
        }
        throw new IllegalArgumentException("no argument type: " + v.getClass());
    }

    /** The integer that it is, or the digits of which it is the text; null for neither. */
    static Long number(Object value) {
        if (value instanceof Long n) {
            return n;
        }
        boolean isText = value instanceof String s
                && !s.isEmpty()
                && s.length() <= MOST_DIGITS
                && s.chars().allMatch(c -> c >= '0' && c <= '9');
        return isText ? Long.valueOf((String) value) : null;
    }

    /** "none", or the value with its type. */
    public static String value(Arguments a, String name) {
        if (!a.values().containsKey(name)) {
            return "none";
        }
        Object v = a.get(name);
        return "the value '" + shown(v) + "' of type '" + type(v) + "'";
    }

    /** The same text for equal values on every node: octets by their number, also within lists and tables. */
    private static String shown(Object v) {
        if (v instanceof byte[] b) {
            return b.length + " octets";
        } else if (v instanceof Arguments.Timestamp t) {
            return Long.toString(t.seconds());
        } else if (v instanceof List<?> l) {
            return l.stream().map(ArgumentText::shown).collect(Collectors.joining(", ", "[", "]"));
        } else if (v instanceof Map<?, ?> m) {
            return m.entrySet().stream()
                    .map(e -> e.getKey() + "=" + shown(e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return String.valueOf(v);
    }

    /** 406 when the two differ in this argument, else null. Integers are equal when their values are. */
    public static Reply.Rejected inequivalent(String name, String resource, Arguments current, Arguments received) {
        return Arrays.equals(encoded(current, name), encoded(received, name))
                ? null
                : inequivalent(name, resource, value(received, name), value(current, name));
    }

    /** Equal values are equal bytes, also within lists and byte arrays. */
    private static byte[] encoded(Arguments a, String name) {
        ByteWriter w = new ByteWriter(32);
        if (a.values().containsKey(name)) {
            ArgumentsCodec.write(w, new Arguments(Collections.singletonMap(name, a.get(name))));
        }
        return w.toBytes();
    }

    /** 406 when two flags or names differ, else null. */
    public static Reply.Rejected inequivalentField(String name, String resource, Object current, Object received) {
        return current.equals(received)
                ? null
                : inequivalent(name, resource, "'" + received + "'", "'" + current + "'");
    }

    private static Reply.Rejected inequivalent(String name, String resource, String received, String current) {
        return Reply.precondition(
                Reply.Reason.INEQUIVALENT,
                "inequivalent arg '" + name + "' for " + resource + ": received " + received + " but current is "
                        + current);
    }
}
