package io.tallymq.admin.request;

import java.util.function.Supplier;

/**
 * A text that the node adds to the server, for example Prometheus' scrape at {@code /metrics}.
 *
 * @param path absolute, literal: {@code /metrics}
 * @param open whether it is served without a login
 * @param text called on one of the server's own threads for every request
 */
public record AdminRoute(String path, String contentType, boolean open, Supplier<String> text) {
    public AdminRoute {
        if (!path.startsWith("/") || path.length() < 2) {
            throw new IllegalArgumentException("a route's path begins with / and names something, not: " + path);
        }
    }
}
