package io.tallymq.admin;

import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The web page and its files, from the class path. They hold nothing of the broker's, so they need no login: a load balancer that
 * asks for / finds a node that lives, and the page asks for a name and a password when it wants data.
 */
final class Pages {
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    /** The page's modules: what views share, then one per view. */
    private static final List<String> MODULES = List.of(
            "app",
            "api",
            "dom",
            "format",
            "router",
            "table",
            "list",
            "chart",
            "dialog",
            "form",
            "actions",
            "login",
            "overview",
            "cluster",
            "queues",
            "queue",
            "messages",
            "exchanges",
            "exchange",
            "routing",
            "connections",
            "connection",
            "channels",
            "users",
            "user",
            "vhosts",
            "policies",
            "limits",
            "definitions",
            "schedules",
            "audit",
            "health",
            "advice",
            "confirms",
            "waterfall",
            "parameters",
            "logs");

    private Pages() {}

    static List<HttpRoute> routes() {
        Map<String, Answer> files = new TreeMap<>();
        files.put("app.css", file("app.css", STYLE));
        MODULES.forEach(module -> files.put(module + ".js", file(module + ".js", SCRIPT)));
        String charts = "/META-INF/resources/webjars/uplot/" + chartsVersion() + "/dist/uPlot.";
        files.put("uplot.js", file(charts + "iife.min.js", SCRIPT));
        files.put("uplot.css", file(charts + "min.css", STYLE));
        return List.of(
                page("/", file("index.html", "text/html; charset=utf-8")),
                page("/favicon.svg", file("favicon.svg", "image/svg+xml")),
                HttpRoute.of("/page/{file}", Lane.LOCAL, request -> {
                            Answer found = files.get(request.variable("file"));
                            if (found == null) {
                                throw RefusedException.notFound();
                            }
                            return found;
                        })
                        .openTo(Access.EVERYBODY));
    }

    private static HttpRoute page(String path, Answer answer) {
        return HttpRoute.of(path, Lane.LOCAL, request -> answer).openTo(Access.EVERYBODY);
    }

    private static Answer file(String file, String contentType) {
        return new Answer(200, contentType, load(file), null, Map.of());
    }

    /** The library's files stand below its version. */
    private static String chartsVersion() {
        var properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(load("/META-INF/maven/org.webjars.npm/uplot/pom.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private static byte[] load(String file) {
        try (InputStream in = Pages.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
