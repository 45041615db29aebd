package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.login.LoginUser;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Requests that nobody waits for any more while it is looked who sent them. */
class AbandonedTest {
    private static Admin impatient(AdminAuthenticator logins) throws Exception {
        return new Admin(
                c -> c.withTimeouts(c.timeouts().withAnswer(Duration.ofMillis(200))), Admin.stats(), null, logins);
    }

    private static void isTooLate(HttpResponse<String> answer) {
        assertEquals(503, answer.statusCode(), answer.body());
        assertEquals("timeout", Admin.parse(answer).get("error").asText());
    }

    /** A password may wait for minutes: what waits for it with a body of 64 KiB is not kept for as long. */
    @Test
    void whatWasToldItIsLateDoesNotWaitOn() throws Exception {
        var login = new CompletableFuture<Optional<LoginUser>>();
        try (Admin admin = impatient((user, password, caller) -> login)) {
            isTooLate(admin.send(
                    "PUT", "/api/vhosts/a", "{\"description\":\"" + "x".repeat(60_000) + "\"}", "Basic YTpi"));
            assertThrows(CancellationException.class, () -> login.get(30, TimeUnit.SECONDS));
            assertEquals(0, admin.broker.submitted.size());
        }
    }
}
