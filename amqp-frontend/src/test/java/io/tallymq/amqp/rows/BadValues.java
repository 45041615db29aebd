package io.tallymq.amqp.rows;

import io.tallymq.broker.settings.ArgumentRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values that an argument can't have, by what its row says of those it can. As the broker has them; the real client sends them as they are. */
final class BadValues {
    private static final List<Object> ALL = List.of("nonsense", true, 5L, 1.5, List.of("a"), Map.of("a", "b"));

    private BadValues() {}

    /** Of all other types; of the right type too small, too large, and no word of those that there are. */
    static List<Object> of(ArgumentRow row) {
        ArgumentRow.Values values = row.values();
        if (values.type().isEmpty()) {
            return List.of();
        }
        List<Object> bad = new ArrayList<>();
        String kind = isNumber(values) ? "integer" : values.type();
        bad.add(null);
        for (Object v : ALL) {
            if (!type(v).replace("long", "integer")
                    .replace("integerstr", "longstr")
                    .equals(kind)) {
                bad.add(v);
            }
        }
        if (isNumber(values)) {
            if (values.least() > Long.MIN_VALUE) {
                bad.add(values.least() - 1);
                bad.add(Long.MIN_VALUE);
            }
            if (values.most() < Long.MAX_VALUE) {
                bad.add(values.most() + 1);
                bad.add(Long.MAX_VALUE);
            }
        }
        if (!values.words().isEmpty()) {
            bad.add("nonsense");
            bad.add("");
        }
        return bad;
    }

    static boolean isOfType(Object v, ArgumentRow.Values values) {
        return type(v).equals(isNumber(values) ? "long" : values.type())
                || v instanceof String && values.type().equals("integer or text");
    }

    private static boolean isNumber(ArgumentRow.Values values) {
        return values.type().startsWith("integer");
    }

    /** The name of a value's type in error texts. */
    static String type(Object v) {
        if (v instanceof String) {
            return "longstr";
        } else if (v instanceof Boolean) {
            return "bool";
        } else if (v instanceof Long) {
            return "long";
        } else if (v instanceof Double) {
            return "double";
        }
        return v == null ? "void" : v instanceof List ? "array" : "table";
    }
}
