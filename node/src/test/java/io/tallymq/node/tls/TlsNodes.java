package io.tallymq.node.tls;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.NodeStartException;
import io.tallymq.node.config.ConfigCommand;
import io.tallymq.tally.certs.CertificateMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Three nodes, each behind forwarders for the others, with certificates that can be replaced. */
final class TlsNodes implements AutoCloseable {
    static final List<String> NAMES = List.of("n1", "n2", "n3");
    private static final String LOGIN =
            Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));

    private final Path directory;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, List<Integer>> ports = new TreeMap<>();
    private final Map<String, Node> nodes = new TreeMap<>();
    private final Map<String, Map<String, List<Forwarder>>> forwarders = new TreeMap<>();

    TlsNodes(Path directory) {
        this.directory = directory;
        NAMES.forEach(name -> ports.put(name, FreePorts.take(2)));
        for (String from : NAMES) {
            forwarders.put(from, new TreeMap<>());
            for (String to : NAMES) {
                if (!from.equals(to)) {
                    List<Forwarder> both =
                            ports.get(to).stream().map(Forwarder::new).toList();
                    forwarders.get(from).put(to, both);
                }
            }
        }
    }

    /** Where that node really listens: Raft, link. */
    List<Integer> ports(String name) {
        return ports.get(name);
    }

    /** Where {@code from} dials {@code to}: Raft, link. */
    List<Forwarder> between(String from, String to) {
        return forwarders.get(from).get(to);
    }

    void cutAll() {
        forwarders.values().forEach(each -> each.values().forEach(both -> both.forEach(Forwarder::cut)));
    }

    Node node(String name) {
        return nodes.get(name);
    }

    /** Where a node's files are: node.pem, node-key.pem, ca.pem. */
    Path files(String name) {
        return directory.resolve(name + "-tls");
    }

    /** Puts what {@code maker} made for {@code certificate} in a node's place, and the authorities of {@code trusted}. */
    void give(String name, CertificateMaker maker, String certificate, CertificateMaker... trusted) {
        try {
            Path files = Files.createDirectories(files(name));
            copy(maker.key(certificate), files.resolve("node-key.pem"));
            copy(maker.certificate(certificate), files.resolve("node.pem"));
            StringBuilder authorities = new StringBuilder();
            for (CertificateMaker each : trusted) {
                authorities.append(Files.readString(each.authority()));
            }
            Files.writeString(files.resolve("ca.pem"), authorities);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private String peers(String self) {
        List<String> peers = new ArrayList<>();
        for (String name : NAMES) {
            boolean own = name.equals(self);
            int raft = own ? ports.get(name).get(0) : between(self, name).get(0).port();
            int link = own ? ports.get(name).get(1) : between(self, name).get(1).port();
            peers.add(name + "@127.0.0.1:" + raft + ":" + link);
        }
        return String.join(",", peers);
    }

    void start(String name, String encryption) throws NodeStartException {
        List<String> args = new ArrayList<>();
        for (String assignment : List.of(
                "node.name=" + name,
                "cluster.name=tls",
                "cluster.peers=" + peers(name),
                "cluster.secret=only-for-this-test",
                "tls.nodes=" + encryption,
                "tls.nodes-certificate=" + files(name).resolve("node.pem"),
                "tls.nodes-key=" + files(name).resolve("node-key.pem"),
                "tls.nodes-authorities=" + files(name).resolve("ca.pem"),
                "data.dir=" + directory.resolve(name),
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "raft.election-timeout-min=1s",
                "raft.election-timeout-max=2s",
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "store.block-cache=8MiB",
                "store.body-cache=8MiB",
                "disk.free-limit=0")) {
            args.add("--set");
            args.add(assignment);
        }
        ConfigCommand.Run run = (ConfigCommand.Run)
                new ConfigCommand(Map.of(), System.out, System.err).read(args.toArray(String[]::new));
        Node node = new Node(run.config(), (reason, cause) -> {});
        nodes.put(name, node);
        node.start();
    }

    void stop(String name) {
        Node node = nodes.remove(name);
        if (node != null) {
            node.close();
        }
    }

    /** Status and text. */
    HttpResponse<String> get(String name, String path) {
        URI uri = URI.create("http://127.0.0.1:" + nodes.get(name).httpPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Basic " + LOGIN)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether a replicated write of that node goes through. */
    boolean serves(String name) {
        return get(name, "/api/health/checks/confirm-path").statusCode() == 200;
    }

    Connection connect(String name) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(nodes.get(name).amqpPort());
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection();
    }

    /** So many messages, each confirmed. */
    void publish(String name, int messages) throws Exception {
        try (Connection connection = connect(name);
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("q", true, false, false, null);
            channel.confirmSelect();
            for (int i = 0; i < messages; i++) {
                channel.basicPublish("", "q", MessageProperties.PERSISTENT_BASIC, new byte[100]);
                channel.waitForConfirmsOrDie(60_000);
            }
        }
    }

    @Override
    public void close() {
        NAMES.forEach(this::stop);
        forwarders.values().forEach(each -> each.values().forEach(both -> both.forEach(Forwarder::close)));
    }
}
