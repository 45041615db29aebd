package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A redrive ends where nothing moves any more, and says so. */
class RedriveStandsStillTest {
    private static final String UNTIL = ",\"complete\":false,\"until\":\"9999\",\"refused\":";

    private static Typed.Said redriven(String... answers) throws IOException {
        Iterator<String> all = List.of(answers).iterator();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] body = all.next().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            return Typed.nowhere()
                    .with("TALLY_ADDRESS", "127.0.0.1:" + server.getAddress().getPort())
                    .run("redrive", "q", "--json");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void theFirstOfARequestThatCanNotBeMovedIsTold() throws IOException {
        Typed.Said said = redriven(
                        "{\"moved\":1000,\"next\":\"1001\"" + UNTIL + "[]}",
                        "{\"moved\":0,\"next\":\"1001\"" + UNTIL + "[{\"reason\":\"full\",\"count\":250}]}")
                .refused(1, "250 messages were refused and stay");
        assertEquals(1_000, said.json().path("moved").asInt());
    }

    @Test
    void thoseThatAreToldTwiceCountOnce() throws IOException {
        redriven(
                        "{\"moved\":5,\"next\":\"6\"" + UNTIL + "[{\"reason\":\"full\",\"count\":245}]}",
                        "{\"moved\":0,\"next\":\"6\"" + UNTIL + "[{\"reason\":\"full\",\"count\":250}]}")
                .refused(1, "250 messages were refused and stay");
    }
}
