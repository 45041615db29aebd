package io.tallymq.admin.list;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Target;
import io.tallymq.broker.access.NamePattern;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The query parameters {@code name} and {@code use_regex}: a part of a name, or a regular expression that fits a part of it; in any case. Regular expressions
 * are those of policies, RE2's: what one of them takes is bounded by its length and the name's.
 */
public final class NameFilter {
    private static final String ANY_CASE = "(?i)";

    private NameFilter() {}

    /** @throws RefusedException 400 for what is no regular expression */
    static Predicate<String> of(Target target) {
        String name = target.parameter("name").orElse("");
        if (name.isEmpty()) {
            return any -> true;
        } else if (target.flag("use_regex")) {
            return of("name", name);
        }
        String part = name.toLowerCase(Locale.ROOT);
        return candidate -> candidate.toLowerCase(Locale.ROOT).contains(part);
    }

    /**
     * Whether a regular expression fits a part of a name, in any case.
     *
     * @param what it is called in a refusal
     * @throws RefusedException 400 for what is no regular expression, or too large
     */
    public static Predicate<String> of(String what, String text) {
        try {
            return NamePattern.of(ANY_CASE + text)::isIn;
        } catch (IllegalArgumentException e) {
            throw RefusedException.badRequest(what + " is no regular expression that is taken: " + e.getMessage());
        }
    }
}
