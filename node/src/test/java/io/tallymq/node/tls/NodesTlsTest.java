package io.tallymq.node.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.net.PemFile;
import io.tallymq.tally.certs.CertificateMaker;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that know each other by certificates: real sockets, real Ratis, certificates as deploy/tally makes them. */
class NodesTlsTest {
    private static final List<String> HERE = List.of("127.0.0.1");
    private static final Validity GOOD = Validity.days(100);

    @TempDir
    private static Path shared;

    @TempDir
    private Path dir;

    private static CertificateMaker first;
    private static CertificateMaker second;

    @BeforeAll
    static void certificates() throws Exception {
        first = new CertificateMaker(shared.resolve("first"));
        first.makeAuthority(GOOD);
        first.make("n1", HERE, GOOD, false); // for all three: they are at one address
        first.make("wrong-name", List.of("10.9.8.7"), GOOD, false);
        first.make("expired", HERE, new Validity(20, 10), false);
        second = new CertificateMaker(shared.resolve("second"));
        second.makeAuthority(GOOD);
        second.make("n1", HERE, GOOD, false);
    }

    private TlsNodes pair(LogLines log) throws Exception {
        TlsNodes nodes = new TlsNodes(dir);
        TlsNodes.NAMES.forEach(name -> nodes.give(name, first, "n1", first));
        nodes.start("n1", "on");
        nodes.start("n2", "on");
        log.await("two of three serve", () -> nodes.serves("n1") && nodes.serves("n2"));
        return nodes;
    }

    private static void keptOut(TlsNodes nodes, LogLines log, String encryption, List<String> told, List<String> says)
            throws Exception {
        int from = log.size();
        nodes.start("n3", encryption);
        log.await(from, told.toArray(String[]::new));
        log.await(from, says.toArray(String[]::new));
        nodes.publish("n1", 3);
        assertFalse(log.has(from, "Link to node 'n3' is up"), "it was let in");
    }

    @Test
    void whoIsNoNodeIsKeptOutAndSaysWhyAndTheOthersGoOn() throws Exception {
        try (LogLines log = new LogLines();
                TlsNodes nodes = pair(log)) {
            strangers(nodes, log);
            nodes.give("n3", second, "n1", first);
            keptOut(
                    nodes,
                    log,
                    "on",
                    List.of("Link connection of /127.0.0.1", "unknown authority", "CN=TallyMQ authority"),
                    List.of(
                            "The other nodes will refuse this node",
                            "does not stand by the authorities",
                            "tally certs"));
            log.await(0, "Raft connection of /127.0.0.1", "unknown authority");
            log.await(0, "Node 'n1' at 127.0.0.1", "it refused this node", "does not stand by the authorities");
            nodes.stop("n3");
            nodes.give("n3", first, "n1", second);
            keptOut(
                    nodes,
                    log,
                    "on",
                    List.of("it does not take this node for one", "its log says why"),
                    List.of("The node at 127.0.0.1", "is not taken for one", "unknown authority", "tally certs"));
            nodes.stop("n3");
            nodes.give("n3", first, "expired", first);
            keptOut(
                    nodes,
                    log,
                    "on",
                    List.of("connection of /127.0.0.1", "refused: its certificate CN=expired", "has expired"),
                    List.of("Node 'n1' at", "it refused this node", "has expired on", "tally certs"));
            nodes.stop("n3");
            nodes.start("n3", "off");
            int from = log.size();
            log.await(0, "Link connection of /127.0.0.1", "plain text was spoken to a port that speaks TLS");
            log.await(0, "Link to node 'n1' was refused: this node speaks TLS", "set tls.nodes to the same");
            log.await(0, "Node 'n3' at 127.0.0.1", "it answers in plain text", "set tls.nodes to the same");
            nodes.publish("n2", 3);
            assertFalse(log.has(from, "Link to node 'n3' is up"));
            nodes.stop("n3");
            nodes.give("n3", first, "wrong-name", first);
            keptOut(
                    nodes,
                    log,
                    "on",
                    List.of("CN=wrong-name", "wrong name", "to none of the nodes in cluster.peers"),
                    List.of("Node 'n1' at", "it refused this node", "not to 127.0.0.1", "tally certs"));
            log.await(0, "The node at 127.0.0.1", "CN=wrong-name", "has the wrong name");
            nodes.give("n3", first, "n1", first);
            nodes.node("n3").lookAtCertificates();
            log.await("n3 joins with the right certificate, without a restart", () -> nodes.serves("n3"));
        }
    }

