package io.tallymq.node.backup;

import static io.tallymq.node.backup.BackedUpNode.numbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.tallymq.disk.Directories;
import io.tallymq.node.NodeStartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of nodes that work and of nodes that don't, and clusters that come of them. */
class BackupTest {
    /** Raft's term and vote, beside the segments. */
    private static final String META = "raft-meta";

    private static final int LARGE = 3 << 20;

    @TempDir
    Path dir;

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static int status(BackedUpNode node, String path) {
        try {
            return node.get(path).statusCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Counts what it has confirmed, one message after the other, until it is told to end. */
    private static CompletableFuture<Void> publishing(BackedUpNode node, AtomicBoolean done, AtomicInteger confirmed) {
        return CompletableFuture.runAsync(() -> {
            try (Connection connection = node.connect();
                    Channel channel = connection.createChannel()) {
                channel.confirmSelect();
                channel.queueDeclare(BackedUpNode.QUEUE, true, false, false, null);
                for (int i = 0; !done.get(); i++) {
                    channel.basicPublish(
                            "",
                            BackedUpNode.QUEUE,
                            MessageProperties.PERSISTENT_BASIC,
                            ("m" + i).getBytes(StandardCharsets.UTF_8));
                    channel.waitForConfirmsOrDie(60_000);
                    confirmed.set(i + 1);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void whatWasConfirmedIsInABackupOfANodeThatWorksAndConnectionsAreNot() throws Exception {
        byte[] large = new byte[LARGE];
        new Random(5).nextBytes(large);
        Path backup = dir.resolve("backup.tar");
        int before;
        try (BackedUpNode old = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1))) {
            old.start();
            old.serving();
            AtomicBoolean done = new AtomicBoolean();
            AtomicInteger confirmed = new AtomicInteger();
            try (Connection connection = old.connect();
                    Channel channel = connection.createChannel()) {
                channel.confirmSelect();
                channel.queueDeclare("held", true, false, false, null);
                channel.queueDeclare("mine alone", false, true, false, null);
                channel.basicPublish("", "held", MessageProperties.PERSISTENT_BASIC, large);
                channel.waitForConfirmsOrDie(60_000);
                CompletableFuture<byte[]> delivered = new CompletableFuture<>();
                channel.basicConsume("held", false, (tag, d) -> delivered.complete(d.getBody()), tag -> {});
                delivered.join(); // and never acked
                CompletableFuture<Void> publisher = publishing(old, done, confirmed);
                await("some confirms", () -> confirmed.get() > 20 || publisher.isDone());
                before = confirmed.get();
                old.backup(backup);
                int after = confirmed.get() + 20;
                await("confirms after it", () -> confirmed.get() > after || publisher.isDone());
                done.set(true);
                publisher.join();
            }
        }
        try (BackedUpNode restored = new BackedUpNode(dir.resolve("new"), "n1", BackedUpNode.peers(1))) {
            String said = restored.command("--restore", backup);
            assertTrue(said.startsWith("0 Restored from the backup"), said);
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(restored.data)));
            restored.start();
            restored.serving();
            await("no consumer is left", () -> {
                try {
                    return restored.get("/api/consumers").body().equals("[]")
                            && restored.get("/api/queues/%2F/mine%20alone").statusCode() == 404;
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            Set<String> all = restored.drain();
            assertTrue(all.containsAll(numbers(0, before)), before + " were confirmed, there are " + all.size());
            assertEquals(numbers(0, all.size()), all, "nothing is left out in the middle");
            try (Connection connection = restored.connect();
                    Channel channel = connection.createChannel()) {
                GetResponse got = channel.basicGet("held", true);
                assertTrue(got.getEnvelope().isRedeliver());
                assertTrue(Arrays.equals(large, got.getBody()));
            }
            restored.publish(0, 10);
        }
    }

    /** What tells a backup from its neighbour in this test. */
    private static JsonNode manifest(Path backup) throws IOException {
        byte[] bytes = Files.readAllBytes(backup);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int from = text.lastIndexOf("{\n  \"product\"");
        return new ObjectMapper().readTree(text.substring(from, text.lastIndexOf('}') + 1));
    }

    @Test
    void aClusterOfThreeComesOfABackupAndNeitherTakesTheOtherForItself() throws Exception {
        String peers = BackedUpNode.peers(3);
        Path backup = dir.resolve("backup.tar");
        List<BackedUpNode> old = cluster("old", peers);
        try {
            start(old);
            old.get(0).publish(0, 50);
            old.get(2).backup(backup); // of one that may not have heard of the last one yet
            old.get(0).publish(50, 60);
        } finally {
            old.forEach(BackedUpNode::close);
        }
        assertEquals("n3", manifest(backup).path("node").asText());
        List<BackedUpNode> restored = cluster("new", peers);
        try {
            for (BackedUpNode node : restored.subList(0, 2)) {
                String said = node.command("--restore", backup);
                assertTrue(said.startsWith("0 "), said);
            }
            restored.get(0).start();
            restored.get(1).start();
            restored.get(0).serving();
            restored.get(0).publish(100, 110);
            // Restored late, or once more: it is told what to do instead, for it may have acked what it would forget.
            String refused = restored.get(2).command("--restore", backup);
            assertTrue(refused.startsWith("3 Nothing is restored: the cluster backed-up with the origin"), refused);
            assertTrue(refused.contains("runs already (node n1, n2)"), refused);
            assertTrue(refused.contains(
                    "start it with an empty data.dir and cluster.origin = " + origin(restored.get(0))));
            assertEmpty(restored.get(2));
            // A node of the old cluster at the third one's address: it waits for others like it, and spoils nothing.
            BackedUpNode stranger = old.get(2);
            stranger.start();
            restored.get(1).publish(110, 120);
            assertEquals(503, status(stranger, "/api/health/checks/ready-to-serve-clients"));
            stranger.stop();
            // Nor does one that has nothing, and was not told whose it is.
            BackedUpNode third = restored.get(2);
            third.start();
            restored.get(1).publish(120, 130);
            assertEquals(503, status(third, "/api/health/checks/ready-to-serve-clients"));
            third.stop();
            BackedUpNode told =
                    new BackedUpNode(dir.resolve("joins"), "n3", peers, "cluster.origin=" + origin(restored.get(0)));
            try {
                told.start();
                told.serving();
                await("it has all", () -> status(told, "/api/queues/%2F/kept") == 200);
                Set<String> wanted = new TreeSet<>(numbers(0, 50));
                wanted.addAll(numbers(100, 130));
                assertEquals(wanted, told.drain());
            } finally {
                told.close();
            }
        } finally {
            restored.forEach(BackedUpNode::close);
        }
    }

    private static String origin(BackedUpNode node) throws IOException {
        String text = Files.readString(node.data.resolve("log/node.properties"));
        return text.replaceAll("(?s).*cluster=backed-up/([0-9a-f]+).*", "$1");
    }

    private List<BackedUpNode> cluster(String name, String peers) {
        List<BackedUpNode> nodes = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            nodes.add(new BackedUpNode(dir.resolve(name + i), "n" + i, peers));
        }
        return nodes;
    }

    private static void start(List<BackedUpNode> nodes) throws Exception {
        for (BackedUpNode node : nodes) {
            node.start();
        }
        for (BackedUpNode node : nodes) {
            node.serving();
        }
    }

    @Test
    void whenTheMajorityIsLostForGoodABackupOfTheOneThatIsLeftHasAllItHad() throws Exception {
        String peers = BackedUpNode.peers(3);
        List<BackedUpNode> old = cluster("old", peers);
        try {
            start(old);
            old.get(1).publish(0, 200);
        } finally {
            old.forEach(BackedUpNode::close);
        }
        BackedUpNode left = old.get(2);
        Path backup = dir.resolve("left.tar");
        String state = contents(left.data);
        String said = left.command("--backup", backup);
        assertTrue(said.startsWith("0 The backup"), said);
        assertEquals(state, contents(left.data), "its log and its directory's place are as they were");
        assertTrue(left.command("--backup", backup).startsWith("3 There is a file"));
        Path cutShort = Files.createFile(dir.resolve("again.tar.part"));
        said = left.command("--backup", dir.resolve("again.tar"));
        assertTrue(said.startsWith("3 There is a file " + cutShort + " already"), said);
        assertTrue(said.contains("delete it and try again"), said);
        Files.delete(cutShort);
        assertTrue(left.command("--backup", dir.resolve("again.tar")).startsWith("0 The backup"));
        try (BackedUpNode one = new BackedUpNode(
                dir.resolve("one"), "alone", BackedUpNode.peers(1).replace("n1", "alone"))) {
            said = one.command("--restore", backup);
            assertTrue(said.startsWith("0 "), said);
            one.start();
            one.serving();
            assertEquals(numbers(0, 200), one.drain());
        }
    }

    /** Term and vote are gone as well: nobody needs them any more. */
    @Test
    void ofADamagedLogTheBackupHasWhatCanBeRead() throws Exception {
        Path backup = dir.resolve("left.tar");
        BackedUpNode left = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1));
        try (left) {
            left.start();
            left.serving();
            left.publish(0, 10);
        }
        Directories.delete(left.data.resolve("store")); // so that all comes of the log
        Path log = logOf(left);
        Files.delete(log.resolve(META));
        Path newest = newestSegment(log);
        byte[] bytes = Files.readAllBytes(newest);
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        Files.write(newest, flipped(bytes, end - 8));
        String said = left.command("--backup", backup);
        assertTrue(said.startsWith("6 The backup"), said);
        assertTrue(said.contains("A part of the log is in no backup") && said.contains("were confirmed"), said);
        assertTrue(said.contains("up to entry " + manifest(backup).get("index").asLong()), said);
        Files.delete(newest);
        Files.delete(backup);
        said = left.command("--backup", backup);
        assertTrue(said.startsWith("6 ") && said.contains("were confirmed"), said);
    }

    private static Path newestSegment(Path log) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(f -> f.getFileName().toString().startsWith("log_inprogress_"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Path logOf(BackedUpNode node) throws IOException {
        try (Stream<Path> files = Files.walk(node.data)) {
            return files.filter(f -> f.endsWith(META)).findFirst().orElseThrow().getParent();
        }
    }

    /** What of a node's data must not be touched: its log. */
    private static String contents(Path data) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(data.resolve("log"))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
                all.append(file)
                        .append(' ')
                        .append(Arrays.hashCode(Files.readAllBytes(file)))
                        .append('\n');
            }
        }
        return all.toString();
    }

    private static boolean says(BackedUpNode node, String path, String text) {
        try {
            return node.get(path).body().contains(text);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsDamagedOrNoBackupIsRefusedAndNothingIsTouched() throws Exception {
        Path backup = dir.resolve("backup.tar");
        try (BackedUpNode old = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1))) {
            old.start();
            old.serving();
            old.publish(0, 20);
            await("a level that knows notes", () -> says(old, "/api/cluster", "\"level\":5"));
            old.backup(backup);
            assertTrue(
                    says(old, "/api/audit", "\"what\":\"backup.take\",\"subject\":\"node 'n1'\""),
                    "who has it all now");
            assertTrue(old.command("--restore", backup).contains("holds a node's data already"));
            assertEquals(403, whoIsNoAdministrator(old));
        }
        BackedUpNode empty = new BackedUpNode(dir.resolve("new"), "n1", BackedUpNode.peers(1));
        byte[] bytes = Files.readAllBytes(backup);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int table = text.lastIndexOf("store/", text.indexOf(".sst"));
        refused(empty, "6 ", "is not what it was", flipped(bytes, table + TarHeader.BLOCK + 20));
        refused(empty, "3 ", "no backup of TallyMQ, or damaged", flipped(bytes, 3));
        refused(empty, "6 ", "cut short", Arrays.copyOf(bytes, bytes.length / 2 / 512 * 512));
        refused(empty, "6 ", "cut short", Arrays.copyOf(bytes, bytes.length / 2 / 512 * 512 + 100));
        refused(
                empty,
                "3 ",
                "no backup of TallyMQ",
                "a letter to grandmother".repeat(100).getBytes(StandardCharsets.UTF_8));
        refused(empty, "3 ", "no backup of TallyMQ", new byte[0]);
        refused(
                empty,
                "3 ",
                "newer version",
                text.replace("\"format\" : 1", "\"format\" : 2").getBytes(StandardCharsets.ISO_8859_1));
        String another = text.contains("\"index\" : 9") ? "8" : "9"; // as long, so that the rest stays where it is
        refused(
                empty,
                "6 ",
                "its store ends with",
                text.replaceAll("\"index\" : [0-9]", "\"index\" : " + another).getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(empty.command("--restore", dir.resolve("none")).contains("There is no"));
        Path none = Files.createDirectories(dir.resolve("nothing in it"));
        assertTrue(empty.command("--restore", none).contains("no backup of TallyMQ, or not all of one"));
        assertTrue(empty.command("--restore", backup).startsWith("0 "));
        Files.createDirectories(empty.data.resolve(Restore.MARK)); // as if it had not come to its end
        NodeStartException e = assertThrows(NodeStartException.class, empty::start);
        assertTrue(e.getMessage().contains("was interrupted"), e.getMessage());
        assertTrue(empty.command("--restore", backup).startsWith("0 "));
        empty.start();
        assertEquals(numbers(0, 20), empty.serving().drain());
        empty.close();
    }

    /** What was about to become the store when a restore was interrupted is not found by a node that is started on the directory instead. */
    @Test
    void ofAnInterruptedRestoreTheNextOneLeavesNothingAlsoIfItFails() throws Exception {
        BackedUpNode empty = new BackedUpNode(dir.resolve("new"), "n1", BackedUpNode.peers(1));
        Files.createDirectories(empty.data.resolve(Restore.MARK));
        Path incoming = Files.createDirectories(empty.data.resolve("store.incoming"));
        Files.writeString(incoming.resolve("CURRENT"), "MANIFEST-000004");
        assertTrue(empty.command("--restore", dir.resolve("none")).contains("There is no"));
        assertFalse(Files.exists(empty.data.resolve(Restore.MARK)));
        assertFalse(Files.exists(incoming));
    }

    private static int whoIsNoAdministrator(BackedUpNode node) throws Exception {
        var client = java.net.http.HttpClient.newHttpClient();
        var uri = "http://127.0.0.1:" + node.httpPort();
        var login =
                "Basic " + java.util.Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));
        var user = java.net.http.HttpRequest.newBuilder(java.net.URI.create(uri + "/api/users/eve"))
                .header("Authorization", login)
                .PUT(java.net.http.HttpRequest.BodyPublishers.ofString(
                        "{\"password\":\"eve\",\"tags\":\"monitoring\"}"))
                .build();
        assertEquals(
                201,
                client.send(user, java.net.http.HttpResponse.BodyHandlers.ofString())
                        .statusCode());
        var hers = "Basic " + java.util.Base64.getEncoder().encodeToString("eve:eve".getBytes(StandardCharsets.UTF_8));
        var asked = java.net.http.HttpRequest.newBuilder(java.net.URI.create(uri + "/api/backup"))
                .header("Authorization", hers)
                .build();
        return client.send(asked, java.net.http.HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] other = bytes.clone();
        other[at] ^= 1;
        return other;
    }

    private void refused(BackedUpNode node, String code, String text, byte[] backup) throws Exception {
        Path file = Files.write(dir.resolve("bad.tar"), backup);
        String said = node.command("--restore", file);
        assertTrue(said.startsWith(code) && said.contains(text), said);
        assertEmpty(node);
    }

    private static void assertEmpty(BackedUpNode node) throws IOException {
        try (Stream<Path> left = Files.list(node.data)) {
            assertFalse(left.findAny().isPresent(), "something is left in the directory");
        }
    }

    /** Whoever was restored later has later terms: an entry of one try is never taken for an entry of another one. */
    @Test
    void aSecondTryHasLaterTermsThanTheFirst() throws Exception {
        Path backup = dir.resolve("backup.tar");
        try (BackedUpNode old = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1))) {
            old.start();
            old.serving();
            old.backup(backup);
        }
        String peers = BackedUpNode.peers(3);
        BackedUpNode first = new BackedUpNode(dir.resolve("first"), "n1", peers);
        BackedUpNode second = new BackedUpNode(dir.resolve("second"), "n1", peers);
        assertTrue(first.command("--restore", backup).startsWith("0 "));
        long now = System.currentTimeMillis();
        await("the next millisecond", () -> System.currentTimeMillis() > now);
        assertTrue(second.command("--restore", backup).startsWith("0 "), "nobody runs");
        assertEquals(origin(first), origin(second));
        long backedUp = manifest(backup).get("term").asLong();
        assertTrue(backedUp <= term(first) && term(first) < term(second), term(first) + " " + term(second));
    }

    /** Who has an earlier cluster's origin in its configuration must not give it to another one. */
    @Test
    void aConfiguredOriginIsNoneOfAnotherBackup() throws Exception {
        Path backup = dir.resolve("backup.tar");
        Path later = dir.resolve("later.tar");
        BackedUpNode old = new BackedUpNode(dir.resolve("old"), "n1", BackedUpNode.peers(1));
        try (old) {
            old.start();
            old.serving();
            old.backup(backup);
        }
        assertTrue(old.command("--backup", later).startsWith("0 "));
        String peers = BackedUpNode.peers(3);
        BackedUpNode first = new BackedUpNode(dir.resolve("first"), "n1", peers);
        assertTrue(first.command("--restore", backup).startsWith("0 "));
        String configured = "cluster.origin=" + origin(first);
        BackedUpNode second = new BackedUpNode(dir.resolve("second"), "n1", peers, configured);
        String said = second.command("--restore", later);
        assertTrue(said.startsWith("3 Nothing is restored: cluster.origin is " + origin(first)), said);
        assertTrue(said.contains("take cluster.origin out of the configuration"), said);
        assertEmpty(second);
        assertTrue(second.command("--restore", backup).startsWith("0 "), "that is its own");
        assertEquals(origin(first), origin(second));
        BackedUpNode another = new BackedUpNode(dir.resolve("another"), "n1", peers);
        assertTrue(another.command("--restore", later).startsWith("0 "));
        assertFalse(origin(first).equals(origin(another)));
    }

    private static long term(BackedUpNode node) throws IOException {
        try (Stream<Path> files = Files.walk(node.data)) {
            Path meta = files.filter(f -> f.endsWith("raft-meta")).findFirst().orElseThrow();
            return Long.parseLong(Files.readString(meta).replaceAll("(?s).*term=([0-9]+).*", "$1"));
        }
    }
}
