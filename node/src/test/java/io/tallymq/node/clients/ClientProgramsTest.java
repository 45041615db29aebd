package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** pika's refusals, programs of Node.js, Java and C, and the page. */
class ClientProgramsTest extends ProgramsCase {
    @Test
    void pikaIsToldWhatIsRefused() throws Exception {
        List<String> passed = run(Programs.python("pika", "pika", "check.py"), cluster.size());
        assertEquals(12 * cluster.size(), passed.size(), passed::toString);
    }

    @Test
    void amqplib() throws Exception {
        List<String> passed = run(Programs.node("amqplib", "check.js"), cluster.size());
        assertEquals(4 * cluster.size(), passed.size(), passed::toString);
    }

    /** What Spring's templates are told of confirms, returns and refusals. The other parts of that program take longer. */
    @Test
    void springConfirms() throws Exception {
        List<String> passed = run(Programs.spring("confirms"), cluster.size());
        assertEquals(6, passed.size(), passed::toString);
    }

    @Test
    void amqpConnectionManager() throws Exception {
        List<String> passed = run(Programs.node("amqp-connection-manager", "check.js"), 2);
        assertEquals(9, passed.size(), passed::toString);
    }

    @Test
    void rascal() throws Exception {
        List<String> passed = run(Programs.node("rascal", "check.js"), cluster.size());
        assertEquals(17, passed.size(), passed::toString);
    }

    @Test
    void commandLineTools() throws Exception {
        List<String> passed = run(List.of(Programs.client("amqp-tools", "check")), 1);
        assertEquals(12, passed.size(), passed::toString);
    }

    /** What more there is to the page is seen by deploy/prove-page. */
    @Test
    void page() throws Exception {
        assumeTrue(Files.isExecutable(Programs.CHROMIUM), () -> "there is no " + Programs.CHROMIUM);
        List<String> program = new ArrayList<>(Programs.node("page", "check.js"));
        cluster.awaitLevel();
        program.addAll(List.of("--brief", "yes", "--url", cluster.url(0), "--chromium", Programs.CHROMIUM.toString()));
        program.addAll(List.of("--out", dir.resolve("pictures").toString()));
        List<String> passed = run(program, 0);
        assertTrue(passed.size() >= 21, passed::toString);
    }
}
