package io.tallymq.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param headers in addition to those every answer carries
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
    private static final String JSON = "application/json";

    static Answer json(int status, JsonNode body) {
        return new Answer(status, JSON, Json.bytes(body), Map.of());
    }

    static Answer ok(JsonNode body) {
        return json(200, body);
    }

    /** JSON that is written piece by piece, so that there never is a tree of all of it. */
    static Answer streamed(Json.Writer writer) {
        return new Answer(200, JSON, Json.bytes(writer), Map.of());
    }

    static Answer text(String contentType, String body) {
        return new Answer(200, contentType, body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /**
     * @param error a stable tag for machines
     * @param reason what happened and what to do
     */
    static Answer error(int status, String error, String reason) {
        return json(status, Json.object().put("error", error).put("reason", reason));
    }

    Answer with(String header, String value) {
        return new Answer(status, contentType, body, Map.of(header, value));
    }
}
