package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node whose disk is really full. */
class FullDiskTest {
    private static final int MIB = 1 << 20;
    private static final int DISK_MIB = 120;
    private static final int BALLAST = 80 * MIB;
    /** The store writes no file before the log has filled the disk. */
    private static final String LARGE = "32MiB";

    private static final String SMALL = "1MiB";
    private static final int BODY = 50_000;
    private static final String QUEUE = "q";
    private static final String FULL = "is full: free space there and start the node again";

    @TempDir
    Path dir;

    private NodeProcess node(SmallDisk disk, String limit, String memtable) throws IOException {
        return new NodeProcess(
                dir,
                disk.enter(),
                "data.dir=" + dir.resolve("disk/data"),
                "disk.free-limit=" + limit,
                "store.memtable-size=" + memtable,
                "raft.segment-size=4MiB");
    }

    /** Without the alarm that would prevent it: the log ends the node, and with some room the node comes back. */
    @Test
    void aNodeWhoseLogMeetsAFullDiskSaysSoAndStartsWithItsPublishersBlocked() throws Exception {
        Path mountPoint = Files.createDirectory(dir.resolve("disk"));
        try (SmallDisk disk = new SmallDisk(mountPoint, DISK_MIB)) {
            disk.fill("ballast", BALLAST);
            Set<Integer> confirmed;
            try (NodeProcess node = node(disk, "0", LARGE).awaitStart()) {
                confirmed = publishUntilItEnds(node);
                assertEquals(5, node.exitCode(), node.output());
                String last = node.output().substring(node.output().lastIndexOf("The node stops"));
                assertTrue(last.contains(FULL), node.output());
                assertFalse(last.contains("\tat "), last);
            }
            assertFalse(confirmed.isEmpty());
            disk.fill("more", Long.MAX_VALUE);
            try (NodeProcess node = node(disk, "1GiB", SMALL)) {
                assertEquals(3, node.exitCode(), node.output());
                assertTrue(node.output().contains(" are missing. Free them"), node.output());
            }
            disk.remove("more");
            disk.remove("ballast");
            try (NodeProcess node = node(disk, "1GiB", SMALL).awaitStart()) {
                assertTrue(node.output().contains("publishers of all nodes are blocked"), node.output());
                assertTrue(node.isAlive(), node.output());
            }
        }
    }

    private static byte[] body(int number) {
        byte[] body = new byte[BODY];
        Arrays.fill(body, (byte) number);
        body[0] = (byte) (number >> 8);
        return body;
    }

    /** @return the numbers of what was confirmed */
    private static Set<Integer> publishUntilItEnds(NodeProcess node) throws Exception {
        Set<Integer> confirmed = ConcurrentHashMap.newKeySet();
        Connection connection = node.factory().newConnection();
        try {
            Channel channel = connection.createChannel();
            channel.queueDeclare(QUEUE, true, false, false, Map.of());
            channel.confirmSelect();
            ConfirmCallback one = (tag, multiple) -> {
                for (long t = tag; t > 0 && confirmed.add(Math.toIntExact(t - 1)) && multiple; t--) {}
            };
            channel.addConfirmListener(one, (tag, multiple) -> {});
            for (int number = 0; node.isAlive(); number++) {
                channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, body(number));
            }
        } catch (IOException | RuntimeException e) {
            assertEquals(5, node.exitCode(), node.output());
        } finally {
            connection.abort();
        }
        return confirmed;
    }
}
