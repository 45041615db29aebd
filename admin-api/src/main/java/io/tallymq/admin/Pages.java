package io.tallymq.admin;

import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The web page and its files, from the class path. They hold nothing of the broker's, so they need no login: a load balancer that
 * asks for / finds a node that lives, and the browser asks for a name when the page asks for data.
 */
final class Pages {
    private Pages() {}

    static List<HttpRoute> routes() {
        return List.of(
                page("/", "index.html", "text/html; charset=utf-8"),
                page("/favicon.svg", "favicon.svg", "image/svg+xml"),
                page("/app.js", "app.js", "text/javascript; charset=utf-8"),
                page("/app.css", "app.css", "text/css; charset=utf-8"));
    }

    private static HttpRoute page(String path, String file, String contentType) {
        Answer answer = new Answer(200, contentType, load(file), null, Map.of());
        return HttpRoute.of(path, Lane.LOCAL, request -> answer).openTo(Access.EVERYBODY);
    }

    private static byte[] load(String file) {
        try (InputStream in = Pages.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the admin-api jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
