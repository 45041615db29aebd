package io.tallymq.node.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.net.PemFile;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.clients.Programs;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.tally.certs.CertificateMaker;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other people's clients over AMQPS, and certificates that are replaced while they publish. */
class TlsClientsTest {
    private static final Validity GOOD = Validity.days(100);
    private static final int PUBLISHERS = 8;
    private static final int REPLACED = 6;
    private static final long LIMIT_NANOS = 60_000_000_000L;

    @TempDir
    private static Path dir;

    private static CertificateMaker first;
    private static CertificateMaker second;
    private static Node node;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        first = maker("first");
        second = maker("second");
        show(first);
        List<Integer> ports = FreePorts.take(4);
        port = ports.get(2);
        List<String> args = new ArrayList<>();
        for (String assignment : List.of(
                "node.name=n1",
                "cluster.name=tls-clients",
                "cluster.peers=n1@127.0.0.1:" + ports.get(0) + ":" + ports.get(1),
                "data.dir=" + dir.resolve("data"),
                "amqp.host=127.0.0.1",
                "amqp.port=-1", // nothing but TLS
                "http.host=127.0.0.1",
                "http.port=-1",
                "metrics.port=-1",
                "tls.certificate=" + dir.resolve("node.pem"),
                "tls.key=" + dir.resolve("node-key.pem"),
                "tls.amqp-port=" + port,
                "tls.http-port=" + ports.get(3),
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "disk.free-limit=0")) {
            args.addAll(List.of("--set", assignment));
        }
        var run = (ConfigCommand.Run)
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        node = new Node(run.config(), (reason, cause) -> {});
        node.start();
        await("the first user", () -> {
            try (Connection connection = connect(first)) {
                return connection.isOpen();
            } catch (Exception e) {
                return false;
            }
        });
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static CertificateMaker maker(String name) throws IOException {
        CertificateMaker maker = new CertificateMaker(dir.resolve(name));
        maker.makeAuthority(GOOD);
        maker.make("n1", List.of("127.0.0.1"), GOOD, false);
        return maker;
    }

    /** Puts a maker's certificate where the node reads it. */
    private static void show(CertificateMaker maker) throws IOException {
        Files.copy(maker.key("n1"), dir.resolve("node-key.pem"), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(maker.certificate("n1"), dir.resolve("node.pem"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static Connection connect(CertificateMaker trusted) throws Exception {
        KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
        keys.load(null, null);
        keys.setCertificateEntry("ca", PemFile.certificates(trusted.authority()).get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port);
        factory.setAutomaticRecoveryEnabled(false);
        factory.useSslProtocol(context);
        factory.enableHostnameVerification();
        return factory.newConnection();
    }

    private static String uri() {
        return "amqps://guest:guest@127.0.0.1:" + port + "/%2F";
    }

    private static void passes(int checks, List<String> program) throws Exception {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("--ca", first.authority().toString(), "--uri", uri()));
        List<String> passed = Programs.run(command, dir);
        assertEquals(checks, passed.size(), passed::toString);
    }

    @Test
    void pika() throws Exception {
        passes(3, Programs.python("pika", "pika", "tls.py"));
    }

    @Test
    void amqplib() throws Exception {
        passes(3, Programs.node("amqplib", "tls.js"));
    }

    @Test
    void rabbitsOwn() throws Exception {
        try (Connection connection = connect(first);
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.queueDeclare("java", true, false, false, null);
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            channel.basicConsume(
                    "java", true, (tag, d) -> came.add(new String(d.getBody(), StandardCharsets.UTF_8)), tag -> {});
            for (int i = 0; i < 300; i++) {
                channel.basicPublish(
                        "",
                        "java",
                        MessageProperties.PERSISTENT_BASIC,
                        String.valueOf(i).getBytes(StandardCharsets.UTF_8));
            }
            channel.waitForConfirmsOrDie(60_000);
            for (int i = 0; i < 300; i++) {
                assertEquals(String.valueOf(i), came.poll(60, TimeUnit.SECONDS));
            }
            channel.queueDelete("java");
        }
        assertThrows(SSLException.class, () -> connect(second));
    }

    @Test
    void certificatesAreReplacedUnderLoad() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<AtomicInteger> confirmed = new ArrayList<>();
        List<CompletableFuture<Void>> publishers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            AtomicInteger own = new AtomicInteger();
            confirmed.add(own);
            String queue = "load" + i;
            publishers.add(
                    CompletableFuture.runAsync(() -> publish(queue, done, own), task -> new Thread(task).start()));
        }
        try {
            for (int i = 0; i < REPLACED; i++) {
                goOn(confirmed, publishers);
                CertificateMaker next = i % 2 == 0 ? second : first;
                CertificateMaker before = i % 2 == 0 ? first : second;
                show(next);
                node.lookAtCertificates();
                connect(next).close();
                assertThrows(SSLException.class, () -> connect(before));
            }
            goOn(confirmed, publishers);
        } finally {
            done.set(true);
        }
        for (CompletableFuture<Void> each : publishers) {
            each.get(60, TimeUnit.SECONDS); // none lost its connection
        }
    }

    /** Each of them confirms some more. */
    private static void goOn(List<AtomicInteger> confirmed, List<CompletableFuture<Void>> publishers) {
        for (int i = 0; i < PUBLISHERS; i++) {
            int wanted = confirmed.get(i).get() + 10;
            AtomicInteger own = confirmed.get(i);
            CompletableFuture<Void> publisher = publishers.get(i);
            await("publisher " + i, () -> own.get() >= wanted || publisher.isDone());
            assertTrue(!publisher.isDone(), () -> "a publisher has ended: " + publisher);
        }
    }

    private static void publish(String queue, AtomicBoolean done, AtomicInteger confirmed) {
        try (Connection connection = connect(first);
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.queueDeclare(queue, true, false, false, null);
            while (!done.get()) {
                for (int i = 0; i < 10; i++) {
                    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, new byte[500]);
                }
                channel.waitForConfirmsOrDie(60_000);
                confirmed.addAndGet(10);
                channel.queuePurge(queue);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
