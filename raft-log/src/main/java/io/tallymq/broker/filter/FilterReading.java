package io.tallymq.broker.filter;

import io.tallymq.broker.filter.Condition.Operator;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.settings.ArgumentText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes a filter of the argument's value, or says what is wrong with it: the first thing that is. */
final class FilterReading {
    static final int MOST_ENTRIES = 16;
    /** Values in lists, of all entries together. */
    static final int MOST_VALUES = 64;
    /** As {@link ArgumentsCodec} writes it. */
    static final int MOST_BYTES = 4 << 10;

    private String fault;
    private int values;

    /** Null for nothing. */
    String fault() {
        return fault;
    }

    private void fault(String what) {
        fault = fault == null ? what : fault;
    }

    List<MessageFilter.Entry> read(Object argument) {
        List<MessageFilter.Entry> entries = new ArrayList<>();
        if (!(argument instanceof Map<?, ?> table)) {
            fault("table expected, " + ArgumentText.type(argument) + " received");
        } else if (table.isEmpty()) {
            fault("it has no entry: consume without it to get all messages");
        } else if (table.size() > MOST_ENTRIES) {
            fault("it has " + table.size() + " entries, " + MOST_ENTRIES + " are the most");
        } else {
            new TreeMap<Object, Object>(table).forEach((name, value) -> entries.add(entry((String) name, value)));
            if (fault == null && size(table) > MOST_BYTES) {
                fault("it has " + size(table) + " bytes, " + MOST_BYTES + " are the most");
            }
        }
        return entries;
    }

    private static int size(Map<?, ?> table) {
        Map<String, Object> entries = new TreeMap<>();
        table.forEach((name, value) -> entries.put((String) name, value));
        ByteWriter w = new ByteWriter(256);
        ArgumentsCodec.write(w, new Arguments(entries));
        return w.size();
    }

    private MessageFilter.Entry entry(String name, Object value) {
        FilteredProperty property = null;
        if (name.startsWith(FilteredProperty.PREFIX)) {
            property = FilteredProperty.named(name.substring(FilteredProperty.PREFIX.length()));
            if (property == null) {
                fault("there is no '" + name + "': a property is one of "
                        + String.join(", ", FilteredProperty.titles()));
            }
        }
        return new MessageFilter.Entry(name, property, conditions(name, value));
    }

    private List<Condition> conditions(String name, Object value) {
        if (value instanceof List<?> list) {
            return List.of(new Condition(Operator.IN, list(name, list)));
        }
        if (!(value instanceof Map<?, ?> operators)) {
            return List.of(new Condition(Operator.EQ, scalar(name, value)));
        }
        if (operators.isEmpty()) {
            fault("'" + name + "' has no operator");
        }
        List<Condition> all = new ArrayList<>();
        new TreeMap<Object, Object>(operators)
                .forEach((word, operand) -> all.add(condition(name, (String) word, operand)));
        return all;
    }

    private Condition condition(String name, String word, Object operand) {
        Operator operator = Operator.named(word);
        if (operator == null) {
            fault("'" + name + "' has the operator '" + word + "', which is none of gt, gte, lt, lte, ne, in, exists");
            return null;
        }
        return new Condition(
                operator,
                switch (operator) {
                    case IN -> in(name, operand);
                    case EXISTS -> exists(name, operand);
                    case EQ, NE -> scalar(name, operand);
                    case GT, GTE, LT, LTE -> ordered(name, word, operand);
                });
    }

    private List<?> in(String name, Object operand) {
        if (operand instanceof List<?> list) {
            return list(name, list);
        }
        fault("'in' of '" + name + "': array expected, " + ArgumentText.type(operand) + " received");
        return List.of();
    }

    private List<?> list(String name, List<?> list) {
        values += list.size();
        if (list.isEmpty()) {
            fault("'" + name + "' has a list without values");
        } else if (values > MOST_VALUES) {
            fault("its lists have more than " + MOST_VALUES + " values");
        } else {
            list.forEach(v -> scalar(name, v));
        }
        return list;
    }

    private Object exists(String name, Object operand) {
        if (!(operand instanceof Boolean)) {
            fault("'exists' of '" + name + "': bool expected, " + ArgumentText.type(operand) + " received");
        }
        return operand;
    }

    private Object scalar(String name, Object value) {
        if (value == null || value instanceof List<?> || value instanceof Map<?, ?>) {
            fault("'" + name + "': a string, number, bool or timestamp expected, " + ArgumentText.type(value)
                    + " received");
        }
        return value;
    }

    private Object ordered(String name, String word, Object value) {
        if (scalar(name, value) instanceof Boolean) {
            fault("'" + word + "' of '" + name + "': a number, timestamp or string expected, bool received");
        }
        return value;
    }
}
