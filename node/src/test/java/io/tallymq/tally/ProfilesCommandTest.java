package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which cluster a command is for, and as whom. */
@ExtendWith(TallyNode.Shared.class)
class ProfilesCommandTest {
    @TempDir
    Path dir;

    private Typed typed() {
        return Typed.nowhere().with("XDG_CONFIG_HOME", dir.toString());
    }

    private Path file() {
        return dir.resolve("tally").resolve("profiles.json");
    }

    @Test
    void aClusterByItsName(TallyNode node) throws IOException {
        typed().with("TALLY_PASSWORD", "guest")
                .run("profiles", "add", "here", "--at", node.address(), "--login", "guest", "--keep-password")
                .ok();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        typed().run("status").ok(); // the first one is the default
        typed().run("--cluster", "here", "queues", "list").ok();
        typed().with("TALLY_CLUSTER", "here").run("queues", "list").ok();
        typed().run("--cluster", "there", "status").refused(2, "no cluster 'there'");
        String list = typed().run("profiles", "list").ok().out();
        assertTrue(list.contains("*here"), list);
        assertFalse(typed().run("profiles", "list", "--json").ok().out().contains("\"guest\" :"), list);
        typed().run("profiles", "remove", "here").ok();
        assertEquals("[ ]", typed().run("profiles", "list", "--json").ok().out().strip());
    }

    @Test
    void aPasswordThatOthersMayReadIsNotBelieved(TallyNode node) throws IOException {
        typed().with("TALLY_PASSWORD", "guest")
                .run("profiles", "add", "here", "--at", node.address(), "--login", "guest", "--keep-password")
                .ok();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        typed().run("status").refused(2, "others may read it: chmod 600");
    }

    @Test
    void whatIsNoJsonIsNamedWithItsLine() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "{\n\"clusters\": [}");
        typed().run("status").refused(2, "profiles.json is no JSON, line 2");
    }

    /** The logins that came. */
    private static HttpServer listening(List<String> logins) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String login =
                    exchange.getRequestHeaders().getFirst("Authorization").substring("Basic ".length());
            synchronized (logins) {
                logins.add(new String(Base64.getDecoder().decode(login), StandardCharsets.UTF_8));
            }
            byte[] body = "{\"error\":\"x\",\"reason\":\"no\"}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void theDefaultClustersPasswordIsForItsOwnNodes(TallyNode node) throws IOException {
        typed().with("TALLY_PASSWORD", "secret")
                .run("profiles", "add", "prod", "--at", node.address(), "--login", "ops", "--keep-password")
                .ok();
        List<String> logins = new ArrayList<>();
        HttpServer server = listening(logins);
        try {
            String elsewhere = "127.0.0.1:" + server.getAddress().getPort();
            typed().run("--address", elsewhere, "cluster", "status").refused(1, "no (401)");
            typed().with("TALLY_ADDRESS", elsewhere).run("cluster", "status").refused(1, "no (401)");
            typed().run("--address", elsewhere, "--user", "ops", "cluster", "status")
                    .refused(2, "there is no password for ops");
            typed().run("--cluster", "prod", "--address", elsewhere, "cluster", "status")
                    .refused(1, "no (401)"); // told to
        } finally {
            server.stop(0);
        }
        assertEquals(List.of("guest:guest", "guest:guest", "ops:secret"), logins);
    }

    /** What the environment holds is another cluster's. */
    @Test
    void aNamedClustersPasswordIsItsOwn() throws IOException {
        List<String> logins = new ArrayList<>();
        HttpServer server = listening(logins);
        try {
            String there = "127.0.0.1:" + server.getAddress().getPort();
            typed().with("TALLY_PASSWORD", "secret")
                    .run("profiles", "add", "prod", "--at", there, "--login", "ops", "--keep-password")
                    .ok();
            Typed other = typed().with("TALLY_PASSWORD", "others");
            other.run("--cluster", "prod", "cluster", "status").refused(1, "no (401)");
            other.run("--cluster", "prod", "--user", "me", "cluster", "status").refused(1, "no (401)");
            other.run("cluster", "status").refused(1, "no (401)"); // the default one
        } finally {
            server.stop(0);
        }
        assertEquals(List.of("ops:secret", "me:others", "ops:others"), logins);
    }

    @Test
    void aPasswordIsAskedFor(TallyNode node) {
        typed().with("TALLY_ADDRESS", node.address())
                .asked(question -> question.startsWith("Password of admin at 127.0.0.1:") ? "x".toCharArray() : null)
                .run("--user", "admin", "status")
                .refused(1, "Login failed (401)");
    }
}
