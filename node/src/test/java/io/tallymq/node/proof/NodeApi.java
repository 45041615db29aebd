package io.tallymq.node.proof;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** The HTTP API of one node, as user guest. Any thread; every call ends within {@link #TIMEOUT}. */
final class NodeApi {
    static final Duration TIMEOUT = Duration.ofSeconds(6);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final String base;

    NodeApi(NodeAddress node) {
        base = "http://" + node.host() + ":" + node.httpPort();
    }

    /** The answer, if it came in time and was 200. */
    Optional<JsonNode> get(String path) throws InterruptedException {
        String login = Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Basic " + login)
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return response.statusCode() == 200 ? Optional.of(json.readTree(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether a replicated write through this node succeeds. */
    boolean serves() throws InterruptedException {
        return get("/api/health/checks/confirm-path").isPresent();
    }

    /** The index that is committed, as this node knows it; -1: it does not answer. */
    long committed() throws InterruptedException {
        JsonNode cluster = get("/api/cluster").orElse(json.createObjectNode());
        String self = cluster.path("node").asText();
        for (JsonNode member : cluster.path("members")) {
            if (member.path("name").asText().equals(self)) {
                return member.path("commit_index").asLong(-1);
            }
        }
        return -1;
    }

    /** The name of the leader as this node knows it. */
    Optional<String> leader() throws InterruptedException {
        return get("/api/cluster").map(c -> c.path("leader").asText("")).filter(name -> !name.isEmpty());
    }
}
