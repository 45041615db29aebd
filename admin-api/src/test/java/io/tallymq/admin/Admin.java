package io.tallymq.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.request.AdminConfig;
import io.tallymq.admin.request.AdminRoute;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.stats.JvmNodeStats;
import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.login.LoginUser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A running admin server over a fake broker, and a client that may log in. */
public final class Admin implements AutoCloseable {
    public static final String ROOT_LOGIN = basic("root", "s3cret:with:colons");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public final FakeBroker broker = new FakeBroker();
    final AtomicLong nanos = new AtomicLong(1);
    public final AdminServer server;
    public final int port;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    public Admin() throws IOException {
        this(config -> config, stats());
    }

    public Admin(UnaryOperator<AdminConfig> change) throws IOException {
        this(change, stats());
    }

    public Admin(UnaryOperator<AdminConfig> change, NodeStats stats) throws IOException {
        this(change, stats, null);
    }

    /** @param real the broker to show, or null for the fake one */
    public Admin(UnaryOperator<AdminConfig> change, NodeStats stats, Broker real) throws IOException {
        this(change, stats, real, users());
    }

    /** @param real the broker to show, or null for the fake one */
    public Admin(UnaryOperator<AdminConfig> change, NodeStats stats, Broker real, AdminAuthenticator logins)
            throws IOException {
        // Samples are taken when a test says so.
        var timeouts = AdminConfig.Timeouts.DEFAULT.withSample(Duration.ofHours(1));
        AdminConfig config =
                change.apply(AdminConfig.of("127.0.0.1", 0, "1.2.3").withTimeouts(timeouts));
        server = new AdminServer(
                config, real == null ? broker : real, logins, stats, List.of(metrics(), backup()), nanos::get);
        port = server.start();
    }

    private static AdminRoute backup() {
        return new AdminRoute(
                "/api/backup",
                HttpRoute.Access.ADMINISTRATOR,
                request -> CompletableFuture.completedFuture(Answer.text("application/x-tar", "all there is")));
    }

    private static AdminRoute metrics() {
        return new AdminRoute("/metrics", "text/plain; version=0.0.4", true, () -> "tallymq_up 1\n");
    }

    static StaticAuthenticator users() {
        return new StaticAuthenticator(List.of(
                new StaticAuthenticator.Login(
                        new LoginUser("root", List.of("administrator")), "s3cret:with:colons", false),
                new StaticAuthenticator.Login(new LoginUser("guest", List.of("monitoring")), "guest", true),
                new StaticAuthenticator.Login(new LoginUser("maker", List.of("policymaker")), "maker", false),
                new StaticAuthenticator.Login(new LoginUser("app", List.of("management")), "app", false),
                new StaticAuthenticator.Login(new LoginUser("early", List.of("administrator"), false), "early", false),
                new StaticAuthenticator.Login(new LoginUser("plain", List.of()), "plain", false)));
    }

    static NodeStats stats() {
        ClientTraffic traffic = new ClientTraffic() {
            private final Counters counters = new Counters(3, 1000, 2000, 10, 20, 0, "running", null);

            @Override
            public Optional<Totals> totals() {
                return Optional.of(new Totals(1000, 2000, 5, 4, 9, 6, 70));
            }

            @Override
            public Map<ConnectionId, Counters> connections() {
                return Map.of(FakeView.ONE, counters);
            }

            @Override
            public Map<ConnectionId, List<Integer>> channels() {
                return Map.of(FakeView.ONE, List.of(1, 2, 7));
            }

            @Override
            public Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
                var messages = new ChannelMessages(31, 27, 1, 12, 13, 14, 15, 16, 17, 18);
                return Map.of(FakeView.ONE, Map.of(1, new ChannelCounters(10, 20, true, false, 3, 4, 5, 6, messages)));
            }

            @Override
            public Optional<Counters> connection(ConnectionId id) {
                return Optional.ofNullable(connections().get(id));
            }
        };
        return new JvmNodeStats(
                new JvmNodeStats.Watch("n1", Path.of("."), 0, 0),
                List.of(new NodeStats.Listener("amqp", "127.0.0.1", 5672, false)),
                traffic);
    }

    public static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    public HttpResponse<String> send(String method, String path, String login) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (login != null) {
            request.header("Authorization", login);
        }
        return send(request.build());
    }

    /** A new log begins at the first level, and its leader raises it within moments. */
    static void awaitHighestLevel(Broker broker) {
        while (broker.read(BrokerView::level) < BrokerMachine.LEVELS.max()) {
            Thread.onSpinWait();
        }
    }

    /** As an administrator. */
    HttpResponse<String> put(String path, String body) {
        return put(path, body, ROOT_LOGIN);
    }

    HttpResponse<String> put(String path, String body, String login) {
        return send("PUT", path, body, login);
    }

    public HttpResponse<String> send(String method, String path, String body, String login) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", login)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public HttpResponse<String> get(String path) {
        return send("GET", path, ROOT_LOGIN);
    }

    public JsonNode json(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
        }
        return parse(response);
    }

    public static JsonNode parse(HttpResponse<String> response) {
        try {
            return MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + response.body(), e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
