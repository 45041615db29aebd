package io.tallymq.admin.messages;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.view.Standing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which messages of a queue somebody wants to see, or to have moved: all that he says has to hold. */
final class MessageMatch {
    /** So many bytes of a body are searched for a text. */
    static final int MOST_SEARCHED = 1 << 20;
    /** Bytes of that text. */
    static final int LONGEST_TEXT = 1 << 10;
    /** Before the name of a header. */
    static final String HEADER = "header.";

    private static final String TEXT = "text";
    private static final Map<String, Property> PROPERTIES = new TreeMap<>(Map.of(
            "app_id", Property.APP_ID,
            "content_type", Property.CONTENT_TYPE,
            "correlation_id", Property.CORRELATION_ID,
            "message_id", Property.MESSAGE_ID,
            "reply_to", Property.REPLY_TO,
            "type", Property.TYPE,
            "user_id", Property.USER_ID));
    private static final List<String> OTHERS =
            List.of("exchange", "routing_key", "state", TEXT, "older_than", "younger_than");
    private static final Pattern AGE = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)?");
    private static final Map<String, Long> UNITS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    /** Those that are cheap come first. */
    private final List<Predicate<Seen>> all = new ArrayList<>();

    private final Map<String, String> headers = new TreeMap<>();
    private TextSearch text;

    /**
     * Takes it out of names and values.
     *
     * @param now milliseconds since the epoch
     * @throws RefusedException 400 for what is no such name or value
     */
    static MessageMatch of(Map<String, String> wanted, long now) {
        MessageMatch match = new MessageMatch();
        wanted.forEach((name, value) -> match.add(name, value, now));
        return match;
    }

    /** Whether it is one of the names. */
    static boolean isName(String name) {
        return PROPERTIES.containsKey(name)
                || OTHERS.contains(name)
                || name.startsWith(HEADER) && name.length() > HEADER.length();
    }

    private void add(String name, String value, long now) {
        if (!isName(name)) {
            throw unknown(name);
        }
        if (name.startsWith(HEADER)) {
            headers.put(name.substring(HEADER.length()), value);
            return;
        }
        Property property = PROPERTIES.get(name);
        if (property != null) {
            all.add(m -> value.equals(property(m, property)));
            return;
        }
        switch (name) {
            case "exchange" -> all.add(m -> m.route().exchange().equals(value));
            case "routing_key" -> all.add(m -> m.route().routingKey().equals(value));
            case "state" -> {
                Standing.State state = state(value);
                all.add(m -> m.part().state() == state);
            }
            case "older_than" -> {
                long before = now - age(name, value);
                all.add(m -> m.chunk().publishedAt() < before);
            }
            case "younger_than" -> {
                long after = now - age(name, value);
                all.add(m -> m.chunk().publishedAt() > after);
            }
            default -> text = new TextSearch(text(value));
        }
    }

    /** Of a name that means nothing: who misspells a condition must not get all. */
    static RefusedException unknown(String name) {
        return RefusedException.badRequest(
                "there is no '" + name + "': messages are chosen by " + String.join(", ", PROPERTIES.keySet()) + ", "
                        + String.join(", ", OTHERS) + " and " + HEADER + "NAME");
    }

    private static byte[] text(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        if (text.length > LONGEST_TEXT) {
            throw RequestFields.expected(TEXT, "a string of up to " + LONGEST_TEXT + " bytes");
        }
        return text;
    }

    private static Standing.State state(String value) {
        for (Standing.State s : Standing.State.values()) {
            if (s.name().toLowerCase(Locale.ROOT).equals(value)) {
                return s;
            }
        }
        throw RequestFields.expected("state", "ready, unacked, delayed, deferred or dead");
    }

    private static long age(String name, String value) {
        Matcher m = AGE.matcher(value);
        if (!m.matches()) {
            throw RequestFields.expected(name, "a number of seconds, or one with ms, s, m, h or d behind it,");
        }
        try {
            return Math.multiplyExact(Long.parseLong(m.group(1)), UNITS.get(m.group(2) == null ? "s" : m.group(2)));
        } catch (ArithmeticException e) { // it would be an age before the beginning, and match all
            throw RequestFields.expected(name, "an age of less than 292 million years");
        }
    }

    private static String property(Seen m, Property p) {
        byte[] properties = m.properties();
        return MessageProperties.text(properties, 0, properties.length, p);
    }

    /** Whether a body has to be looked at. */
    boolean readsBodies() {
        return text != null;
    }

    /** May block on the disk. */
    boolean matches(Seen m) {
        for (Predicate<Seen> one : all) {
            if (!one.test(m)) {
                return false;
            }
        }
        return haveHeaders(m) && (text == null || isTextIn(m.body(MOST_SEARCHED)));
    }

    /** @param body null if it went meanwhile */
    private boolean isTextIn(byte[] body) {
        return body != null && text.isIn(body);
    }

    private boolean haveHeaders(Seen m) {
        if (headers.isEmpty()) {
            return true;
        }
        byte[] properties = m.properties();
        Map<String, Object> there = MessageHeaders.decode(properties, 0, properties.length);
        for (Map.Entry<String, String> e : headers.entrySet()) {
            Object value = there.get(e.getKey());
            if (value == null || !value.toString().equals(e.getValue())) {
                return false;
            }
        }
        return true;
    }
}
