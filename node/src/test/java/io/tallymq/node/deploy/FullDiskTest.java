package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real node whose disk is really full. Before, nothing warns it: the alarm is off. */
class FullDiskTest {
    private static final int BODY = 50_000;
    private static final String QUEUE = "q";
    private static final String BALLAST = "ballast";
    private static final String FULL_LOG = "is full: free space there and start the node again";
    private static final String FULL_STORE = "The disk of the store is full";
    private static final String NO_ALARM = "disk.free-limit=0";
    /** More than the disk has. */
    private static final String ALARM = "disk.free-limit=1GiB";

    private static final long CONFIRM_MILLIS = 120_000;
    private static final int CLOSE_MILLIS = 5_000;

    /** So many do not fit into the memtables of the second test, which the store writes up to 4 MiB at a time. */
    private static final int MANY = 500;

    private static final int FEW = 20;

    @TempDir
    Path dir;

    private NodeProcess node(SmallDisk disk, Path data, String limit, String memtable) throws IOException {
        return new NodeProcess(
                dir,
                disk.enter(),
                "data.dir=" + data,
                limit,
                "store.memtable-size=" + memtable,
                "raft.segment-size=4MiB");
    }

    /** The store writes no file before the log meets the full disk: its memtables take more than what is published. */
    @Test
    void aNodeWhoseLogMeetsAFullDiskSaysSoAndGoesOnWhenThereIsRoom() throws Exception {
        Path mountPoint = Files.createDirectory(dir.resolve("disk"));
        Path data = mountPoint.resolve("data");
        try (SmallDisk disk = new SmallDisk(mountPoint, 120)) {
            try (NodeProcess node = node(disk, data, NO_ALARM, "32MiB").awaitStart()) {
                publish(node, FEW);
                disk.fill(BALLAST);
                publishUntilItEnds(node);
                assertEquals(5, node.exitCode(), node.output());
                String last = node.output().substring(node.output().lastIndexOf("The node stops"));
                assertTrue(last.contains(FULL_LOG), node.output());
                assertFalse(last.contains("\tat "), last);
            }
            try (NodeProcess node = node(disk, data, ALARM, "32MiB")) {
                assertEquals(3, node.exitCode(), node.output());
                assertTrue(node.output().contains(" are missing. Free them"), node.output());
            }
            disk.remove(BALLAST);
            try (NodeProcess node = node(disk, data, ALARM, "32MiB").awaitStart()) {
                assertTrue(node.output().contains("publishers of all nodes are blocked"), node.output());
                assertDrained(node, FEW);
            }
        }
    }

    /** Only the store's directory is full. The bodies are of one octet each, so that the log packs them. */
    @Test
    void aNodeWhoseStoreMeetsAFullDiskAnswersWhoReadsAndGoesOnByItself() throws Exception {
        Path data = dir.resolve("data");
        Path store = Files.createDirectories(data.resolve("store"));
        try (SmallDisk disk = new SmallDisk(store, 40);
                NodeProcess node = node(disk, data, NO_ALARM, "1MiB").awaitStart()) {
            disk.fill(BALLAST);
            Connection connection = node.factory().newConnection();
            try {
                Channel channel = declared(connection);
                CompletableFuture<Void> published = CompletableFuture.runAsync(() -> publishMany(channel));
                node.await("a full store", () -> node.output().contains(FULL_STORE));
                assertEquals(200, get(node, "/api/queues"));
                assertEquals(200, get(node, "/metrics"));
                disk.remove(BALLAST);
                published.get(CONFIRM_MILLIS, TimeUnit.MILLISECONDS); // the client may have been held up
                channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
            } finally {
                connection.abort(CLOSE_MILLIS);
            }
            assertTrue(node.output().contains("The store is written again"), node.output());
            assertDrained(node, MANY);
        }
    }

