package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/healthcheck} asks where the node listens, wherever that is configured. */
class HealthcheckTest {
    @TempDir
    Path dir;

    private HttpServer node;

    @BeforeEach
    void serve() throws IOException {
        node = FakeNode.serve(0);
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private String config(String lines) throws IOException {
        return Files.writeString(dir.resolve("tallymq.conf"), lines).toString();
    }

    private int port() {
        return node.getAddress().getPort();
    }

    @Test
    void thePortOfTheFile() throws IOException {
        String file = config("\uFEFFhttp.port = " + port() + " \r\n#http.port = 1\nhttp.portx = 2\n");
        Script script = Script.run(Map.of("TALLYMQ_CONFIG", file), "healthcheck");
        assertEquals(0, script.exitCode(), script.output());
    }

    @Test
    void theEnvironmentsComesFirst() throws IOException {
        String port = String.valueOf(port());
        String file = config("http.port = 1\nhttp.host = 127.0.0.1\n");
        Map<String, String> environment = Map.of("TALLYMQ_CONFIG", file, "TALLYMQ_HTTP_PORT", port);
        assertEquals(0, Script.run(environment, "healthcheck").exitCode());
        Script other = Script.run(Map.of("TALLYMQ_CONFIG", file), "healthcheck");
        assertEquals(1, other.exitCode());
        assertTrue(other.output().contains("no answer 200 from 127.0.0.1 port 1"), other.output());
    }
}
