package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code tally cluster transfer --away}: who is asked to lead in a node's place, and who next when that one will not. */
class TransferAwayTest {
    private static final String CLUSTER = "{\"leader\":\"n1\",\"members\":[" + member("n1", true, "FIT", 0) + ","
            + member("n2", true, "LATE", 0) + "," + member("n3", true, "FIT", 900) + "," + member("n4", true, "FIT", 3)
            + "," + member("n5", false, "FIT", 0) + "]}";

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<String> unwilling = new CopyOnWriteArraySet<>();
    private HttpServer node;

    private static String member(String name, boolean reachable, String rank, long lag) {
        return "{\"name\":\"" + name + "\",\"reachable\":" + reachable + ",\"rank\":\"" + rank + "\",\"lag\":" + lag
                + "}";
    }

    @BeforeEach
    void start() throws IOException {
        node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        node.createContext("/", this::answer);
        node.start();
    }

    @AfterEach
    void stop() {
        node.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = CLUSTER.getBytes(StandardCharsets.UTF_8);
        int status = 200;
        if (exchange.getRequestMethod().equals("PUT")) {
            String wish = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll(".*:\"|\"}", "");
            asked.add(wish);
            status = unwilling.contains(wish) ? 503 : 204;
            body = "{\"error\":\"unavailable\",\"reason\":\"it is behind\"}".getBytes(StandardCharsets.UTF_8);
        }
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, status == 204 ? -1 : body.length);
        if (status != 204) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private Typed.Said away(String name) {
        return Typed.nowhere()
                .with("TALLY_ADDRESS", "127.0.0.1:" + node.getAddress().getPort())
                .run("cluster", "transfer", "--away", name);
    }

    @Test
    void theFittestOfTheOthersThatIsLeastBehind() {
        assertTrue(away("n1").ok().out().contains("node 'n4' leads"));
        assertEquals(List.of("n4"), asked);
    }

    @Test
    void theNextOneIfThatOneDoesNotTakeIt() {
        unwilling.add("n4");
        away("n1").ok();
        assertEquals(List.of("n4", "n3"), asked);
    }

    @Test
    void ifNobodyDoesItFails() {
        unwilling.addAll(List.of("n2", "n3", "n4"));
        away("n1").refused(1, "node 'n1' leads still: n4: ");
        assertEquals(List.of("n4", "n3", "n2"), asked);
    }

    @Test
    void whoDoesNotLeadNeedsNotGo() {
        assertTrue(away("n3").ok().out().contains("node 'n3' does not lead"));
        assertEquals(List.of(), asked);
    }
}
