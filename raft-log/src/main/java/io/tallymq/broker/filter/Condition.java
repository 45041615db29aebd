package io.tallymq.broker.filter;

import io.tallymq.broker.message.FieldValues;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What is asked of one header or property.
 *
 * @param wanted the value, a list of values ({@link Operator#IN}), or whether it is there ({@link Operator#EXISTS})
 */
record Condition(Operator operator, Object wanted) {
    /** How a value is looked at. What is of another kind than the wanted value, or is not there, is not above, below or the same. */
    enum Operator {
        EQ,
        NE,
        GT,
        GTE,
        LT,
        LTE,
        IN,
        EXISTS;

        /** As filters write it. */
        String title() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Null for a word that is none; equality has no word. */
        static Operator named(String word) {
            for (Operator o : values()) {
                if (o != EQ && o.title().equals(word)) {
                    return o;
                }
            }
            return null;
        }
    }

    /**
     * Whether it holds.
     *
     * @param value null also for a header that is there without a value
     */
    boolean holds(Object value, boolean present) {
        return switch (operator) {
            case EQ -> present && FieldValues.equal(wanted, value);
            case NE -> !(present && FieldValues.equal(wanted, value));
            case IN -> present && isOneOf(value);
            case EXISTS -> present == (Boolean) wanted;
            case GT, GTE, LT, LTE -> present && comes(FieldValues.order(value, wanted));
        };
    }

    private boolean isOneOf(Object value) {
        for (Object one : (List<?>) wanted) {
            if (FieldValues.equal(one, value)) {
                return true;
            }
        }
        return false;
    }

    private boolean comes(OptionalInt order) {
        return order.isPresent()
                && switch (operator) {
                    case GT -> order.getAsInt() > 0;
                    case GTE -> order.getAsInt() >= 0;
                    case LT -> order.getAsInt() < 0;
                    default -> order.getAsInt() <= 0;
                };
    }
}
