package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.node.FreePorts;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What publish says when it can not go on, and which cluster it publishes to. */
@ExtendWith(TallyNode.Shared.class)
class PublishCommandTest {
    @TempDir
    Path dir;

    @Test
    void aLostConnectionLeavesTheNumbers(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "p1").ok();
        AtomicInteger publishes = new AtomicInteger();
        try (Relay relay = new Relay(
                node.amqpPort(),
                method -> method == Relay.PUBLISH && publishes.incrementAndGet() == 700
                        ? Relay.Fate.CUT
                        : Relay.Fate.GOES_ON)) {
            String lines = IntStream.range(0, 5_000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
            Typed.Said said = typed.typing(lines)
                    .run("publish", "-k", "p1", "--lines", "--json", "--amqp", relay.uri())
                    .refused(3, " confirmed, ");
            JsonNode numbers = said.json();
            assertTrue(numbers.path("confirmed").asInt() < 700, numbers::toString);
            assertEquals(
                    numbers.path("published").asInt(),
                    numbers.path("confirmed").asInt()
                            + numbers.path("unanswered").asInt(),
                    numbers::toString);
        }
        typed.run("queues", "delete", "p1").ok();
    }

    @Test
    void whoIsBlockedIsToldAndNeedNotWaitForEver(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "p2").ok();
        try (Relay relay = new Relay(
                node.amqpPort(), method -> method == Relay.PUBLISH ? Relay.Fate.BLOCKED : Relay.Fate.GOES_ON)) {
            String[] command = {"publish", "-k", "p2", "x", "--json", "--wait", "1", "--amqp", relay.uri()};
            Typed.Said said = CompletableFuture.supplyAsync(() -> Typed.at(node).run(command))
                    .get(60, TimeUnit.SECONDS)
                    .refused(3, "nothing was answered for 1 s, publishers are blocked: " + Relay.REASON + " (0 of 1");
            assertTrue(said.err().startsWith("tally: publishers are blocked: " + Relay.REASON + "\n"), said::toString);
            assertEquals(1, said.json().path("unanswered").asInt(), said::toString);
        }
        typed.run("queues", "delete", "p2").ok();
    }

    /** Messages are octets, whatever they are taken for. */
    @Test
    void linesAreTheirOctets(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "p4").ok();
        byte[] octets = "a\u00fc\u0000\rb\r\n\n\u00ff".getBytes(StandardCharsets.ISO_8859_1);
        typed.reading(new ByteArrayInputStream(octets))
                .run("publish", "-k", "p4", "--lines")
                .ok();
        Path file = Files.write(dir.resolve("lines"), octets);
        typed.run("publish", "-k", "p4", "--lines", "--file", file.toString()).ok();
        JsonNode all = typed.run("get", "p4", "--count", "10", "--json").ok().json();
        assertEquals(6, all.size(), all::toString);
        for (int i = 0; i < 6; i += 3) {
            assertEquals("YfwADWI=", all.get(i).path("payload").asText());
            assertEquals("", all.get(i + 1).path("payload").asText());
            assertEquals("/w==", all.get(i + 2).path("payload").asText());
        }
        typed.run("queues", "delete", "p4").ok();
    }

    @Test
    void theCommandsOwnClusterComesFirst(TallyNode node) {
        String nobody = "amqp://127.0.0.1:" + FreePorts.take(1).get(0);
        Typed typed = Typed.at(node).with("TALLY_AMQP", nobody);
        typed.run("publish", "-k", "none", "--optional", "x").refused(3, nobody);
        typed.run("publish", "-k", "none", "--optional", "x", "--address", node.address())
                .ok();
    }

    /** An application's user may publish and not look around. */
    @Test
    void whoMayNotAskWhereAmqpIsIsToldWhatToSay(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "p3").ok();
        typed.typing("secret\n").run("users", "add", "app", "--password-stdin").ok();
        typed.run("permissions", "set", "app", ".*", ".*", ".*").ok();
        Typed app = Typed.at(node).with("TALLY_USER", "app").with("TALLY_PASSWORD", "secret");
        app.run("publish", "-k", "p3", "x").refused(1, "say --amqp, or give the user the tag management");
        app.run("publish", "-k", "p3", "x", "--amqp", "127.0.0.1:" + node.amqpPort())
                .ok();
        typed.run("users", "tags", "app", "management").ok();
        app.run("publish", "-k", "p3", "x").ok();
        typed.run("queues", "delete", "p3").ok();
        typed.run("users", "delete", "app").ok();
    }

    @Test
    void severalNodesThatTellOneAddressAreNotOverlooked(TallyNode node) {
        String twice = node.address() + "," + node.address().replace("127.0.0.1", "localhost");
        Typed.at(node)
                .run("publish", "-k", "none", "--optional", "x", "--address", twice)
                .ok();
        Typed.Said said = Typed.at(node)
                .run("publish", "-k", "none", "--optional", "x", "--address", node.address() + "," + node.address())
                .ok();
        assertTrue(said.err().contains("2 nodes tell 1 AMQP addresses"), said::toString);
    }

    @Test
    void whatAmqpHasNoNumberForIsRefused(TallyNode node) {
        Typed typed = Typed.at(node);
        for (String value :
                new String[] {"9223372036854775808", "1e999", "[1,-1e999]", "{\"a\":9223372036854775808}"}) {
            typed.run("publish", "-k", "none", "--optional", "-H", "n=" + value, "x")
                    .refused(2, "the header n has a number that AMQP has none for");
        }
        typed.run("publish", "-k", "none", "--optional", "-H", "n=9223372036854775807", "x")
                .ok();
        for (String priority : new String[] {"-1", "256"}) {
            typed.run("publish", "-k", "none", "--optional", "-p", "priority=" + priority, "x")
                    .refused(2, "the property priority is 0 to 255, not " + priority);
        }
        typed.run("publish", "-k", "none", "--optional", "-p", "timestamp=9223372036854775", "x")
                .ok();
        typed.run("publish", "-k", "none", "--optional", "-p", "timestamp=9223372036854776", "x")
                .refused(2, "too many");
    }
}
