package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** pika's tutorial and refusals, programs of Node.js and of C, and the page. */
class ClientProgramsTest extends ProgramsCase {
    /** The publisher-confirms programs for pika, each against all three nodes. */
    @Test
    void pikaPublisherConfirms() throws Exception {
        assumeTrue(python("pika") != null, "there is no python3 with pika");
        List<String> passed =
                run(List.of(DEPLOY.resolve("pika-tutorial").resolve("run-all").toString()), cluster.size());
        assertEquals(4 * cluster.size(), passed.size(), passed::toString);
    }

    @Test
    void pikaIsToldWhatIsRefused() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> passed = run(List.of(python, client("pika", "check.py")), cluster.size());
        assertEquals(12 * cluster.size(), passed.size(), passed::toString);
    }

    @Test
    void amqplib() throws Exception {
        List<String> passed = run(node("amqplib"), cluster.size());
        assertEquals(4 * cluster.size(), passed.size(), passed::toString);
    }

    /** What had no answer is published again by its name, and is there once. */
    @Test
    void amqplibReceipts() throws Exception {
        List<String> program = new ArrayList<>(node("amqplib", "receipts.js"));
        cluster.awaitLevel();
        List<String> passed = run(program, cluster.size());
        assertEquals(5, passed.size(), passed::toString);
    }

    /** The same; some of its connections are closed over HTTP. */
    @Test
    void javaReceipts() throws Exception {
        List<String> program = new ArrayList<>(java("receipts", "JavaReceipts.java"));
        cluster.awaitLevel();
        String url = cluster.url(0).replace("http://", "http://guest:guest@");
        program.addAll(List.of("--url", url));
        List<String> passed = run(program, cluster.size());
        assertEquals(5, passed.size(), passed::toString);
    }

    @Test
    void amqpConnectionManager() throws Exception {
        List<String> passed = run(node("amqp-connection-manager"), 2);
        assertEquals(9, passed.size(), passed::toString);
    }

    @Test
    void rascal() throws Exception {
        List<String> passed = run(node("rascal"), cluster.size());
        assertEquals(17, passed.size(), passed::toString);
    }

    @Test
    void commandLineTools() throws Exception {
        List<String> passed = run(List.of(client("amqp-tools", "check")), 1);
        assertEquals(12, passed.size(), passed::toString);
    }

    /** What more there is to the page is seen by deploy/prove-page. */
    @Test
    void page() throws Exception {
        assumeTrue(Files.isExecutable(CHROMIUM), () -> "there is no " + CHROMIUM);
        List<String> program = new ArrayList<>(node("page"));
        cluster.awaitLevel();
        program.addAll(List.of("--brief", "yes", "--url", cluster.url(0), "--chromium", CHROMIUM.toString()));
        program.addAll(List.of("--out", dir.resolve("pictures").toString()));
        List<String> passed = run(program, 0);
        assertTrue(passed.size() >= 21, passed::toString);
    }
}
