package io.tallymq.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.AdminConfig.SessionLimits;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.LoginAnswer;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Logins;
import io.tallymq.login.Passwords;
import io.tallymq.store.MemoryStore;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final AccessState access = new AccessState(new MemoryStore(), () -> 0);
    private boolean busy;

    private CompletableFuture<Optional<LoginUser>> authenticate(String user, String password, Caller caller) {
        return busy
                ? CompletableFuture.failedFuture(RefusedException.tooManyLogins())
                : CompletableFuture.completedFuture(Optional.of(new LoginUser(user, List.of("management"))));
    }

    private void keep(String algorithm) {
        access.setUser("ann", new UserSpec(new PasswordHash(algorithm, "c2FsdA=="), List.of("management")));
    }

    private static Caller caller(String token) {
        return new Caller(InetAddress.getLoopbackAddress(), "localhost", false, token);
    }

    /** The password is asked for again as a better hash of it was put in place, and nobody looks at it now: he need not log in again for that. */
    @Test
    void aSessionStaysWhenTooManyLoginsWait() {
        access.initialise();
        keep(Passwords.RABBIT_SHA256);
        Sessions sessions = new Sessions(this::authenticate, () -> access, SessionLimits.DEFAULT, () -> 0);
        String token =
                sessions.begin("ann", "pw", caller(null)).join().orElseThrow().token();
        keep(Passwords.PBKDF2);
        busy = true;
        CompletableFuture<Optional<LoginUser>> asked = sessions.user(caller(token));
        assertInstanceOf(
                RefusedException.class,
                assertThrows(CompletionException.class, asked::join).getCause());
        assertEquals(1, sessions.count());
        busy = false;
        assertTrue(sessions.user(caller(token)).join().isPresent());
    }

    private void setPassword(String password) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        access.setUser("ann", new UserSpec(Passwords.hash(bytes, new SecureRandom()), List.of("management")));
    }

    /** @param log brings this node up to date */
    private Logins logins(Runnable log) {
        return new Logins(
                () -> access,
                "ann",
                "pw",
                Set.of(),
                () -> {
                    log.run();
                    return CompletableFuture.completedFuture(true);
                },
                change -> {},
                Duration.ofMillis(1));
    }

    private static CompletableFuture<Optional<LoginUser>> compare(Logins logins, String user, String password) {
        return logins.login(user, password.getBytes(StandardCharsets.UTF_8), InetAddress.getLoopbackAddress(), true)
                .thenApply(LoginAnswer::found);
    }

    private void assertGoesOnUntilAnotherPasswordIsSet(Logins logins) {
        Sessions sessions =
                new Sessions((u, p, c) -> compare(logins, u, p), () -> access, SessionLimits.DEFAULT, () -> 0);
        String token =
                sessions.begin("ann", "pw", caller(null)).join().orElseThrow().token();
        assertTrue(sessions.user(caller(token)).join().isPresent());
        assertTrue(sessions.user(caller(token)).join().isPresent());
        setPassword("pw");
        assertTrue(sessions.user(caller(token)).join().isEmpty(), "no password is kept any more");
        assertEquals(0, sessions.count());
    }

    /** A node that joins hears of the cluster's users while a login waits for that. */
    @Test
    void aSessionIsOfTheUserThatThisNodeHeardOfMeanwhile() {
        try (Logins logins = logins(() -> {
            if (!access.isInitialised()) {
                access.initialise();
                setPassword("pw");
            }
        })) {
            assertGoesOnUntilAnotherPasswordIsSet(logins);
        }
    }

    /** The password was changed at another node, and this one hears of it because it seems wrong. */
    @Test
    void aSessionIsOfThePasswordThatThisNodeHeardOfMeanwhile() {
        access.initialise();
        setPassword("old");
        var behind = new AtomicBoolean(true);
        try (Logins logins = logins(() -> {
            if (behind.getAndSet(false)) {
                setPassword("pw");
            }
        })) {
            assertGoesOnUntilAnotherPasswordIsSet(logins);
        }
    }

    @Test
    void aPasswordThatIsReplacedMeanwhileEndsTheSession() {
        access.initialise();
        setPassword("pw");
        try (Logins logins = logins(() -> {})) {
            var first = new AtomicBoolean(true);
            AdminAuthenticator slow =
                    (user, password, caller) -> compare(logins, user, password).thenApply(found -> {
                        if (first.getAndSet(false)) {
                            setPassword("other");
                        }
                        return found;
                    });
            Sessions sessions = new Sessions(slow, () -> access, SessionLimits.DEFAULT, () -> 0);
            String token = sessions.begin("ann", "pw", caller(null))
                    .join()
                    .orElseThrow()
                    .token();
            assertTrue(sessions.user(caller(token)).join().isEmpty());
            assertEquals(0, sessions.count());
        }
    }
}
