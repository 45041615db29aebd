package io.tallymq.admin.request;

import io.tallymq.login.LoginUser;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A path of the server and what answers there: to GET and HEAD, and to methods that change something.
 *
 * @param pattern path segments; those in braces are variables
 * @param access who may look
 * @param endpoint null if there is nothing to look at
 * @param writes by method
 */
public record HttpRoute(List<String> pattern, Lane lane, Access access, Endpoint endpoint, Map<String, Write> writes) {
    private static final String METHODS = "GET, HEAD";

    /** Which threads answer. */
    public enum Lane {
        /** Answers from what this node has at hand; never waits for the broker, so it is never kept waiting by it. */
        LOCAL,
        /** Looks at the applied state, and may wait until it may. */
        STATE
    }

    /** Who may ask. */
    public enum Access {
        EVERYBODY(List.of()),
        /** Any user. */
        USER(List.of()),
        /** Users who may look, at what is in virtual hosts that they may enter, see {@link Sight}. */
        MANAGEMENT(List.of("management", "policymaker", "monitoring", "administrator")),
        /** Users who may see everything. */
        MONITORING(List.of("monitoring", "administrator")),
        /** Users who may see policies. */
        POLICIES(List.of("policymaker", "monitoring", "administrator")),
        /** Users who may change policies. */
        POLICYMAKER(List.of("policymaker", "administrator")),
        ADMINISTRATOR(List.of("administrator"));

        private final List<String> tags;

        Access(List<String> tags) {
            this.tags = tags;
        }

        /** Whether a user who logged in is one of them. */
        public boolean isFor(LoginUser user) {
            return tags.isEmpty() || tags.stream().anyMatch(user.tags()::contains);
        }

        /** What a user lacks who is none of them. */
        public String tags() {
            return String.join(" or ", tags);
        }
    }

    /** What a method does that changes something. */
    public record Write(Access access, Endpoint endpoint) {}

    @FunctionalInterface
    public interface Endpoint {
        CompletionStage<Answer> answer(ApiRequest request);
    }

    /** A route for monitoring users. */
    public static HttpRoute of(String path, Lane lane, Function<ApiRequest, Answer> answer) {
        return async(path, lane, request -> CompletableFuture.completedFuture(answer.apply(request)));
    }

    /** A route for monitoring users whose answer comes later. */
    public static HttpRoute async(String path, Lane lane, Endpoint endpoint) {
        return new HttpRoute(split(path), lane, Access.MONITORING, endpoint, Map.of());
    }

    /** A route without anything to look at. */
    public static HttpRoute forWrites(String path, Lane lane) {
        return new HttpRoute(split(path), lane, Access.MONITORING, null, Map.of());
    }

    /** As documents have it. */
    public String path() {
        return "/" + String.join("/", pattern);
    }

    public HttpRoute openTo(Access who) {
        return new HttpRoute(pattern, lane, who, endpoint, writes);
    }

    /** The same with a method more. */
    public HttpRoute with(String method, Access who, Endpoint does) {
        Map<String, Write> all = new TreeMap<>(writes);
        all.put(method, new Write(who, does));
        return new HttpRoute(pattern, lane, access, endpoint, all);
    }

    /** What answers to a method, or null. */
    public Write of(String method) {
        boolean looks = method.equals("GET") || method.equals("HEAD");
        return looks && endpoint != null ? new Write(access, endpoint) : writes.get(method);
    }

    /** The methods that it answers to, as the header Allow has them. */
    public String methods() {
        String others = String.join(", ", writes.keySet());
        return endpoint == null ? others : writes.isEmpty() ? METHODS : METHODS + ", " + others;
    }

    private static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** The variables, or null when the path is another one. */
    public Map<String, String> match(List<String> segments) {
        if (segments.size() != pattern.size()) {
            return null;
        }
        Map<String, String> variables = new TreeMap<>();
        for (int i = 0; i < segments.size(); i++) {
            String wanted = pattern.get(i);
            if (wanted.startsWith("{")) {
                variables.put(wanted.substring(1, wanted.length() - 1), segments.get(i));
            } else if (!wanted.equals(segments.get(i))) {
                return null;
            }
        }
        return variables;
    }
}
