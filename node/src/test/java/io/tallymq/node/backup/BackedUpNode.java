package io.tallymq.node.backup;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.config.ConfigCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A node of a cluster in this JVM, with a disk of its own, that backups are made of and restored to. */
final class BackedUpNode implements AutoCloseable {
    static final String QUEUE = "kept";

    private static final String LOGIN =
            Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));

    final Path data;
    private final String name;
    private final String peers;
    private final List<String> more;
    private Node node;

    /** @param more settings, key=value */
    BackedUpNode(Path data, String name, String peers, String... more) {
        this.data = data;
        this.name = name;
        this.peers = peers;
        this.more = List.of(more);
    }

    /** Addresses for nodes n1, n2 and so on. */
    static String peers(int count) {
        List<String> peers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            List<Integer> ports = FreePorts.take(2);
            peers.add("n" + i + "@127.0.0.1:" + ports.get(0) + ":" + ports.get(1));
        }
        return String.join(",", peers);
    }

    ConfigCommand.Outcome outcome(PrintStream err, String... options) {
        List<String> args = new ArrayList<>(List.of(options));
        List<String> settings = new ArrayList<>(List.of(
                "node.name=" + name,
                "cluster.name=backed-up",
                "cluster.peers=" + peers,
                "cluster.secret=only-for-this-test",
                "data.dir=" + data,
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "metrics.port=-1",
                "raft.segment-size=4MiB",
                "store.memtable-size=4MiB",
                "store.block-cache=8MiB",
                "store.body-cache=8MiB",
                "disk.free-limit=0"));
        settings.addAll(more);
        settings.forEach(setting -> args.addAll(List.of("--set", setting)));
        return new ConfigCommand(Map.of(), err, err).read(args.toArray(String[]::new));
    }

    /** What a command on the data of a node that does not run says, behind its exit code. */
    String command(String option, Path file) throws Exception {
        var said = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8);
        ConfigCommand.Outcome outcome = outcome(to, option, file.toString());
        int code = 0;
        try {
            if (outcome instanceof ConfigCommand.Restoring restoring) {
                new Restore(restoring.config(), Node.parts(restoring.config()), to::println).from(restoring.backup());
            } else {
                ConfigCommand.Backup backup = (ConfigCommand.Backup) outcome;
                new StoppedBackup(backup.config(), Node.parts(backup.config()), to::println).to(backup.file());
            }
        } catch (BackupException e) {
            to.println(e.getMessage());
            code = e.isDamage() ? 6 : 3;
        }
        return code + " " + said.toString(StandardCharsets.UTF_8);
    }

    void start() throws Exception {
        var run = (ConfigCommand.Run) outcome(System.err);
        node = new Node(run.config(), (reason, cause) -> {});
        node.start();
    }

    /** Waits until it confirms. */
    BackedUpNode serving() throws Exception {
        while (get("/api/health/checks/confirm-path").statusCode() != 200) {
            Thread.onSpinWait(); // the check waits by itself
        }
        return this;
    }

    HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient().send(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                .header("Authorization", "Basic " + LOGIN)
                .build();
    }

    /** Takes a backup from it. */
    Path backup(Path file) throws Exception {
        HttpResponse<Path> answer =
                HttpClient.newHttpClient().send(request("/api/backup"), HttpResponse.BodyHandlers.ofFile(file));
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + Files.readString(file));
        }
        return file;
    }

    Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        factory.setAutomaticRecoveryEnabled(false);
        return factory.newConnection("backup test");
    }

    /** Publishes numbers as messages, each confirmed. */
    void publish(int from, int to) throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.queueDeclare(QUEUE, true, false, false, null);
            for (int i = from; i < to; i++) {
                channel.basicPublish(
                        "", QUEUE, MessageProperties.PERSISTENT_BASIC, ("m" + i).getBytes(StandardCharsets.UTF_8));
            }
            channel.waitForConfirmsOrDie(60_000);
        }
    }

    /** What of the queue can be had, each taken for good. */
    Set<String> drain() throws Exception {
        Set<String> all = new TreeSet<>();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            for (GetResponse got; (got = channel.basicGet(QUEUE, true)) != null; ) {
                all.add(new String(got.getBody(), StandardCharsets.UTF_8));
            }
        }
        return all;
    }

    static Set<String> numbers(int from, int to) {
        Set<String> all = new TreeSet<>();
        for (int i = from; i < to; i++) {
            all.add("m" + i);
        }
        return all;
    }

    int amqpPort() {
        return node.amqpPort();
    }

    int httpPort() {
        return node.httpPort();
    }

    void stop() {
        if (node != null) {
            node.close();
            node = null;
        }
    }

    @Override
    public void close() {
        stop();
    }
}
