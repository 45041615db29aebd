package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.http.AdminAuthenticator;
import io.tallymq.login.LoginUser;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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

    /** Else it happens after its client was told that it was late, and has done something else. */
    @Test
    void whatWasToldItIsLateChangesNothingLater() throws Exception {
        var known = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        AdminAuthenticator slow = (user, password, caller) -> {
            await(known);
            asked.countDown();
            return CompletableFuture.completedFuture(
                    Optional.of(new LoginUser("root", List.of("administrator"), true)));
        };
        try (Admin admin = impatient(slow)) {
            var late = admin.put("/api/vhosts/a", "{}");
            isTooLate(late);
            known.countDown();
            await(asked);
            admin.put("/api/vhosts/b", "{}"); // who comes behind it has had his turn
            assertTrue(
                    admin.broker.submitted.stream()
                            .noneMatch(s -> s.command().toString().contains("name=a")),
                    admin.broker.submitted.toString());
            assertTrue(late.body().contains("may still take effect"), late.body());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
