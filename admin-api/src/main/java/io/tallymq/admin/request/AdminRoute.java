package io.tallymq.admin.request;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the node adds to the server, for example Prometheus' scrape at {@code /metrics}.
 *
 * @param path absolute, literal: {@code /metrics}
 * @param access who may look
 * @param endpoint called on one of the server's own threads for every request
 */
public record AdminRoute(String path, HttpRoute.Access access, HttpRoute.Endpoint endpoint) {
    public AdminRoute {
        if (!path.startsWith("/") || path.length() < 2) {
            throw new IllegalArgumentException("a route's path begins with / and names something, not: " + path);
        }
    }

    /** What is answered at once. */
    public AdminRoute(String path, boolean open, Function<ApiRequest, Answer> answer) {
        this(
                path,
                open ? HttpRoute.Access.EVERYBODY : HttpRoute.Access.MONITORING,
                request -> CompletableFuture.completedFuture(answer.apply(request)));
    }

    /** A text that is made at once. */
    public AdminRoute(String path, String contentType, boolean open, Supplier<String> text) {
        this(path, open, request -> Answer.text(contentType, text.get()));
    }

    /** Whether it is also served where nobody logs in: what is for administrators is not. */
    public boolean isForOpenPort() {
        return access != HttpRoute.Access.ADMINISTRATOR;
    }
}
