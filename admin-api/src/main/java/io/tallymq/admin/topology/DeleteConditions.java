package io.tallymq.admin.topology;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Under which conditions something may be deleted, by parameters of the query. One that is passed over deletes what somebody wants to keep: what is
 * not understood is refused. Other parameters mean nothing, as with RabbitMQ.
 */
final class DeleteConditions {
    static final String IF_UNUSED = "if-unused";
    static final String IF_EMPTY = "if-empty";

    private final Target target;

    /**
     * @param known those that there are
     * @throws RefusedException 400 for what looks like one and is none
     */
    DeleteConditions(Target target, String... known) {
        this.target = target;
        Set<String> names = Set.copyOf(Arrays.asList(known));
        target.parameters().keySet().forEach(name -> requireKnown(name, names));
        target.bare().forEach(name -> requireKnown(name, names));
    }

    private static void requireKnown(String name, Set<String> known) {
        String letters = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        if (letters.matches("if(empty|unused).*") && !known.contains(name)) {
            throw RefusedException.badRequest(name + ": no such condition of deleting it; there is "
                    + String.join(" and ", known.stream().sorted().toList()));
        }
    }

    /**
     * Whether it is one; a name without a value is.
     *
     * @throws RefusedException 400 for a value that is neither true nor false
     */
    boolean has(String name) {
        List<String> given = target.all(name);
        given.forEach(value -> requireBoolean(name, value));
        return target.bare().contains(name) || given.stream().anyMatch(value -> value.matches("1|true|"));
    }

    private static void requireBoolean(String name, String value) {
        if (!value.matches("0|1|true|false|")) {
            throw RequestFields.expected(name, "1, true, 0 or false");
        }
    }
}
