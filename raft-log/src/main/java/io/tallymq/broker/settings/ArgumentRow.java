package io.tallymq.broker.settings;

import io.tallymq.broker.effect.Reply;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * One argument that the broker knows: who takes it, with which values, and what it asks for if that is not built.
 *
 * @param name as clients write it; ending in {@code *} for all names that begin so
 * @param owners who takes it
 * @param values which values make sense
 * @param meaning what it does; null if it is not built
 * @param purpose what is missing if it is not built, null if it is accepted
 * @param asWithout the value that asks for what happens anyway, null for none
 */
public record ArgumentRow(
        String name, List<Owner> owners, Values values, String meaning, String purpose, Object asWithout) {
    /** What an argument is given to. */
    public enum Owner {
        CLASSIC_QUEUE("of", "declare the queue"),
        QUORUM_QUEUE("of", "declare the queue"),
        STREAM_QUEUE("of", "declare the queue"),
        CONSUMER("for a consumer of", "consume"),
        EXCHANGE("of", "declare the exchange"),
        /** Not an argument but the type of an exchange. */
        EXCHANGE_TYPE("", "");

        private final String preposition;
        private final String action;

        /** As tables for people say it. */
        public String title() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }

        Owner(String preposition, String action) {
            this.preposition = preposition;
            this.action = action;
        }
    }

    /**
     * Which values an argument can have.
     *
     * @param type the word for it in error texts; empty if anything goes
     * @param least smallest integer
     * @param most largest integer
     * @param words the only strings; empty if any goes
     */
    public record Values(String type, long least, long most, List<String> words) {
        static final Values ANY = new Values("", Long.MIN_VALUE, Long.MAX_VALUE, List.of());

        static final Values BOOL = new Values("bool", Long.MIN_VALUE, Long.MAX_VALUE, List.of());
        static final Values TEXT = new Values("longstr", Long.MIN_VALUE, Long.MAX_VALUE, List.of());

        /** What it may be, for people. */
        public String title() {
            if (this == AGE) {
                return "a number and one of " + Age.UNITS;
            }
            if (!words.isEmpty()) {
                return String.join(", ", words);
            }
            return switch (type) {
                case "" -> "anything";
                case "longstr" -> most == Long.MAX_VALUE ? "a string" : "a string of " + most + " bytes at most";
                case "integer or text" -> least + " to " + most + ", also as text";
                case "bool" -> "true or false";
                default ->
                    least == Long.MIN_VALUE
                            ? "an integer"
                            : most == Long.MAX_VALUE ? "an integer, " + least + " or more" : least + " to " + most;
            };
        }

        /** The same, which may be written as text, too. */
        static Values integerOrText(long least, long most) {
            return new Values("integer or text", least, most, List.of());
        }

        /** What a policy may say: numbers are numbers there. */
        Values inPolicies() {
            return type.equals("integer or text") ? integer(least, most) : this;
        }

        /** Strings of so many bytes at most. */
        static Values text(int bytes) {
            return new Values("longstr", 0, bytes, List.of());
        }

        private boolean isTooLong(String s) {
            return most != Long.MAX_VALUE && s.getBytes(StandardCharsets.UTF_8).length > most;
        }

        static Values integer(long least, long most) {
            return new Values("integer", least, most, List.of());
        }

        /** A number and a unit of time. */
        static final Values AGE = new Values("longstr", Long.MIN_VALUE, Long.MAX_VALUE, List.of("age"));

        /** Strings that begin so, and go on. */
        static Values beginning(String prefix) {
            return new Values("longstr", Long.MIN_VALUE, Long.MAX_VALUE, List.of(prefix + "*"));
        }

        private boolean allows(String s) {
            if (this == AGE) {
                return Age.millis(s) >= 0;
            }
            return words.stream().anyMatch(word -> fits(word, s));
        }

        /** A word that ends in {@code *} is how others begin. */
        private static boolean fits(String word, String s) {
            return word.endsWith("*")
                    ? s.startsWith(word.substring(0, word.length() - 1)) && s.length() >= word.length()
                    : word.equals(s);
        }

        static Values words(String... words) {
            return new Values("longstr", Long.MIN_VALUE, Long.MAX_VALUE, List.of(words));
        }

        private boolean isOfType(Object value) {
            return switch (type) {
                case "longstr" -> value instanceof String;
                case "bool" -> value instanceof Boolean;
                case "integer or text" -> value instanceof Long || value instanceof String;
                default -> value instanceof Long;
            };
        }

        private String problemOf(String s) {
            if (isTooLong(s)) {
                return "it has more than " + most + " bytes";
            }
            return words.isEmpty() || allows(s)
                    ? null
                    : "'" + s + "' is none of " + (this == AGE ? title() : String.join(", ", words));
        }

        /** Why it can't be this value, or null. */
        String problem(Object value) {
            if (type.isEmpty()) {
                return null;
            }
            if (!isOfType(value)) {
                return type + " expected, " + ArgumentText.type(value) + " received";
            }
            Long n = type.startsWith("integer") ? ArgumentText.number(value) : null;
            if (type.startsWith("integer") && (n == null || n < least || n > most)) {
                return value + " is not " + (most == Long.MAX_VALUE ? least + " or more" : least + " to " + most);
            }
            return value instanceof String s && n == null ? problemOf(s) : null;
        }
    }

    /** Why the resource can't have this value, or null when it can. */
    Reply.Rejected refusal(Owner owner, String argument, Object value, String resource) {
        String problem = values.problem(value);
        if (problem != null) {
            String whose = owner == Owner.CONSUMER ? "a consumer of " + resource : resource;
            return Reply.precondition(
                    Reply.Reason.INVALID_ARGUMENT, "invalid arg '" + argument + "' for " + whose + ": " + problem);
        }
        if (purpose == null || (value != null && value.equals(asWithout))) {
            return null;
        }
        return Reply.notImplemented("argument '" + argument + "' " + owner.preposition + " " + resource
                + " is not built yet: there is no support for " + purpose + "; " + owner.action + " without it");
    }
}
