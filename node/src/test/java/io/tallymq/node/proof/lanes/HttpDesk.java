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

    private static final int OK = 200;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final String base;

    HttpDesk(NodeAddress node) {
        base = "http://" + node.host() + ":" + node.httpPort() + "/api/";
    }

    @Override
    public Answer ask(String producer, long number) throws NoAnswerException, InterruptedException {
        return answer("GET", receipt(producer, number));
    }

    @Override
    public Answer makeVoid(String producer, long number) throws NoAnswerException, InterruptedException {
        return answer("PUT", receipt(producer, number) + "/void");
    }

    /** Takes the producer's place from all who have it. */
    void fence(String producer) throws NoAnswerException, InterruptedException {
        send("POST", "producers/%2F/" + encoded(producer) + "/fence");
    }

    private static String receipt(String producer, long number) {
        return "receipts/%2F/" + encoded(producer) + "/" + number;
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
                r.path("asked_at_index").asLong(-1));
    }

    private JsonNode send(String method, String path) throws NoAnswerException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Basic " + LOGIN)
                .method(method, BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (LATER.contains(response.statusCode())) {
                throw new NoAnswerException("503 " + response.body());
            } else if (response.statusCode() != OK) {
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
