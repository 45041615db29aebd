package io.tallymq.tally.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.JsonTree;
import java.io.IOException;
import java.net.URI;
import java.util.Set;

/**
 * What a node answered.
 *
 * @param from the node's address
 */
public record ApiAnswer(URI from, int status, String body) {
    private static final int OK = 300;
    private static final int UNAVAILABLE = 503;
    /** Answers with 503 that are about the cluster, not about the request. */
    private static final Set<String> NO_MAJORITY = Set.of("unavailable", "timeout", "service_unavailable");

    public boolean isOk() {
        return status < OK;
    }

    /** Missing if there is no body. */
    public JsonNode json() {
        if (body.isEmpty()) {
            return MissingNode.getInstance();
        }
        try {
            return JsonTree.parse(body);
        } catch (IOException e) {
            throw Failure.refused(from + " answers with status " + status + " and no JSON: is it a TallyMQ node?");
        }
    }

    /** Itself, if it is an answer of success. */
    public ApiAnswer orThrow() {
        if (isOk()) {
            return this;
        }
        JsonNode said = json();
        String reason = said.path("reason").asText(said.path("error").asText("status " + status));
        if (status == UNAVAILABLE
                && (said.has("status")
                        || NO_MAJORITY.contains(said.path("error").asText()))) {
            throw Failure.unreachable(reason);
        }
        throw Failure.refused(reason + " (" + status + ")");
    }
}
