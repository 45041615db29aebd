package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node says of the ports that it has, not of those that it was told to take. */
class ListenersTest {
    @Test
    void whatIsBoundIsListed(@TempDir Path directory) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                OneNode node = new OneNode(directory, "metrics.port=" + taken.getLocalPort())) {
            JsonNode overview =
                    new ObjectMapper().readTree(node.api("/api/overview").body());
            Map<String, Integer> ports = new HashMap<>();
            overview.get("listeners")
                    .forEach(l ->
                            ports.put(l.get("protocol").asText(), l.get("port").asInt()));
            assertEquals(node.amqpPort(), ports.get("amqp"));
            assertEquals(node.httpPort(), ports.get("http"), "the port that the system chose");
            assertFalse(ports.containsKey("http/prometheus"), "another program has that port");
            String check = "/api/health/checks/port-listener/";
            assertEquals(200, node.api(check + node.httpPort()).statusCode());
            assertEquals(503, node.api(check + taken.getLocalPort()).statusCode());
            assertTrue(ports.containsKey("clustering"));
        }
    }
}
