package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.rabbitmq.client.AuthenticationFailureException;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that started empty and has not heard of the others: it knows nobody, and can't know that a password is wrong. */
class BehindNodeTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private Node node;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        List<Integer> ports = FreePorts.take(6);
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            peers.add("n" + (i + 1) + "@127.0.0.1:" + ports.get(2 * i) + ":" + ports.get(2 * i + 1));
        }
        List<String> args = new ArrayList<>();
        for (String assignment : List.of(
                "node.name=n1",
                "cluster.name=behind",
                "cluster.secret=0123456789abcdef0123456789abcdef",
                "cluster.peers=" + String.join(",", peers),
                "data.dir=" + directory.resolve("data"),
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "metrics.host=127.0.0.1",
                "metrics.port=0",
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "disk.free-limit=0")) {
            args.addAll(List.of("--set", assignment));
        }
        var run = (ConfigCommand.Run)
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        node = new Node(run.config(), (reason, cause) -> {});
        node.start();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private HttpResponse<String> get(String path, String user, String password) throws Exception {
        String login = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                        .header("Authorization", "Basic " + login)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private void isNotRefusedForGood(String user, String password) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        factory.setUsername(user);
        factory.setPassword(password);
        factory.setHandshakeTimeout(120_000); // the node asks the log for some seconds
        IOException failure = assertThrows(IOException.class, () -> factory.newConnection("early"));
        assertFalse(failure instanceof AuthenticationFailureException, user + ": " + failure);
    }

    @Test
    void byAmqpNobodyIsToldThatHisPasswordIsWrong() throws Exception {
        isNotRefusedForGood("ann", "pw");
        isNotRefusedForGood("guest", "guest");
        HttpResponse<String> attempts = get("/api/auth/attempts/n1", "guest", "guest");
        assertEquals(200, attempts.statusCode(), attempts.body());
        assertFalse(attempts.body().contains("amqp091"), attempts.body()); // none is counted
    }

    @Test
    void byHttpNobodyIsToldThatHisPasswordIsWrong() throws Exception {
        HttpResponse<String> answer = get("/api/whoami", "ann", "pw");
        assertEquals(503, answer.statusCode(), answer.body());
        assertEquals("3", answer.headers().firstValue("Retry-After").orElse(""));
        HttpResponse<String> attempts = get("/api/auth/attempts/n1/source", "guest", "guest");
        assertEquals(200, attempts.statusCode(), attempts.body());
        assertFalse(attempts.body().contains("ann"), attempts.body());
    }
}
