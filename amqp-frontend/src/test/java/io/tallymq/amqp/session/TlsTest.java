package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import io.netty.handler.ssl.ClientAuth;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.socket.ClientTls;
import io.tallymq.broker.access.NamePattern;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.CertificateName;
import io.tallymq.net.TlsIdentity;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AMQP by TLS, with the real client. */
class TlsTest {
    @TempDir
    private Path dir;

    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private TestCertificate own;
    private TlsIdentity identity;
    private CertificateName names = CertificateName.COMMON;
    private AmqpServer server;

    private record Anybody(LocalBroker broker, CertificateName names) implements Authenticator {
        @Override
        public CompletableFuture<Verdict> accepts(String user, byte[] password, InetAddress peer) {
            return CompletableFuture.completedFuture(Verdict.ACCEPTED);
        }

        @Override
        public String nameOf(X509Certificate shown) {
            return names.of(shown);
        }

        @Override
        public CompletableFuture<Verdict> acceptsWithoutPassword(String user, InetAddress peer) {
            return CompletableFuture.completedFuture(
                    broker.access().user(user) != null ? Verdict.ACCEPTED : Verdict.REFUSED);
        }
    }

    @BeforeEach
    void certificate() throws Exception {
        own = TestCertificate.of("node", dir);
        own.writeCertificate(dir.resolve("node.pem"));
        own.writeKey(dir.resolve("node.key"));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop("the test is over");
        }
        broker.close();
    }

    private void start(Path authorities, ClientAuth clients) throws IOException {
        identity = new TlsIdentity(
                new TlsIdentity.Pem(dir.resolve("node.pem"), dir.resolve("node.key"), authorities, clients));
        server = new AmqpServer(TestServer.defaults(), broker, new Anybody(broker, names));
        server.secure("127.0.0.1", 0, identity);
        server.start();
    }

    private ConnectionFactory client(TestCertificate trusted, TestCertificate shown, String protocol) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted.trusted());
        KeyManager[] keys = null;
        if (shown != null) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(shown.store(), shown.password());
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance(protocol);
        context.init(keys, trust.getTrustManagers(), null);
        ConnectionFactory f = new ConnectionFactory();
        f.setHost("localhost");
        f.setPort(server.securePort());
        f.useSslProtocol(context);
        f.enableHostnameVerification();
        f.setAutomaticRecoveryEnabled(false);
        return f;
    }

    private static void roundTrip(Connection connection, int bytes) throws Exception {
        Channel channel = connection.createChannel();
        String queue = channel.queueDeclare().getQueue();
        channel.confirmSelect();
        byte[] body = new byte[bytes];
        channel.basicPublish("", queue, null, body);
        channel.waitForConfirmsOrDie(30_000);
        assertArrayEquals(body, channel.basicGet(queue, true).getBody());
    }

    @Test
    void aClientPublishesConfirmsAndGets() throws Exception {
        start(null, ClientAuth.NONE);
        for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
            Connection c = client(own, null, protocol).newConnection();
            roundTrip(c, 10);
            ClientTls tls = server.registry().infos().get(0).tls();
            assertEquals(protocol, tls.protocol());
            assertTrue(tls.suite().startsWith("TLS_"), tls.suite());
            assertNull(tls.certificate());
            roundTrip(c, 3 << 20); // several records of TLS, several frames, parts of a body
            c.close(); // connection.close-ok came, and the end of the stream after it
        }
    }

    @Test
    void whoIsNotTrustedIsFoundOut() throws Exception {
        start(null, ClientAuth.NONE);
        TestCertificate other = TestCertificate.of("other", dir);
        assertThrows(SSLException.class, () -> client(other, null, "TLSv1.3").newConnection());
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAtTheStart() throws Exception {
        TestCertificate.of("other", dir).writeKey(dir.resolve("node.key"));
        IOException refused = assertThrows(IOException.class, () -> start(null, ClientAuth.NONE));
        assertTrue(refused.getMessage().contains("node.key is not the key of "), refused.getMessage());
    }

    @Test
    void filesThatDoNotFitAreNotTakenWhenTheyAreReadAgain() throws Exception {
        start(null, ClientAuth.NONE);
        TestCertificate next = TestCertificate.of("next", dir);
        next.writeKey(dir.resolve("node.key"));
        Files.setLastModifiedTime(dir.resolve("node.key"), FileTime.fromMillis(1));
        identity.reloadIfChanged();
        roundTrip(client(own, null, "TLSv1.3").newConnection(), 10);
        next.writeCertificate(dir.resolve("node.pem"));
        Files.setLastModifiedTime(dir.resolve("node.pem"), FileTime.fromMillis(1));
        identity.reloadIfChanged();
        roundTrip(client(next, null, "TLSv1.3").newConnection(), 10);
    }

    @Test
    void theFilesAreReadAgainAndOpenConnectionsStay() throws Exception {
        start(null, ClientAuth.NONE);
        Connection before = client(own, null, "TLSv1.3").newConnection();
        TestCertificate next = TestCertificate.of("next", dir);
        Files.writeString(dir.resolve("node.pem"), "no certificate");
        identity.reloadIfChanged(); // goes on with what it has
        client(own, null, "TLSv1.3").newConnection().close();
        next.writeCertificate(dir.resolve("node.pem"));
        next.writeKey(dir.resolve("node.key"));
        Files.setLastModifiedTime(dir.resolve("node.pem"), FileTime.fromMillis(1));
        identity.reloadIfChanged();
        client(next, null, "TLSv1.3").newConnection().close();
        assertThrows(SSLException.class, () -> client(own, null, "TLSv1.3").newConnection());
        roundTrip(before, 10);
    }

    @Test
    void whoShowsACertificateLogsInAsItsName() throws Exception {
        TestCertificate ann = TestCertificate.of("ann", dir);
        ann.writeCertificate(dir.resolve("clients.pem"));
        start(dir.resolve("clients.pem"), ClientAuth.REQUIRE);
        broker.submit(new Administer("t", "", new FirstUser("root", PasswordHash.NONE, "/")))
                .join();
        ConnectionFactory f = client(own, ann, "TLSv1.3");
        f.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        assertThrows(IOException.class, f::newConnection); // there is no such user
        broker.submit(new Administer("t", "", new SetUser("ann", new UserSpec(PasswordHash.NONE, List.of()))))
                .join();
        broker.submit(new Administer("t", "", new SetPermission("/", "ann", new Permission(".*", ".*", ".*"))))
                .join();
        Connection c = f.newConnection();
        roundTrip(c, 10);
        assertEquals("ann", server.connections().get(0).info().user());
        ClientTls.Certificate shown = server.connections().get(0).tls().certificate();
        assertEquals("CN=ann,O=Test", shown.subject());
        assertEquals("CN=ann,O=Test", shown.issuer());
        assertTrue(shown.from().isBefore(shown.until()), shown.toString());
        assertThrows(IOException.class, () -> client(own, null, "TLSv1.2").newConnection());
        TestCertificate stranger = TestCertificate.of("ann", dir);
        assertThrows(IOException.class, () -> client(own, stranger, "TLSv1.2").newConnection());
    }

    /** TestCertificate's alternative name is localhost, whoever it is of. */
    @Test
    void theNameIsTheOneThatTheRuleTakes() throws Exception {
        TestCertificate ann = TestCertificate.of("ann", dir);
        ann.writeCertificate(dir.resolve("clients.pem"));
        names = new CertificateName(CertificateName.Source.SAN_DNS, NamePattern.of("(local).*"));
        start(dir.resolve("clients.pem"), ClientAuth.REQUIRE);
        broker.submit(new Administer("t", "", new FirstUser("local", PasswordHash.NONE, "/")))
                .join();
        ConnectionFactory f = client(own, ann, "TLSv1.3");
        f.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        try (Connection c = f.newConnection()) {
            assertTrue(c.isOpen());
            assertEquals("local", server.connections().get(0).info().user());
        }
    }

    @Test
    void whoseCertificateHasNoSuchNameIsNotAskedForIt() throws Exception {
        TestCertificate ann = TestCertificate.of("ann", dir);
        ann.writeCertificate(dir.resolve("clients.pem"));
        names = new CertificateName(CertificateName.Source.SAN_EMAIL, null);
        start(dir.resolve("clients.pem"), ClientAuth.REQUIRE);
        ConnectionFactory f = client(own, ann, "TLSv1.3");
        f.setSaslConfig(DefaultSaslConfig.EXTERNAL);
        assertThrows(IOException.class, f::newConnection);
    }

    @Test
    void whatIsNoCertificateIsRefusedWithTheReason() throws Exception {
        Files.writeString(dir.resolve("node.key"), "no key");
        IOException e = assertThrows(IOException.class, () -> start(null, ClientAuth.NONE));
        assertTrue(e.getMessage().contains("node.key") && e.getMessage().contains("PKCS #8"), e.getMessage());
        IOException missing = assertThrows(
                IOException.class,
                () -> new TlsIdentity(
                        new TlsIdentity.Pem(dir.resolve("nowhere"), dir.resolve("node.key"), null, ClientAuth.NONE)));
        assertTrue(missing.getMessage().contains("nowhere"), missing.getMessage());
    }
}
