package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.amqp.session.Authenticator.Verdict;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.CertificateName;
import io.tallymq.login.LoginTally;
import io.tallymq.login.LoginTally.Count;
import io.tallymq.login.LoginTally.Source;
import io.tallymq.login.Logins;
import io.tallymq.store.MemoryStore;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientLoginsTest {
    private final AccessState access = new AccessState(new MemoryStore(), () -> 0);
    private final LoginTally tally = new LoginTally();
    private final InetAddress here = InetAddress.getLoopbackAddress();
    /** Whether the node has applied all that was confirmed. */
    private volatile boolean isUpToDate;

    private final Logins logins = new Logins(
            () -> access,
            "guest",
            "guest",
            Set.of("guest"),
            () -> CompletableFuture.completedFuture(isUpToDate),
            change -> {},
            Duration.ofMillis(1));
    private final ClientLogins clients = new ClientLogins(logins, tally, CertificateName.COMMON);

    @AfterEach
    void end() {
        logins.close();
    }

    private Verdict password(String user, String password) throws Exception {
        return clients.accepts(user, password.getBytes(StandardCharsets.UTF_8), here)
                .get(30, TimeUnit.SECONDS);
    }

    private Verdict certificate(String user) throws Exception {
        return clients.acceptsWithoutPassword(user, here).get(30, TimeUnit.SECONDS);
    }

    /** Also whom its configuration names, as the cluster may have users. */
    @Test
    void whoComesToANodeThatIsBehindIsToComeAgainAndIsNotCounted() throws Exception {
        assertEquals(Verdict.BUSY, password("ann", "pw"));
        assertEquals(Verdict.BUSY, password("guest", "guest"));
        assertEquals(Verdict.BUSY, certificate("ann"));
        assertEquals(Verdict.BUSY, certificate("guest"));
        assertEquals(List.of(), tally.totals());
    }

    @Test
    void whoIsRefusedAndWhoIsLetInIsCounted() throws Exception {
        isUpToDate = true;
        assertEquals(Verdict.REFUSED, password("ann", "pw"));
        assertEquals(Verdict.ACCEPTED, password("guest", "guest"));
        assertEquals(Verdict.REFUSED, certificate("ann"));
        access.initialise();
        access.setUser("ann", new UserSpec(PasswordHash.NONE, List.of()));
        assertEquals(Verdict.ACCEPTED, certificate("ann"));
        assertEquals(List.of(new Count(new Source("amqp091", "", ""), 2, 2)), tally.totals());
    }
}
