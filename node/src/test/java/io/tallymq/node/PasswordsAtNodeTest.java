package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a node does with passwords, by both doors: how much work it is, and where they are not to be seen afterwards. */
class PasswordsAtNodeTest {
    /** Rounds of PBKDF2. */
    private static final long ROUNDS = 100_000;
    /** Keyed digests of passwords that are known already, and the like. */
    private static final long BESIDE = 100;

    /** What comes from this address of the machine comes from elsewhere, by a header. */
    private static final String PROXY = "127.0.0.2";

    @TempDir
    private static Path directory;

    private static OneNode node;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        node = new OneNode(directory, "proxy.from=" + PROXY, "http.proxy=true");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static void user(String name, String password) throws Exception {
        String body = "{\"password\":\"" + password + "\",\"tags\":\"administrator\"}";
        assertEquals(201, node.put("/api/users/" + name, body));
        String all = "{\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}";
        assertEquals(201, node.put("/api/permissions/%2F/" + name, all));
    }

    private static Connection connect(String user, String password) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        factory.setUsername(user);
        factory.setPassword(password);
        return factory.newConnection("asks");
    }

    private static void refused(String user, String password) {
        assertThrows(AuthenticationFailureException.class, () -> connect(user, password));
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private HttpResponse<String> whoami(String user, String password) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + "/api/whoami"))
                        .header("Authorization", basic(user, password))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The first line of the answer to one who is not on the node's machine. */
    private static String whoamiElsewhere(String user, String password) throws IOException {
        String request = "PROXY TCP4 203.0.113.9 10.0.0.1 4711 15672\r\n"
                + "GET /api/whoami HTTP/1.1\r\nHost: node\r\nConnection: close\r\nAuthorization: "
                + basic(user, password) + "\r\n\r\n";
        InetAddress to = InetAddress.getByName("127.0.0.1");
        try (Socket socket = new Socket(to, node.httpPort(), InetAddress.getByName(PROXY), 0)) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    private static void isOneLogin(String what, long work) {
        assertTrue(work >= ROUNDS && work <= ROUNDS + BESIDE, what + ": " + work);
    }

    /** Counted in rounds of hashing, not in time: who measures it learns nothing. */
    @Test
    void anUnknownUserIsAsMuchWorkAsAWrongPasswordAndARightOne() throws Exception {
        user("ann", "anns own");
        user("bob", "bobs own");
        try (CountedMacs macs = new CountedMacs()) {
            refused("ann", "wrong");
            isOneLogin("AMQP, a wrong password", macs.made());
            refused("nobody", "wrong");
            isOneLogin("AMQP, an unknown user", macs.made());
            connect("ann", "anns own").close();
            isOneLogin("AMQP, a right password", macs.made());
            assertEquals(401, whoami("bob", "wrong").statusCode());
            isOneLogin("HTTP, a wrong password", macs.made());
            assertEquals(401, whoami("nobody", "wrong").statusCode());
            isOneLogin("HTTP, an unknown user", macs.made());
            assertEquals(200, whoami("bob", "bobs own").statusCode());
            isOneLogin("HTTP, a right password", macs.made());
        }
    }

    /** He may log in from the node's machine only, and has, so his password is known there. */
    @Test
    void fromElsewhereGuestsRightPasswordIsAsMuchWorkAsAWrongOne() throws Exception {
        assertEquals(200, whoami("guest", "guest").statusCode());
        try (CountedMacs macs = new CountedMacs()) {
            assertEquals("HTTP/1.1 401 Unauthorized", whoamiElsewhere("guest", "wrong"));
            isOneLogin("a wrong password", macs.made());
            assertEquals("HTTP/1.1 401 Unauthorized", whoamiElsewhere("guest", "guest"));
            isOneLogin("the right password", macs.made());
        }
        assertEquals(200, whoami("guest", "guest").statusCode());
    }

    private static final class Lines extends AppenderBase<ILoggingEvent> {
        final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage() + " " + event.getMDCPropertyMap() + " "
                    + (event.getThrowableProxy() == null
                            ? ""
                            : event.getThrowableProxy().getMessage()));
        }
    }

    /** Right and wrong ones, and a hash: not in the log, however much it tells, nor in a metric, a list, a refusal or the audit. */
    @Test
    void passwordsAreSeenNowhere() throws Exception {
        List<String> secrets =
                List.of("Tulip-right", "Tulip-wrong", "Y2lkOlR1bGlw", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30");
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger own = (Logger) LoggerFactory.getLogger("io.tallymq");
        Level before = own.getLevel();
        Lines lines = new Lines();
        lines.start();
        root.addAppender(lines);
        own.setLevel(Level.TRACE);
        StringBuilder seen = new StringBuilder();
        try {
            user("cid", "Tulip-right");
            String hash = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";
            assertEquals(201, node.put("/api/users/dan", "{\"password_hash\":\"" + hash + "\",\"tags\":\"\"}"));
            refused("cid", "Tulip-wrong");
            seen.append(whoami("cid", "Tulip-wrong").body());
            try (Connection connection = connect("cid", "Tulip-right")) {
                connection.createChannel();
                seen.append(whoami("cid", "Tulip-right").body());
                for (String path : List.of("connections", "channels", "audit", "overview", "logs", "permissions")) {
                    HttpResponse<String> told = node.api("/api/" + path);
                    assertEquals(200, told.statusCode(), path);
                    seen.append(told.body());
                }
                seen.append(node.metrics("/metrics").body());
                seen.append(node.metrics("/metrics/per-object").body());
            }
        } finally {
            own.setLevel(before);
            root.detachAppender(lines);
        }
        assertTrue(lines.lines.stream().anyMatch(line -> line.contains("cid")), lines.lines::toString);
        lines.lines.forEach(seen::append);
        secrets.forEach(secret -> assertFalse(seen.toString().contains(secret), secret));
    }
}
