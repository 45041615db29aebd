package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What is to be had of a node that was killed: its store is behind its log, and the backup has both. */
@EnabledIfSystemProperty(
        named = "tallymq.long",
        matches = "true",
        disabledReason = "it takes most of a minute: -Dtallymq.long=true")
class LostMajorityTest {
    private static final int MESSAGES = 500;

    @TempDir
    Path dir;

    private NodeProcess process(Path directory, String... options) throws Exception {
        StringBuilder more = new StringBuilder("set -- \"$@\"");
        for (String option : options) {
            more.append(" '").append(option).append('\'');
        }
        return new NodeProcess(directory, more.toString(), "store.memtable-size=4MiB", "disk.free-limit=0");
    }

    @Test
    void theLogOfAKilledNodeIsInTheBackup() throws Exception {
        Path old = Files.createDirectories(dir.resolve("old"));
        Path backup = dir.resolve("backup.tar");
        Set<String> confirmed = new TreeSet<>();
        try (NodeProcess node = process(old).awaitStart()) {
            try (Connection connection = node.factory().newConnection();
                    Channel channel = connection.createChannel()) {
                channel.confirmSelect();
                channel.queueDeclare("q", true, false, false, null);
                for (int i = 0; i < MESSAGES; i++) {
                    channel.basicPublish(
                            "", "q", MessageProperties.PERSISTENT_BASIC, ("m" + i).getBytes(StandardCharsets.UTF_8));
                    confirmed.add("m" + i);
                }
                channel.waitForConfirmsOrDie(60_000);
            }
            try (NodeProcess early = process(old, "--backup", backup.toString())) {
                assertEquals(3, early.exitCode(), early.output());
                assertTrue(early.output().contains("lock"), early.output());
            }
            node.kill();
        }
        try (NodeProcess saving = process(old, "--backup", backup.toString())) {
            assertEquals(0, saving.exitCode(), saving.output());
            assertTrue(saving.output().contains("The backup "), saving.output());
        }
        Path fresh = Files.createDirectories(dir.resolve("new"));
        try (NodeProcess restoring = process(fresh, "--restore", backup.toString())) {
            assertEquals(0, restoring.exitCode(), restoring.output());
        }
        try (NodeProcess node = process(fresh).awaitStart();
                Connection connection = node.factory().newConnection();
                Channel channel = connection.createChannel()) {
            Set<String> all = new TreeSet<>();
            for (GetResponse got; (got = channel.basicGet("q", true)) != null; ) {
                all.add(new String(got.getBody(), StandardCharsets.UTF_8));
            }
            assertEquals(confirmed, all);
        }
    }
}
