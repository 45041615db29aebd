package io.tallymq.admin.list;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Target;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The query parameters {@code name} and {@code use_regex}: a part of a name, or a regular expression that fits a part of it; in any case. */
public final class NameFilter {
    /** Longest pattern. */
    static final int MOST_CHARACTERS = 256;
    /** Characters looked at for one name: patterns that go back again and again take longer than there is time. */
    static final int MOST_STEPS = 100_000;

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
     * @throws RefusedException 400 for what is no regular expression
     */
    public static Predicate<String> of(String what, String text) {
        if (text.length() > MOST_CHARACTERS) {
            throw RefusedException.badRequest("a pattern has at most " + MOST_CHARACTERS + " characters");
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(text, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        } catch (PatternSyntaxException e) {
            throw RefusedException.badRequest(what + " is no regular expression: " + e.getDescription());
        }
        return candidate -> pattern.matcher(new Counted(candidate, 0, candidate.length(), new int[1]))
                .find();
    }

    /** Gives up on patterns that look at a name too often. */
    private record Counted(String text, int from, int to, int[] steps) implements CharSequence {
        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            if (++steps[0] > MOST_STEPS) {
                throw RefusedException.badRequest("the regular expression takes too long: make it simpler");
            }
            return text.charAt(from + index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text, from + start, from + end, steps);
        }

        @Override
        public String toString() {
            return text.substring(from, to);
        }
    }
}
