package io.tallymq.node.clients;

import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.NodeStartException;
import io.tallymq.node.config.ConfigCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** A cluster of three nodes in this JVM, with logs and stores on the disk, small enough for a test. */
final class ThreeNodes implements AutoCloseable {
    private static final int NODES = 3;
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final String LOGIN =
            Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));

    private final List<Node> nodes = new ArrayList<>();
    private final AtomicReference<String> fatal = new AtomicReference<>();

    private final Path directory;
    private final String peers = peers();

    ThreeNodes(Path directory) throws IOException, NodeStartException, InterruptedException {
        this.directory = directory;
        for (int i = 1; i <= NODES; i++) {
            nodes.add(node(directory.resolve("n" + i), i, peers));
        }
        try {
            for (Node node : nodes) {
                node.start();
            }
            for (Node node : nodes) {
                awaitServing(node);
            }
        } catch (IOException | NodeStartException | InterruptedException | RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    private static String peers() {
        List<String> peers = new ArrayList<>();
        for (int i = 1; i <= NODES; i++) {
            List<Integer> ports = FreePorts.take(2);
            peers.add("n" + i + "@127.0.0.1:" + ports.get(0) + ":" + ports.get(1));
        }
        return String.join(",", peers);
    }

    private Node node(Path data, int number, String peers) {
        List<String> args = new ArrayList<>();
        for (String assignment : List.of(
                "node.name=n" + number,
                "cluster.name=clients",
                "cluster.peers=" + peers,
                "cluster.secret=only-for-this-test",
                "data.dir=" + data,
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "metrics.port=-1",
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "store.block-cache=8MiB",
                "store.body-cache=8MiB",
                "disk.free-limit=0")) {
            args.add("--set");
            args.add(assignment);
        }
        ConfigCommand.Outcome outcome =
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        ConfigCommand.Run run = (ConfigCommand.Run) outcome;
        return new Node(run.config(), (reason, cause) -> fatal.compareAndSet(null, reason));
    }

    /** Asks for a replicated write until one is done: the check waits for it by itself. */
    private static void awaitServing(Node node) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        HttpResponse<String> response;
        do {
            response = get(node, "/api/health/checks/confirm-path");
            if (response.statusCode() == 200) {
                return;
            }
        } while (System.nanoTime() < deadline);
        throw new AssertionError("the node does not serve: " + response.statusCode() + " " + response.body());
    }

    private static HttpResponse<String> get(Node node, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                .header("Authorization", "Basic " + LOGIN)
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The page's text. {@code number} as in {@link #uri}. */
    String get(int number, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = get(nodes.get(number % NODES), path);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    /** Sends a change, and returns the status. {@code number} as in {@link #uri}. */
    int send(int number, String method, String path, String body) throws IOException, InterruptedException {
        return answer(number, method, path, body).statusCode();
    }

    /** Asks for something to be done, and returns what is told. {@code number} as in {@link #uri}. */
    String post(int number, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = answer(number, "POST", path, body);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    private HttpResponse<String> answer(int number, String method, String path, String body)
            throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + nodes.get(number % NODES).httpPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Basic " + LOGIN)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until the cluster has the highest level that this version knows, which it has within moments of its first start. */
    void awaitLevel() throws IOException, InterruptedException {
        String wanted = "\"level\":" + BrokerMachine.LEVELS.max();
        while (!get(0, "/api/cluster").replace(" ", "").contains(wanted)) {
            Thread.onSpinWait();
        }
    }

    /** Of its page and its API. {@code number} as in {@link #uri}. */
    String url(int number) {
        return "http://127.0.0.1:" + nodes.get(number % NODES).httpPort();
    }

    int size() {
        return NODES;
    }

    /** @param number 0, 1, ...; counted around */
    int amqpPort(int number) {
        return nodes.get(number % NODES).amqpPort();
    }

    /** @param number 0, 1, ...; counted around */
    String uri(int number) {
        return "amqp://guest:guest@127.0.0.1:" + amqpPort(number) + "/%2F";
    }

    /** @param number 0, 1, ...; counted around */
    ConnectionFactory factory(int number) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(amqpPort(number));
        factory.setAutomaticRecoveryEnabled(false);
        return factory;
    }

    /** Ends a node, for good. {@code number} as in {@link #uri}. */
    void stop(int number) {
        nodes.get(number % NODES).close();
    }

    /** Ends a node and starts it again with what it has stored, perhaps on other ports. {@code number} as in {@link #uri}. */
    void restart(int number) throws IOException, NodeStartException, InterruptedException {
        int i = number % NODES;
        nodes.get(i).close();
        nodes.set(i, node(directory.resolve("n" + (i + 1)), i + 1, peers));
        nodes.get(i).start();
        awaitServing(nodes.get(i));
    }

    /** Why a node gave up, {@code null} if none has. */
    String fatal() {
        return fatal.get();
    }

    @Override
    public void close() {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
    }
}
