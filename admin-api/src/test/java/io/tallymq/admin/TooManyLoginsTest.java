package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.admin.request.RefusedException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Nobody has looked at a password, as too many wait: who showed it is not told that it is wrong. */
class TooManyLoginsTest {
    private final AdminAuthenticator busy =
            (user, password, caller) -> CompletableFuture.failedFuture(RefusedException.tooManyLogins());

    private static void isToldToComeAgain(HttpResponse<String> answer) {
        assertEquals(503, answer.statusCode(), answer.body());
        assertTrue(answer.headers().firstValueAsLong("Retry-After").orElse(0) > 0, answer.headers()::toString);
        assertTrue(answer.body().contains("too many logins"), answer.body());
    }

    @Test
    void whoIsTurnedAwayIsToldToComeAgain() throws Exception {
        try (Admin admin = new Admin(c -> c, Admin.stats(), null, busy)) {
            isToldToComeAgain(admin.send("GET", "/api/whoami", Admin.ROOT_LOGIN));
            isToldToComeAgain(admin.send("POST", "/api/login", "username=root&password=x", "x"));
        }
    }

    /** A request with a body is judged before that is here. */
    @Test
    void beforeItsBodyIsSentToo() throws Exception {
        try (Admin admin = new Admin(c -> c, Admin.stats(), null, busy)) {
            isToldToComeAgain(admin.send("PUT", "/api/vhosts/a", "{}", Admin.ROOT_LOGIN));
        }
    }
}
