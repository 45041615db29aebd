package io.tallymq.admin.request;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request's target, taken apart (RFC 3986): segments are split before they are decoded, so that the virtual host {@code /}
 * is the segment {@code %2F}.
 *
 * @param endsEmpty whether the path has a / at its end, behind which no segment is: a name may have been meant that is empty
 * @param parameters with their values
 * @param bare names in the query without a value, not even an empty one
 */
public record Target(List<String> segments, boolean endsEmpty, Map<String, List<String>> parameters, Set<String> bare) {
    /** @throws RefusedException 400 for what is no path, or no UTF-8 once decoded */
    public static Target parse(String uri) {
        if (!uri.startsWith("/")) {
            throw RefusedException.badRequest("the request target begins with /, for example /api/overview");
        }
        if (uri.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw RefusedException.badRequest("bytes outside of ASCII are percent-encoded in a request target");
        }
        int mark = uri.indexOf('?');
        String path = mark < 0 ? uri : uri.substring(0, mark);
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            segments.add(decode(segment, false));
        }
        // RabbitMQ's clients write /api/queues/ as well as /api/queues.
        boolean endsEmpty =
                segments.size() > 1 && segments.get(segments.size() - 1).isEmpty();
        if (endsEmpty) {
            segments.remove(segments.size() - 1);
        }
        String query = mark < 0 ? "" : uri.substring(mark + 1);
        return new Target(List.copyOf(segments), endsEmpty, query(query), bare(query));
    }

    /** The segments with the empty one at the end. */
    public List<String> asWritten() {
        List<String> all = new ArrayList<>(segments);
        if (endsEmpty) {
            all.add("");
        }
        return all;
    }

    /** The last one of that name, where one is meant. */
    public Optional<String> parameter(String name) {
        List<String> given = all(name);
        return given.isEmpty() ? Optional.empty() : Optional.of(given.get(given.size() - 1));
    }

    /** All of that name in their order, where a list is meant: {@code family=a&family=b}. */
    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /** One of each name, the last. */
    public Map<String, String> query() {
        return last(parameters);
    }

    public boolean flag(String name) {
        return parameter(name).filter("true"::equals).isPresent();
    }

    /**
     * The fields of a form that is a request's body.
     *
     * @throws RefusedException 400 for what is none
     */
    public static Map<String, String> form(String text) {
        if (text.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw RefusedException.badRequest("a form's fields are percent-encoded, with & in between");
        }
        return last(query(text));
    }

    private static Map<String, String> last(Map<String, List<String>> query) {
        Map<String, String> one = new LinkedHashMap<>();
        query.forEach((name, given) -> one.put(name, given.get(given.size() - 1)));
        return one;
    }

    private static Map<String, List<String>> query(String text) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.computeIfAbsent(decode(pair.substring(0, equals), true), name -> new ArrayList<>())
                        .add(decode(pair.substring(equals + 1), true));
            }
        }
        return query;
    }

    private static Set<String> bare(String query) {
        Set<String> names = new HashSet<>();
        for (String name : query.split("&", -1)) {
            if (!name.isEmpty() && name.indexOf('=') < 0) {
                names.add(decode(name, true));
            }
        }
        return names;
    }

    /** @param form whether + stands for a space, as in queries */
    private static String decode(String text, boolean form) {
        if (text.indexOf('%') < 0 && !(form && text.indexOf('+') >= 0)) {
            return text;
        }
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.put((byte) (hex(text, i + 1) << 4 | hex(text, i + 2)));
                i += 2;
            } else if (c == '+' && form) {
                bytes.put((byte) ' ');
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw RefusedException.badRequest("percent-encoded bytes of the request target are not UTF-8");
        }
    }

    private static int hex(String text, int at) {
        int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
        if (digit < 0) {
            throw RefusedException.badRequest("% in the request target takes two hexadecimal digits after it");
        }
        return digit;
    }
}
