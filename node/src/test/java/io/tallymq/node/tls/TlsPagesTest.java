package io.tallymq.node.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.net.PemFile;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.tally.certs.CertificateMaker;
import io.tallymq.tally.certs.CertificateMaker.Validity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AMQP's clients have to show a certificate; a browser, a health check and tally come by HTTPS without one. */
class TlsPagesTest {
    @TempDir
    private Path dir;

    private static SSLContext trusting(CertificateMaker maker) throws Exception {
        KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
        keys.load(null, null);
        keys.setCertificateEntry("ca", PemFile.certificates(maker.authority()).get(0));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void pagesAskForNoCertificate() throws Exception {
        CertificateMaker maker = new CertificateMaker(dir);
        maker.makeAuthority(Validity.days(100));
        maker.make("n1", List.of("127.0.0.1"), Validity.days(100), false);
        List<Integer> ports = FreePorts.take(4);
        List<String> args = new ArrayList<>();
        for (String assignment : List.of(
                "node.name=n1",
                "cluster.name=tls-pages",
                "cluster.peers=n1@127.0.0.1:" + ports.get(0) + ":" + ports.get(1),
                "data.dir=" + dir.resolve("data"),
                "amqp.host=127.0.0.1",
                "amqp.port=-1",
                "http.host=127.0.0.1",
                "http.port=-1",
                "metrics.port=-1",
                "tls.certificate=" + maker.certificate("n1"),
                "tls.key=" + maker.key("n1"),
                "tls.authorities=" + maker.authority(),
                "tls.clients=required",
                "tls.amqp-port=" + ports.get(2),
                "tls.http-port=" + ports.get(3),
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "disk.free-limit=0")) {
            args.addAll(List.of("--set", assignment));
        }
        var run = (ConfigCommand.Run)
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        SSLContext trust = trusting(maker);
        try (Node node = new Node(run.config(), (reason, cause) -> {})) {
            node.start();
            HttpRequest alive = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + ports.get(3) + "/api/health/checks/alive"))
                    .build();
            HttpClient client = HttpClient.newBuilder().sslContext(trust).build();
            assertEquals(
                    200,
                    client.send(alive, HttpResponse.BodyHandlers.discarding()).statusCode());
            assertThrows(IOException.class, () -> {
                try (SSLSocket amqp = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", ports.get(2))) {
                    amqp.startHandshake();
                    amqp.getInputStream().read(); // with TLS 1.3 the server refuses behind the client's part
                }
            });
        }
    }
}