    @Test
    void certificatesAreReplacedWhileMessagesAreConfirmed() throws Exception {
        try (LogLines log = new LogLines();
                TlsNodes nodes = pair(log)) {
            nodes.start("n3", "on");
            log.await("all serve", () -> nodes.serves("n3"));
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger confirmed = new AtomicInteger();
            CompletableFuture<Void> publisher = CompletableFuture.runAsync(() -> publish(nodes, done, confirmed));
            log.await("some confirms", () -> confirmed.get() > 50);
            for (String name : TlsNodes.NAMES) {
                nodes.give(name, second, "n1", second);
                nodes.node(name).lookAtCertificates();
            }
            int more = confirmed.get() + 50;
            log.await("open connections stay", () -> confirmed.get() > more);
            int before = nodes.between("n1", "n2").get(1).accepted();
            int from = log.size();
            nodes.cutAll(); // from here on nobody is taken for a node by what it had before
            for (String name : TlsNodes.NAMES) {
                log.await(from, "Link to node '" + name + "' is up");
            }
            int after = confirmed.get() + 50;
            log.await("confirms over new connections", () -> confirmed.get() > after || publisher.isDone());
            done.set(true);
            publisher.join();
            assertTrue(nodes.between("n1", "n2").get(1).accepted() > before);
            assertThrows(IOException.class, () -> speak(nodes.ports("n1").get(1), first, "n1"));
            speak(nodes.ports("n1").get(1), second, "n1");
            assertTrue(
                    nodes.get("n1", "/metrics").body().contains("tallymq_tls_certificate_seconds{shown_to=\"nodes\""));
            assertEquals(
                    200,
                    nodes.get("n1", "/api/health/checks/certificate-expiration/90/days")
                            .statusCode());
            assertTrue(nodes.get("n1", "/api/health/checks/certificate-expiration/110/days")
                    .body()
                    .contains("the certificate that nodes are shown expires within 110 days"));
        }
    }

    /** As docs/operations.md says: whichever node is at its next step already, all new connections are taken. */
    @Test
    void aNewAuthorityComesInThreeSteps() throws Exception {
        try (LogLines log = new LogLines();
                TlsNodes nodes = pair(log)) {
            nodes.start("n3", "on");
            log.await("all serve", () -> nodes.serves("n3"));
            step(nodes, log, name -> nodes.give(name, first, "n1", first, second));
            step(nodes, log, name -> nodes.give(name, second, "n1", first, second));
            step(nodes, log, name -> nodes.give(name, second, "n1", second));
            for (int port : nodes.ports("n1")) {
                assertThrows(IOException.class, () -> speak(port, first, "n1"));
                speak(port, second, "n1", 300);
            }
        }
    }

    /** One node is ahead of the others, then all are where it is. */
    private static void step(TlsNodes nodes, LogLines log, Consumer<String> give) throws Exception {
        for (List<String> some : List.of(List.of("n1"), List.of("n2", "n3"))) {
            for (String name : some) {
                give.accept(name);
                nodes.node(name).lookAtCertificates();
            }
            goesOn(nodes, log);
        }
    }

    /** Over new connections between all of them. */
    private static void goesOn(TlsNodes nodes, LogLines log) throws Exception {
        int from = log.size();
        nodes.cutAll();
        for (String name : TlsNodes.NAMES) {
            log.await(from, "Link to node '" + name + "' is up");
        }
        for (String name : TlsNodes.NAMES) {
            nodes.publish(name, 1);
        }
    }

    private static void publish(TlsNodes nodes, AtomicBoolean done, AtomicInteger confirmed) {
        try (Connection connection = nodes.connect("n1");
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("q", true, false, false, null);
            channel.confirmSelect();
            while (!done.get()) {
                channel.basicPublish("", "q", MessageProperties.PERSISTENT_BASIC, new byte[100]);
                channel.waitForConfirmsOrDie(60_000);
                confirmed.incrementAndGet();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** On both ports of n1. */
    private static void strangers(TlsNodes nodes, LogLines log) throws Exception {
        List<Integer> ports = nodes.ports("n1");
        List<String> names = List.of("Raft", "Link");
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.get(i);
            String connection = names.get(i) + " connection of /127.0.0.1";
            new Socket("127.0.0.1", port).close(); // who only looks whether it is open is none
            assertThrows(IOException.class, () -> speak(port, first, null));
            log.await(0, connection, "it shows no certificate");
            assertThrows(IOException.class, () -> speak(port, first, "wrong-name"));
            log.await(0, connection, "CN=wrong-name", "wrong name", "to none of the nodes");
            assertThrows(IOException.class, () -> speak(port, second, "n1"));
            try (Socket plain = new Socket("127.0.0.1", port)) {
                plain.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                plain.getInputStream().readAllBytes();
            }
            log.await(0, connection, "plain text was spoken");
            speak(port, first, "n1", 300);
        }
    }

    private static void speak(int port, CertificateMaker maker, String name) throws Exception {
        speak(port, maker, name, 60_000);
    }

    /**
     * Says hello, and reads an octet: with TLS 1.3 who dialled is told only then that it was refused.
     *
     * @param millis how long to wait for it; who was taken hears nothing
     */
    private static void speak(int port, CertificateMaker maker, String name, int millis) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        // Nobody's certificate is looked at here: what is asked is whether the node takes this one.
        for (CertificateMaker each : List.of(first, second)) {
            trusted.setCertificateEntry(
                    each.toString(), PemFile.certificates(each.authority()).get(0));
        }
        trust.init(trusted);
        KeyManager[] keys = null;
        if (name != null) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry(
                    "own",
                    PemFile.key(maker.key(name)),
                    new char[0],
                    PemFile.certificates(maker.certificate(name)).toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(own, new char[0]);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(60_000);
            socket.startHandshake();
            socket.setSoTimeout(millis);
            try {
                socket.getInputStream().read();
            } catch (SocketTimeoutException e) {
                return; // it waits for a greeting
            }
        }
    }
}
