package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.net.AddressBlock;
import io.tallymq.net.ProxyRule;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One address' connections that do not log in; they could wait longer than the tests do. 127.0.0.2 is a proxy's, others of this machine are clients'. */
@Timeout(60)
class NewcomersTest {
    private static final int MOST = 3;
    private static final String PROXY = "127.0.0.2";

    private final List<RawClient> clients = new ArrayList<>();
    private TestServer server;

    @BeforeEach
    void start() {
        AmqpServerConfig config = TestServer.defaults();
        server = new TestServer(
                config.withProtocol(
                        config.protocol().withHandshakesPerAddress(MOST).withHandshakeTimeout(60_000)),
                new ProxyRule(List.of(AddressBlock.parse(PROXY)), Duration.ofMinutes(1)));
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }

    private RawClient from(String address) throws IOException {
        RawClient client = new RawClient(server.port(), InetAddress.getByName(address));
        clients.add(client);
        return client;
    }

    /** A client of the proxy. */
    private RawClient behind(String address) throws IOException {
        RawClient client = from(PROXY);
        boolean six = address.contains(":");
        String header =
                "PROXY " + (six ? "TCP6 " : "TCP4 ") + address + (six ? " ::2" : " 10.0.0.1") + " 4711 5672\r\n";
        client.send(header.getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    /** It is served as far as connection.start, and does not log in. */
    private static void newcomer(RawClient client) throws IOException {
        client.protocolHeader();
        client.expect(ConnectionMethod.Start.class);
    }

    private static void refused(RawClient client) throws IOException {
        assertTrue(client.isClosedSilently());
    }

    /** The end of a connection is noticed a moment after its socket closes. */
    private void awaitCount(int count) {
        while (server.server().newcomers().count() != count) {
            assertFalse(Thread.interrupted(), "it is too late");
            Thread.onSpinWait();
        }
    }

    @Test
    void anAddressWithManyLeavesRoomForOthers() throws IOException {
        for (int i = 0; i < MOST; i++) {
            newcomer(from("127.0.0.1"));
        }
        refused(from("127.0.0.1"));
        refused(from("127.0.0.3")); // the same machine
        assertEquals(2, server.server().newcomers().refused());
        assertEquals(MOST, server.server().registry().size());
        newcomer(behind("203.0.113.9"));
        assertEquals(MOST + 1, server.server().newcomers().count());
    }

    @Test
    void whoLogsInOrGoesMakesRoom() throws IOException {
        RawClient goes = from("127.0.0.1");
        newcomer(goes);
        newcomer(from("127.0.0.1"));
        from("127.0.0.1").login();
        newcomer(from("127.0.0.1"));
        refused(from("127.0.0.1"));
        goes.close();
        awaitCount(MOST - 1);
        newcomer(from("127.0.0.1"));
        refused(from("127.0.0.1"));
        for (RawClient client : clients) {
            client.close();
        }
        awaitCount(0);
        assertEquals(0, server.server().newcomers().addresses());
    }

    @Test
    void behindAProxyTheAddressCountsThatItNames() throws IOException {
        for (int i = 0; i < MOST; i++) {
            newcomer(behind("203.0.113.9"));
        }
        refused(behind("203.0.113.9"));
        newcomer(behind("203.0.113.10"));
        newcomer(behind("2001:db8::1"));
        newcomer(behind("2001:db8::2"));
        newcomer(behind("2001:db8::3:0:0:1"));
        refused(behind("2001:db8::4"));
        newcomer(behind("2001:db8:0:1::1"));
    }

    /** Connections of which nothing is known but the proxy cut none of its clients off. */
    @Test
    void aProxysOwnAddressIsNotCountedBeforeItsHeader() throws IOException {
        for (int i = 0; i <= MOST; i++) {
            from(PROXY);
        }
        newcomer(behind("203.0.113.9"));
        assertEquals(1, server.server().newcomers().count());
        assertEquals(0, server.server().newcomers().refused());
    }
}
