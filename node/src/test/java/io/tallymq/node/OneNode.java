package io.tallymq.node;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.node.config.ConfigCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A node in this JVM, on ports of the system's choice, that serves. */
final class OneNode implements AutoCloseable {
    private static final String LOGIN =
            "Basic " + Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));

    private final HttpClient http = HttpClient.newHttpClient();
    private final Node node;

    OneNode(Path directory, String... settings) throws NodeStartException, IOException, InterruptedException {
        List<Integer> ports = FreePorts.take(2);
        List<String> assignments = new ArrayList<>(List.of(
                "node.name=n1",
                "cluster.name=observed",
                "cluster.peers=n1@127.0.0.1:" + ports.get(0) + ":" + ports.get(1),
                "data.dir=" + directory.resolve("data"),
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "metrics.host=127.0.0.1",
                "metrics.port=0",
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "disk.free-limit=0"));
        assignments.addAll(List.of(settings));
        List<String> args = new ArrayList<>();
        assignments.forEach(a -> args.addAll(List.of("--set", a)));
        var run = (ConfigCommand.Run)
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        node = new Node(run.config(), (reason, cause) -> {});
        node.start();
        while (api("/api/health/checks/confirm-path").statusCode() != 200) {
            Thread.onSpinWait(); // the check waits by itself
        }
    }

    /** From the HTTP API, as guest. */
    HttpResponse<String> api(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                        .header("Authorization", LOGIN)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Changes something by the HTTP API, as guest; returns the status. */
    int put(String path, String body) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                                .header("Authorization", LOGIN)
                                .PUT(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    int amqpPort() {
        return node.amqpPort();
    }

    int httpPort() {
        return node.httpPort();
    }

    /** From the metrics' port, without a login. */
    HttpResponse<String> metrics(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.metricsPort() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The status that the HTTP API has for who does not say who he is. */
    int httpWithoutLogin(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    Connection connect() throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        return factory.newConnection("observer");
    }

    @Override
    public void close() {
        node.close();
    }
}
