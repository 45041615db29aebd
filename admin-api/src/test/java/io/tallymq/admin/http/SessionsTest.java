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
import io.tallymq.login.LoginUser;
import io.tallymq.login.Passwords;
import io.tallymq.store.MemoryStore;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
}
