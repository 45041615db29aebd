package io.tallymq.admin.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a request is answered with.
 *
 * @param body all of it, or how it begins
 * @param rest how it goes on; null when that was all. To be closed
 * @param headers in addition to those every answer carries
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Answer(int status, String contentType, byte[] body, Pieces rest, Map<String, String> headers) {
    private static final String JSON = "application/json";

    public static Answer json(int status, JsonNode body) {
        return new Answer(status, JSON, Json.bytes(body), null, Map.of());
    }

    /** Done, nothing to tell. */
    public static Answer empty(int status) {
        return new Answer(status, JSON, new byte[0], null, Map.of());
    }

    public static Answer ok(JsonNode body) {
        return json(200, body);
    }

    /** JSON that is made piece by piece, the first one now. */
    public static Answer streamed(Pieces pieces) {
        return streamed(JSON, pieces);
    }

    /** As {@link #streamed(Pieces)}, of another type. */
    public static Answer streamed(String contentType, Pieces pieces) {
        byte[] first;
        try {
            first = pieces.next();
        } catch (RuntimeException | Error e) {
            pieces.close();
            throw e;
        }
        if (pieces.hasNext()) {
            return new Answer(200, contentType, first, pieces, Map.of());
        }
        pieces.close();
        return new Answer(200, contentType, first, null, Map.of());
    }

    /** JSON, however long, of which nobody wants more than that it is there. */
    public static Answer unread() {
        return new Answer(200, JSON, new byte[0], Pieces.NOTHING, Map.of());
    }

    public static Answer text(String contentType, String body) {
        return new Answer(200, contentType, body.getBytes(StandardCharsets.UTF_8), null, Map.of());
    }

    /**
     * @param error a stable tag for machines
     * @param reason what happened and what to do
     */
    public static Answer error(int status, String error, String reason) {
        return json(status, Json.object().put("error", error).put("reason", reason));
    }

    /** Nobody wants what is still to come of it. */
    public void end() {
        if (rest != null) {
            rest.close();
        }
    }

    public Answer with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, body, rest, more);
    }
}
