package io.tallymq.admin;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A path of the server and what answers there, to GET and HEAD.
 *
 * @param pattern path segments; those in braces are variables
 */
record HttpRoute(List<String> pattern, Lane lane, Access access, Endpoint endpoint) {
    /** Which threads answer. */
    enum Lane {
        /** Answers from what this node has at hand; never waits for the broker, so it is never kept waiting by it. */
        LOCAL,
        /** Looks at the applied state, and may wait until it may. */
        STATE
    }

    /** Who may ask. */
    enum Access {
        EVERYBODY,
        /** Any user. */
        USER,
        /** Users who may see everything. */
        MONITORING
    }

    @FunctionalInterface
    interface Endpoint {
        CompletionStage<Answer> answer(ApiRequest request);
    }

    /** A route for monitoring users. */
    static HttpRoute of(String path, Lane lane, Function<ApiRequest, Answer> answer) {
        return async(path, lane, request -> CompletableFuture.completedFuture(answer.apply(request)));
    }

    /** A route for monitoring users whose answer comes later. */
    static HttpRoute async(String path, Lane lane, Endpoint endpoint) {
        return new HttpRoute(split(path), lane, Access.MONITORING, endpoint);
    }

    HttpRoute openTo(Access who) {
        return new HttpRoute(pattern, lane, who, endpoint);
    }

    private static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** The variables, or null when the path is another one. */
    Map<String, String> match(List<String> segments) {
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