    /**
     * All that was published is in the log only: the backup's copy of the store has room for some of it, on its way (with small memtables)
     * or at its end.
     */
    @ParameterizedTest
    @ValueSource(strings = {"1MiB", "32MiB"})
    void aBackupOfAStoppedNodeThatFindsNoRoomSaysSo(String memtable) throws Exception {
        Path mountPoint = Files.createDirectory(dir.resolve("disk"));
        Path data = mountPoint.resolve("data");
        Path backup = dir.resolve("left.tar");
        try (SmallDisk disk = new SmallDisk(mountPoint, 160)) {
            try (NodeProcess node = node(disk, data, NO_ALARM, "32MiB").awaitStart()) {
                publish(node, MANY);
                node.kill();
            }
            disk.fill(BALLAST, 6);
            try (NodeProcess saving = backup(disk, data, memtable, backup)) {
                assertEquals(3, saving.exitCode(), saving.output());
                assertTrue(saving.output().contains("no room on its disk"), saving.output());
                assertFalse(saving.output().contains("\tat "), saving.output());
                assertFalse(Files.exists(backup), "there is none");
            }
            disk.remove(BALLAST);
            try (NodeProcess saving = backup(disk, data, memtable, backup)) {
                assertEquals(0, saving.exitCode(), saving.output());
            }
        }
    }

    @Test
    void aBackupToAFullDiskSaysSoAndLeavesNothingThere() throws Exception {
        Path mountPoint = Files.createDirectory(dir.resolve("disk"));
        Path data = dir.resolve("data");
        Path backup = mountPoint.resolve("left.tar");
        try (SmallDisk disk = new SmallDisk(mountPoint, 8)) {
            try (NodeProcess node = node(disk, data, NO_ALARM, "4MiB").awaitStart()) {
                publish(node, FEW);
                node.kill();
            }
            disk.fill(BALLAST);
            try (NodeProcess saving = backup(disk, data, "4MiB", backup)) {
                assertEquals(3, saving.exitCode(), saving.output());
                assertTrue(saving.output().contains("There is no backup: It could not be written"), saving.output());
                assertTrue(saving.output().contains("No space left on device"), saving.output());
            }
            disk.remove(BALLAST);
            try (NodeProcess saving = backup(disk, data, "4MiB", backup)) {
                assertEquals(0, saving.exitCode(), saving.output());
            }
        }
    }

    private NodeProcess backup(SmallDisk disk, Path data, String memtable, Path backup) throws IOException {
        return new NodeProcess(
                dir,
                "set -- \"$@\" --backup '" + backup + "'\n" + disk.enter(),
                "data.dir=" + data,
                NO_ALARM,
                "store.memtable-size=" + memtable,
                "raft.segment-size=4MiB");
    }

    private static void publishMany(Channel channel) {
        for (int number = 0; number < MANY; number++) {
            byte[] body = new byte[BODY];
            Arrays.fill(body, (byte) number);
            try {
                channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Channel declared(Connection connection) throws IOException {
        Channel channel = connection.createChannel();
        channel.queueDeclare(QUEUE, true, false, false, Map.of());
        channel.confirmSelect();
        return channel;
    }

    /** Bodies that do not compress. */
    private static byte[] body(int number) {
        byte[] body = new byte[BODY];
        new Random(number).nextBytes(body);
        return body;
    }

    private static void publish(NodeProcess node, int messages) throws Exception {
        Connection connection = node.factory().newConnection();
        try {
            Channel channel = declared(connection);
            for (int number = 0; number < messages; number++) {
                channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, body(number));
            }
            channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        } finally {
            connection.abort(CLOSE_MILLIS);
        }
    }

    private static void publishUntilItEnds(NodeProcess node) throws Exception {
        Connection connection = node.factory().newConnection();
        try {
            Channel channel = declared(connection);
            for (int number = FEW; node.isAlive(); number++) {
                channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, body(number));
            }
        } catch (IOException | ShutdownSignalException e) {
            assertEquals(5, node.exitCode(), node.output());
        } finally {
            connection.abort(CLOSE_MILLIS);
        }
    }

    /** Nothing confirmed is missing, and what comes stays away once it is acked. */
    private static void assertDrained(NodeProcess node, int confirmed) throws Exception {
        Connection connection = node.factory().newConnection();
        try {
            Channel channel = connection.createChannel();
            int number = 0;
            for (GetResponse got; (got = channel.basicGet(QUEUE, false)) != null; number++) {
                channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
            }
            assertTrue(number >= confirmed, number + " messages came of " + confirmed);
            assertEquals(0, channel.messageCount(QUEUE));
        } finally {
            connection.abort(CLOSE_MILLIS);
        }
    }

    private static int get(NodeProcess node, String path) throws Exception {
        String login = Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.US_ASCII));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                .timeout(Duration.ofMillis(CONFIRM_MILLIS))
                .header("Authorization", "Basic " + login)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
