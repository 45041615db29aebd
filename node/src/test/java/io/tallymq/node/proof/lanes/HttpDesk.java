package io.tallymq.node.proof.lanes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;

/** Receipts of one node's HTTP API, as user guest. */
final class HttpDesk implements ReceiptDesk {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final String LOGIN =
            Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));
    /** It is not known what became of the request: there is no majority, or the node is on its way. */
    private static final Set<Integer> LATER = Set.of(503);

    private static final Set<Integer> FINE = Set.of(200, 201, 204);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final String base;
    private final Naming naming;

    HttpDesk(NodeAddress node, Naming naming) {
        this.naming = naming;
        base = "http://" + node.host() + ":" + node.httpPort() + "/api/";
    }

    @Override
    public Answer ask(String producer, long number) throws NoAnswerException, InterruptedException {
        return answer("GET", naming.path(producer, number));
    }

    @Override
    public Answer makeVoid(String producer, long number) throws NoAnswerException, InterruptedException {
        return answer("PUT", naming.voidPath(producer, number));
    }

    /** Takes the producer's place from all who have it. */
    void fence(String producer) throws NoAnswerException, InterruptedException {
        send("POST", "producers/%2F/" + encoded(producer) + "/fence");
    }

    /** Makes an exchange remember the ids of its messages. */
    void remember(String exchange, long windowMillis) throws NoAnswerException, InterruptedException {
        send(
                "PUT",
                "policies/%2F/" + encoded(exchange),
                "{\"pattern\":\"^" + exchange.replace(".", "[.]")
                        + "$\",\"apply-to\":\"exchanges\",\"definition\":{\"dedup-id\":\"message-id\",\"dedup-window\":"
                        + windowMillis + "}}");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Answer answer(String method, String path) throws NoAnswerException, InterruptedException {
        JsonNode r = send(method, path);
        return new Answer(
                r.path("outcome").asText("?"),
                r.path("final").asBoolean(),
                r.path("index").asLong(-1),
                r.path("asked_at_index").asLong(-1),
                ReceiptDesk.times(r));
    }

    private JsonNode send(String method, String path) throws NoAnswerException, InterruptedException {
        return send(method, path, "");
    }

    private JsonNode send(String method, String path, String body) throws NoAnswerException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Basic " + LOGIN)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (LATER.contains(response.statusCode())) {
                throw new NoAnswerException("503 " + response.body());
            } else if (!FINE.contains(response.statusCode())) {
                throw new IllegalStateException(
                        method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return json.readTree(response.body());
        } catch (IOException e) {
            throw new NoAnswerException(e.toString());
        }
    }

    @Override
    public void close() {}
}
