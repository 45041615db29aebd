package io.tallymq.login;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.login.LoginTally.Count;
import io.tallymq.login.LoginTally.Source;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoginTallyTest {
    private final LoginTally tally = new LoginTally();
    private final InetAddress here = InetAddress.getLoopbackAddress();

    @Test
    void loginsAreCountedByProtocolAndBySource() {
        tally.count("amqp091", here, "bob", true);
        tally.count("amqp091", here, "bob", false);
        tally.count("http", here, "ann", true);
        String from = here.getHostAddress();
        assertEquals(
                List.of(new Count(new Source("amqp091", "", ""), 1, 1), new Count(new Source("http", "", ""), 1, 0)),
                tally.totals());
        assertEquals(
                List.of(
                        new Count(new Source("amqp091", from, "bob"), 1, 1),
                        new Count(new Source("http", from, "ann"), 1, 0)),
                tally.sources());
        tally.clear();
        assertEquals(List.of(), tally.totals());
        assertEquals(List.of(), tally.sources());
    }

    @Test
    void whoComesWithManyNamesFillsNoMemory() {
        tally.count("http", here, "stays", true);
        for (int i = 0; i < 2 * LoginTally.MOST_SOURCES; i++) {
            tally.count("http", here, "x".repeat(1_000) + i, false);
            tally.count("http", here, i + "x".repeat(1_000), false);
            tally.count("http", here, "stays", true);
        }
        assertEquals(LoginTally.MOST_SOURCES, tally.sources().size());
        Source stays = new Source("http", here.getHostAddress(), "stays");
        assertEquals(
                2 * LoginTally.MOST_SOURCES + 1L,
                tally.sources().stream()
                        .filter(c -> c.source().equals(stays))
                        .findFirst()
                        .orElseThrow()
                        .succeeded());
        assertEquals(
                LoginTally.MOST_NAME,
                tally.sources().stream()
                        .mapToInt(c -> c.source().user().length())
                        .max()
                        .orElseThrow());
    }
}
