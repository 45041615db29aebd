package io.tallymq.broker.settings;

import io.tallymq.broker.settings.ArgumentRow.Owner;
import java.util.List;

/**
 * A key of policies: the same as an argument, whose values it takes and which acts in the same place. If that is not built, neither is this.
 *
 * @param key as operators write it
 * @param owners what has it
 * @param argument the argument's name; null for one that has none
 * @param withArgument what acts where the queue or exchange was declared with the argument, too
 * @param withOperator what acts where an operator policy has the key, too; null if those can't have it
 * @param own of a key that is no argument: which values it takes and what it does; null for one that means nothing here
 */
public record PolicyRow(
        String key, List<Owner> owners, String argument, Rule withArgument, Rule withOperator, ArgumentRow own) {
    /** Of a key that is an argument, too, or means nothing here. */
    PolicyRow(String key, List<Owner> owners, String argument, Rule withArgument, Rule withOperator) {
        this(key, owners, argument, withArgument, withOperator, null);
    }

    /** Of a key that is no argument. */
    PolicyRow(String key, List<Owner> owners, ArgumentRow own, Rule withOperator) {
        this(key, owners, null, Rule.POLICY, withOperator, own);
    }

    /** Which of two values acts. */
    public enum Rule {
        DECLARED("what it was declared with"),
        POLICY("the policy's"),
        OPERATOR("the operator policy's"),
        /** A number below zero is no limit at all. */
        LEAST("the lower one");

        private final String title;

        Rule(String title) {
            this.title = title;
        }

        /** For people. */
        public String title() {
            return title;
        }

        /** @param over the policy's beside what was declared, or the operator policy's beside the policy's */
        Object choose(Object under, Object over) {
            return switch (this) {
                case DECLARED -> under;
                case POLICY, OPERATOR -> over;
                case LEAST -> least(under, over);
            };
        }

        private static Object least(Object a, Object b) {
            if (!(a instanceof Long x) || !(b instanceof Long y)) {
                return a instanceof Long ? a : b;
            }
            return x < 0 || y >= 0 && y < x ? b : a;
        }
    }

    public boolean isForOperators() {
        return withOperator != null;
    }

    /** The argument's row for one of its owners, or its own; null if there is none. */
    public ArgumentRow argumentOf(Owner owner) {
        return argument == null ? own : ArgumentTable.find(owner, argument);
    }
}
