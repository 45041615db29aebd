package io.tallymq.admin.request;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the node adds to the server, for example Prometheus' scrape at {@code /metrics}.
 *
 * @param path absolute, literal: {@code /metrics}
 * @param open whether it is served without a login
 * @param answer called on one of the server's own threads for every request
 */
public record AdminRoute(String path, boolean open, Function<ApiRequest, Answer> answer) {
    public AdminRoute {
        if (!path.startsWith("/") || path.length() < 2) {
            throw new IllegalArgumentException("a route's path begins with / and names something, not: " + path);
        }
    }

    /** A text that is made at once. */
    public AdminRoute(String path, String contentType, boolean open, Supplier<String> text) {
        this(path, open, request -> Answer.text(contentType, text.get()));
    }
}
