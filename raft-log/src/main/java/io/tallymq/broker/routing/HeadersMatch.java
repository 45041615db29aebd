package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.FieldValues;
import io.tallymq.broker.settings.ArgumentText;
import java.util.ArrayList;
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

    /** How many pairs it has. */
    int size() {
        return names.length;
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
            if ((present && (wanted[i] == null || FieldValues.equal(wanted[i], there))) != all) {
                return !all;
            }
        }
        return all;
    }
}
