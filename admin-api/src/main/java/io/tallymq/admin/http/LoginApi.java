package io.tallymq.admin.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Target;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** /api/login and /api/logout: a session begins with a name and a password, and ends. */
public final class LoginApi {
    private static final String LOGIN = "/api/login";
    private static final List<String> SEGMENTS = List.of("api", "login");

    private final Sessions sessions;

    public LoginApi(Sessions sessions) {
        this.sessions = sessions;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.forWrites(LOGIN, Lane.LOCAL)
                        .with("POST", Access.EVERYBODY, this::login)
                        .with("DELETE", Access.EVERYBODY, this::logout),
                HttpRoute.forWrites("/api/logout", Lane.LOCAL).with("POST", Access.EVERYBODY, this::logout));
    }

    /** Whether a request is for it, however its path is written. */
    static boolean isLogin(String uri) {
        try {
            return Target.parse(uri).segments().equals(SEGMENTS);
        } catch (RefusedException e) {
            return false; // and is for nothing else
        }
    }

    private CompletionStage<Answer> login(ApiRequest request) {
        Map<String, String> fields = fields(request.body());
        String name = field(fields, "username");
        String password = field(fields, "password");
        Caller caller = request.caller(); // without the body, which would wait with the password
        return sessions.begin(name, password, caller).thenApply(found -> found.map(begun -> answer(caller, begun))
                .orElseGet(() -> Answer.error(401, "not_authorized", "Login failed")));
    }

    private Answer answer(Caller caller, Sessions.Begun begun) {
        if (begun.token() == null) {
            return Answer.error(
                    503,
                    "overloaded",
                    "this node keeps no more sessions (http.max-sessions): log out elsewhere, or ask another node");
        }
        if (caller.session() != null) {
            sessions.end(caller.session()); // the browser forgets it now
        }
        ObjectNode who = Json.object().put("name", begun.user().name());
        who.set("tags", Json.strings(begun.user().tags()));
        return Answer.ok(who).with("Set-Cookie", SessionCookie.of(begun.token(), caller));
    }

    /** Also who has no session any more is told to forget it. */
    private CompletionStage<Answer> logout(ApiRequest request) {
        if (request.caller().session() != null) {
            sessions.end(request.caller().session());
        }
        return CompletableFuture.completedFuture(
                Answer.empty(204).with("Set-Cookie", SessionCookie.none(request.caller())));
    }

    /** A form's, as RabbitMQ's page sends them, or an object's. */
    private static Map<String, String> fields(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        if (!text.startsWith("{")) {
            return Target.form(text);
        }
        JsonNode object = Json.parse(body);
        return Map.of(
                "username",
                object.path("username").asText(),
                "password",
                object.path("password").asText());
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return value;
    }
}
