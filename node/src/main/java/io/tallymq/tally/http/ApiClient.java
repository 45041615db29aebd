package io.tallymq.tally.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.profile.ClusterTarget;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;

/**
 * Asks the nodes of a cluster. When one is down the next one is asked, and stays the one that is asked; what may have taken effect is not sent
 * again.
 */
public final class ApiClient {
    /** Longer than a node waits for a majority. */
    private static final Duration ANSWER = Duration.ofSeconds(40);
    /** Longer than a node takes for definitions. */
    private static final Duration LONG_ANSWER = Duration.ofMinutes(11);

    private static final int UNAUTHORIZED = 401;

    private final List<URI> addresses;
    private final String login;
    /** Null if no address is https. */
    private final SSLSocketFactory tls;

    private int current;

    public ApiClient(ClusterTarget target) {
        this(target, target.addresses());
    }

    private ApiClient(ClusterTarget target, List<URI> addresses) {
        this.addresses = addresses;
        login = "Basic "
                + Base64.getEncoder()
                        .encodeToString((target.user() + ":" + target.password()).getBytes(StandardCharsets.UTF_8));
        tls = addresses.stream().anyMatch(a -> "https".equals(a.getScheme()))
                ? TrustedCa.context(target.ca()).getSocketFactory()
                : null;
    }

    /** One that asks this node only. */
    public static ApiClient of(ClusterTarget target, URI node) {
        return new ApiClient(target, List.of(node));
    }

    /** The address that answered last. */
    public URI address() {
        return addresses.get(current);
    }

    /** @throws Failure with the server's reason */
    public JsonNode get(ApiPath path) {
        return look(path).orThrow().json();
    }

    /** Also what is refused. */
    public ApiAnswer look(ApiPath path) {
        return send("GET", path, null, Map.of(), ANSWER);
    }

    public ApiAnswer put(ApiPath path, JsonNode body) {
        return send("PUT", path, body.toString(), Map.of(), ANSWER).orThrow();
    }

    public ApiAnswer post(ApiPath path, JsonNode body) {
        return send("POST", path, body.toString(), Map.of(), ANSWER).orThrow();
    }

    /** For what takes minutes. */
    public ApiAnswer upload(ApiPath path, String body) {
        return send("POST", path, body, Map.of(), LONG_ANSWER).orThrow();
    }

    /**
     * Takes what is too large for the memory from the first node that answers.
     *
     * @param body takes it while it comes; what it has taken is of no use after an exception
     */
    public void download(ApiPath path, HttpCall.Body body) throws IOException {
        HttpCall call = new HttpCall("GET", path.toString(), null, Map.of("Authorization", login), LONG_ANSWER);
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            URI address = addresses.get(current);
            try {
                ApiAnswer refusal = call.download(address, tls, body);
                if (refusal != null) {
                    refusal.orThrow();
                }
                return;
            } catch (HttpCall.Unsent e) {
                failures.add(address + ": " + HttpCall.reason(e));
            }
            current = (current + 1) % addresses.size();
        }
        throw Failure.unreachable(String.join("\n", failures));
    }

    public ApiAnswer delete(ApiPath path) {
        return delete(path, Map.of());
    }

    public ApiAnswer delete(ApiPath path, Map<String, String> headers) {
        return send("DELETE", path, null, headers, ANSWER).orThrow();
    }

    private ApiAnswer send(String method, ApiPath path, String body, Map<String, String> headers, Duration patience) {
        Map<String, String> all = new HashMap<>(headers);
        all.put("Authorization", login);
        HttpCall call = new HttpCall(method, path.toString(), body, all, patience);
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            URI address = addresses.get(current);
            try {
                ApiAnswer answer = call.to(address, tls);
                return answer.status() == UNAUTHORIZED && answer.body().isEmpty() ? whyNot(answer, call) : answer;
            } catch (IOException e) {
                String failure = address + ": " + HttpCall.reason(e);
                if (!method.equals("GET") && !(e instanceof HttpCall.Unsent)) {
                    throw Failure.unreachable(failure + "; it may have taken effect");
                }
                failures.add(failure);
            }
            current = (current + 1) % addresses.size();
        }
        throw Failure.unreachable(String.join("\n", failures));
    }

    /** Java's client drops the text that comes with this status when it may not send the request again. Asking who one is is refused with the same text. */
    private ApiAnswer whyNot(ApiAnswer refusal, HttpCall refused) {
        try {
            ApiAnswer said = new HttpCall("GET", "/api/whoami", null, refused.headers(), refused.patience())
                    .to(refusal.from(), tls);
            return said.status() == UNAUTHORIZED ? said : refusal;
        } catch (IOException e) {
            return refusal;
        }
    }
}
