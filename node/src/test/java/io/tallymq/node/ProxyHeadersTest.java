package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.net.PemFile;
import io.tallymq.tally.certs.CertificateMaker;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients behind a proxy, which is at 127.0.0.2 of this machine; what comes from 127.0.0.1 comes by itself. */
class ProxyHeadersTest {
    private static final String PROXY = "127.0.0.2";
    private static final byte[] AMQP = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final byte[] V2 = HexFormat.of().parseHex(SIGNATURE + "2111000ccb0071090a00000112671628");
    private static final byte[] LOCAL = HexFormat.of().parseHex(SIGNATURE + "20000000");
    private static final byte[] V1 = line("PROXY TCP4 203.0.113.9 10.0.0.1 4711 5672\r\n");

    @TempDir
    private static Path dir;

    private static OneNode node;
    private static int amqps;
    private static int https;
    private static CertificateMaker maker;

    @BeforeAll
    static void start() throws Exception {
        maker = new CertificateMaker(dir.resolve("certs"));
        maker.makeAuthority(Validity.days(10));
        maker.make("n1", List.of("127.0.0.1"), Validity.days(10), false);
        List<Integer> ports = FreePorts.take(2);
        amqps = ports.get(0);
        https = ports.get(1);
        node = new OneNode(
                dir,
                "proxy.from=10.9.9.9, 127.0.0.2/32",
                "proxy.timeout=1s",
                "amqp.proxy=true",
                "http.proxy=true",
                "tls.amqp-proxy=true",
                "tls.http-proxy=true",
                "tls.certificate=" + maker.certificate("n1"),
                "tls.key=" + maker.certificate("n1").resolveSibling("n1-key.pem"),
                "tls.amqp-port=" + amqps,
                "tls.http-port=" + https);
        assertEquals(201, node.put("/api/users/eve", "{\"password\":\"eve\",\"tags\":\"administrator\"}"));
        assertEquals(
                201, node.put("/api/permissions/%2F/eve", "{\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Socket from(String address, int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port, InetAddress.getByName(address), 0);
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** A client whose connection a proxy opens. */
    private static ConnectionFactory behind(byte[] header, String user) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        factory.setUsername(user);
        factory.setPassword(user);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setSocketFactory(new ProxiedSockets(header));
        return factory;
    }

    private static final class ProxiedSockets extends SocketFactory {
        private final byte[] header;

        ProxiedSockets(byte[] header) {
            this.header = header;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public void connect(SocketAddress to, int timeout) throws IOException {
                    bind(new InetSocketAddress(PROXY, 0));
                    super.connect(to, timeout);
                    getOutputStream().write(header);
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return to(new InetSocketAddress(host, port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket(host, port); // from the proxy's address, whatever is asked for
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return to(new InetSocketAddress(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            return createSocket(host, port);
        }

        private Socket to(SocketAddress address) throws IOException {
            Socket socket = createSocket();
            socket.connect(address, 0);
            return socket;
        }
    }

    @Test
    void clientsHaveTheAddressThatTheirProxySays() throws Exception {
        for (byte[] header : List.of(V1, V2)) {
            try (Connection connection = behind(header, "eve").newConnection("behind")) {
                String all = node.api("/api/connections").body().replace(" ", "");
                assertTrue(all.contains("\"peer_host\":\"203.0.113.9\""), all);
                assertTrue(all.contains("203.0.113.9:4711->10.0.0.1:5672"), all);
                assertTrue(connection.isOpen());
            }
        }
    }

    @Test
    void guestIsOfThisMachineOnlyIfTheProxySaysSo() throws Exception {
        assertThrows(
                AuthenticationFailureException.class, () -> behind(V1, "guest").newConnection());
        byte[] unknown = line("PROXY UNKNOWN\r\n");
        assertThrows(AuthenticationFailureException.class, () -> behind(unknown, "guest")
                .newConnection());
        behind(unknown, "eve").newConnection().close();
        byte[] here = line("PROXY TCP4 127.0.0.1 127.0.0.1 4711 5672\r\n");
        behind(here, "guest").newConnection().close();
        behind(LOCAL, "guest").newConnection().close();
        try (Connection direct = node.connect()) {
            assertTrue(direct.isOpen());
        }
    }

    /** What is answered until the end; null if nothing is, not even an end with a word. */
    private static byte[] answer(String from, int port, byte[]... parts) throws IOException {
        try (Socket socket = from(from, port)) {
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
                socket.getOutputStream().flush();
            }
            try {
                return socket.getInputStream().readAllBytes();
            } catch (SocketException e) {
                return new byte[0]; // a reset is an end
            }
        }
    }

    @Test
    void whoComesFromAProxyWithoutItsHeaderIsNotServed() throws Exception {
        int port = node.amqpPort();
        assertEquals(0, answer(PROXY, port, AMQP).length);
        assertEquals(0, answer(PROXY, port, line("PROXY TCP4 203.0.113.9\r\n"), AMQP).length);
        assertEquals(0, answer(PROXY, port, line("PROXY UNKNOWN " + "x".repeat(200)), AMQP).length);
        byte[] shortOne = V2.clone();
        shortOne[15] = 11;
        assertEquals(0, answer(PROXY, port, shortOne, AMQP).length);
        byte[] longOne = V2.clone();
        longOne[14] = 0x7f;
        assertEquals(0, answer(PROXY, port, longOne, AMQP).length);
        assertEquals(0, answer(PROXY, port, line("PROXY TC")).length, "it waits a while and no longer");
        assertEquals(0, answer(PROXY, port).length);
    }

    @Test
    void aHeaderFromElsewhereIsNotBelieved() throws Exception {
        byte[] answered = answer("127.0.0.1", node.amqpPort(), V1, AMQP);
        assertTrue(Arrays.equals(AMQP, answered), "AMQP says what it speaks: " + Arrays.toString(answered));
    }

    private static void starts(InputStream in) throws IOException {
        byte[] begin = in.readNBytes(11);
        assertEquals(1, begin[0]);
        assertEquals(10, begin[8], "connection.start");
        assertEquals(10, begin[10]);
    }

    @Test
    void aHeaderMayComeInPiecesAndWithWhatFollows() throws Exception {
        try (Socket socket = from(PROXY, node.amqpPort())) {
            socket.setTcpNoDelay(true);
            for (byte b : V2) {
                socket.getOutputStream().write(b);
            }
            socket.getOutputStream().write(AMQP);
            starts(socket.getInputStream());
        }
        byte[] both = Arrays.copyOf(V1, V1.length + AMQP.length);
        System.arraycopy(AMQP, 0, both, V1.length, AMQP.length);
        try (Socket socket = from(PROXY, node.amqpPort())) {
            socket.getOutputStream().write(both);
            starts(socket.getInputStream());
        }
    }

    @Test
    void theHeaderComesBeforeTls() throws Exception {
        try (Socket plain = from(PROXY, amqps)) {
            plain.getOutputStream().write(V2);
            try (SSLSocket socket =
                    (SSLSocket) trusting().getSocketFactory().createSocket(plain, "127.0.0.1", amqps, true)) {
                socket.startHandshake();
                socket.getOutputStream().write(AMQP);
                starts(socket.getInputStream());
            }
        }
        try (Socket plain = from(PROXY, https)) {
            plain.getOutputStream().write(V1);
            try (SSLSocket socket =
                    (SSLSocket) trusting().getSocketFactory().createSocket(plain, "127.0.0.1", https, true)) {
                socket.getOutputStream().write(request("eve"));
                assertEquals("HTTP/1.1 200", head(socket.getInputStream()));
            }
        }
    }

    private static SSLContext trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca", PemFile.certificates(maker.authority()).get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static byte[] request(String user) {
        String login = Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
        return line("GET /api/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + login + "\r\n\r\n");
    }

    private static String head(InputStream in) throws IOException {
        return new String(in.readNBytes(12), StandardCharsets.US_ASCII);
    }

    @Test
    void theApiTakesHeadersToo() throws Exception {
        for (String[] who : new String[][] {{"eve", "200"}, {"guest", "401"}}) {
            try (Socket socket = from(PROXY, node.httpPort())) {
                socket.getOutputStream().write(V1);
                socket.getOutputStream().write(request(who[0]));
                assertEquals("HTTP/1.1 " + who[1], head(socket.getInputStream()));
            }
        }
        assertEquals(0, answer(PROXY, node.httpPort(), request("eve")).length);
    }
}
