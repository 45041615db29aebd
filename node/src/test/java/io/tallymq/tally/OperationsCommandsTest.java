package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Policies, schedules, definitions, clients, the live load. */
@ExtendWith(TallyNode.Shared.class)
class OperationsCommandsTest {
    @TempDir
    Path dir;

    @Test
    void policies(TallyNode node) {
        Typed typed = Typed.at(node);
        for (List<String> kind : List.of(List.<String>of(), List.of("--operator"))) {
            typed.run(with(kind, "policies", "set", "p/1", "^pol", "max-length=10", "--apply-to", "queues"))
                    .ok();
            JsonNode row = typed.run(with(kind, "policies", "list", "-v", "/", "--json"))
                    .ok()
                    .json()
                    .get(0);
            assertEquals("p/1", row.path("name").asText());
            assertEquals(10, row.path("definition").path("max-length").asInt());
            typed.run(with(kind, "policies", "set", "p/2", "(", "max-length=10"))
                    .refused(1, "(400)");
            typed.run(with(kind, "policies", "delete", "p/1")).ok();
            typed.run(with(kind, "policies", "delete", "p/1")).refused(1, "(404)");
        }
    }

    private static String[] with(List<String> more, String... words) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(words), more.stream())
                .toArray(String[]::new);
    }

    @Test
    void advice(TallyNode node) {
        Typed typed = Typed.at(node);
        assertTrue(typed.run("advice").ok().out().contains("NOTICE cluster"), "there is one copy");
        assertTrue(typed.run("advice", "--json").ok().json().path("found").has("single-node"));
    }

    @Test
    void anatomyAndTraces(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "traced").ok();
        String shown = typed.run("publish", "-k", "traced", "-p", "message_id=tr-1", "-H", "a=1", "--trace", "x")
                .ok()
                .out();
        for (String part : List.of("1 message confirmed", "confirmed, in traced", "gather", "replicate", "DISK OF")) {
            assertTrue(shown.contains(part), shown);
        }
        JsonNode all = typed.run("trace", "--message-id", "tr-1", "--json").ok().json();
        assertEquals(1, all.size());
        String id = all.get(0).path("id").asText();
        assertEquals(all.get(0), typed.run("trace", id, "--json").ok().json());
        assertTrue(typed.run("trace", id).ok().out().contains("BY ITS NODE'S CLOCK"));
        assertTrue(typed.run("trace").ok().out().contains("tr-1"));
        assertEquals(
                0,
                typed.run("trace", "--correlation-id", "none", "--json")
                        .ok()
                        .json()
                        .size());
        typed.run("trace", "1.2.3").refused(1, "(404)");
        typed.run("publish", "-k", "traced", "--trace", "--lines").refused(2, "--trace goes with one message");
        JsonNode trace = typed.run("publish", "-k", "traced", "--trace", "x", "--json")
                .ok()
                .json();
        assertTrue(trace.path("message_id").asText().startsWith("tally-"), trace.toString());
        String anatomy = typed.run("anatomy").ok().out();
        assertTrue(anatomy.contains(", which leads") && anatomy.contains("journey"), anatomy);
    }

    @Test
    void schedules(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "later").ok();
        typed.run("publish", "-k", "later", "-H", "x-delay=3600000", "-H", "x-schedule-id=in/an hour", "x")
                .ok();
        assertTrue(typed.run("schedules", "list").ok().out().contains("in/an hour"));
        typed.run("schedules", "cancel", "in/an hour").ok();
        typed.run("schedules", "cancel", "in/an hour").refused(1, "(404)");
        typed.run("queues", "delete", "later").ok();
    }

    @Test
    void receiptsAndProducers(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "named").ok();
        typed.run("exchanges", "declare", "ids/x", "--type", "fanout").ok();
        typed.run("policies", "set", "zz", "^ids/x$", "dedup-id=message-id", "--apply-to", "exchanges")
                .ok();
        typed.run("producer", "show", "pay/1").refused(1, "(404)");
        List<String> name = List.of("-H", "x-producer-id=pay/1", "-H", "x-publish-seq=7");
        typed.run(with(name, "publish", "-k", "named", "x")).ok();
        var stored = typed.run("receipt", "show", "pay/1", "7", "--wait", "5s", "--json")
                .ok()
                .json();
        assertEquals("stored", stored.path("outcome").asText());
        assertEquals("stored", outcome(typed.run("receipt", "void", "pay/1", "7", "--json")));
        assertEquals("void", outcome(typed.run("receipt", "void", "pay/1", "8", "--json")));
        assertTrue(typed.run("receipt", "show", "pay/1", "8").ok().out().contains("void"));
        assertEquals("unseen", outcome(typed.run("receipt", "show", "--exchange", "ids/x", "--id", "a/1", "--json")));
        assertEquals("void", outcome(typed.run("receipt", "void", "--exchange", "ids/x", "--id", "a/1", "--json")));
        typed.run("receipt", "show", "pay/1").refused(2, "PRODUCER and SEQ, or --exchange and --id");
        typed.run("receipt", "show", "pay/1", "7", "--id", "a").refused(2, "PRODUCER and SEQ");
        typed.run("receipt", "show", "pay/1", "7", "--wait", "5").refused(1, "(400)");
        typed.run("receipt", "show", "-v", "none", "pay/1", "7").refused(1, "(404)");
        var known = typed.run("producer", "show", "pay/1", "--json").ok().json();
        assertEquals("[[0,6]]", known.path("gaps").toString());
        assertTrue(typed.run("producer", "show", "pay/1").ok().out().contains("last"));
        String first = typed.run("producer", "fence", "pay/1", "--json").ok().out();
        assertTrue(first.contains("\"epoch\" : 1"), first);
        typed.run(with(name, "publish", "-k", "named", "-H", "x-producer-epoch=0", "x"))
                .refused(1, "took the place of producer 'pay/1'");
        typed.run(with(name, "publish", "-k", "named", "-H", "x-producer-epoch=1", "x"))
                .ok();
        typed.run("policies", "delete", "zz").ok();
        typed.run("exchanges", "delete", "ids/x").ok();
        typed.run("queues", "delete", "named").ok();
    }

    private static String outcome(Typed.Said ran) {
        return ran.ok().json().path("outcome").asText();
    }

    @Test
    void definitionsGoOutAndComeBack(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "kept/ü").ok();
        Path file = dir.resolve("all.json");
        typed.run("definitions", "export", file.toString()).ok();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        typed.run("definitions", "export", file.toString()).ok();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(typed.run("definitions", "export").ok().out(), Files.readString(file), "as a tree is written");
        assertEquals(
                List.of(file.getFileName().toString()), List.of(dir.toFile().list()));
        typed.run("queues", "delete", "kept/ü").ok();
        typed.run("definitions", "import", file.toString()).ok();
        typed.run("queues", "show", "kept/ü").ok();
        typed.run("queues", "delete", "kept/ü").ok();
        typed.typing("{\"queues\": [").run("definitions", "import", "-").refused(1, "(400)");
        typed.run("definitions", "import", dir.resolve("none").toString()).refused(2, "there is no such file");
        Path latin = Files.writeString(
                dir.resolve("latin.json"), "{\"queues\": [{\"name\": \"ü\"}]}", StandardCharsets.ISO_8859_1);
        typed.run("definitions", "import", latin.toString()).refused(2, "latin.json is not UTF-8");
    }

    @Test
    void aBackupIsTakenAndComparedWithItsChecksums(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        Path file = dir.resolve("backup.tar");
        String said = typed.run("backup", file.toString()).ok().out();
        assertTrue(said.contains("all up to entry"), said);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        typed.run("backup", file.toString()).refused(2, "already");
        assertTrue(typed.run("backup", "-").ok().out().contains("manifest.json"));
        typed.with("TALLY_USER", "nobody")
                .with("TALLY_PASSWORD", "nothing")
                .run("backup", dir.resolve("no").toString())
                .refused(1, "(401)");
        assertTrue(Files.notExists(dir.resolve("no")));
        assertEquals(List.of("backup.tar"), List.of(dir.toFile().list()));
    }

    @Test
    void connectionsAreListedAndClosed(TallyNode node) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        factory.setAutomaticRecoveryEnabled(false);
        Connection connection = factory.newConnection("to be closed");
        try {
            connection
                    .createChannel()
                    .basicConsume(connection.createChannel().queueDeclare().getQueue(), (t, d) -> {}, t -> {});
            var closed = new CompletableFuture<ShutdownSignalException>();
            connection.addShutdownListener(closed::complete);
            Typed typed = Typed.at(node);
            JsonNode rows = typed.run("connections", "list", "--json").ok().json();
            String name = null;
            for (JsonNode row : rows) {
                name = row.path("user_provided_name").asText().equals("to be closed")
                        ? row.path("name").asText()
                        : name;
            }
            assertTrue(typed.run("connections", "list").ok().out().contains("to be closed"));
            assertTrue(typed.run("channels").ok().out().contains(name + " (1)"));
            assertTrue(typed.run("consumers").ok().out().contains(name));
            typed.run("connections", "close", name, "--reason", "moving on").ok();
            assertTrue(closed.get(30, TimeUnit.SECONDS).getMessage().contains("moving on"));
            typed.run("connections", "close", "none").refused(1, "(404)");
        } finally {
            connection.abort();
        }
    }

    @Test
    void theLoadFromTwoLooks(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "busy").ok();
        JsonNode load = typed.run("top", "--count", "1", "--interval", "0.01", "--json")
                .ok()
                .json();
        assertEquals(0.0, load.path("rates").path("publish").asDouble());
        assertEquals("none", load.path("alarms").asText());
        String screen =
                typed.run("top", "--count", "1", "--interval", "0.01").ok().out();
        assertTrue(screen.contains("busy") && screen.contains("alarms none"), screen);
        typed.run("top", "--interval", "-1").refused(2, "the interval is");
        typed.run("queues", "delete", "busy").ok();
    }

    @Test
    void everyCommandHasHelpWithExamples() {
        for (String command : List.of("status", "queues", "publish", "verify-confirms", "drain-from", "local", "top")) {
            String help = Typed.nowhere().run(command, "--help").ok().out();
            assertTrue(help.contains("Examples:"), command);
        }
        String all = Typed.nowhere().run("--help").ok().out();
        assertTrue(all.contains("drain-from"), all);
    }

    @Test
    void completionKnowsAllCommands() {
        String bash = Typed.nowhere().run("completion", "bash").ok().out();
        assertTrue(bash.contains("complete -F _complete_tally"), bash);
        assertTrue(bash.contains("verify-confirms"), bash);
        assertEquals(bash, Typed.nowhere().run("completion", "zsh").ok().out());
        Typed.nowhere().run("completion", "fish").refused(2, "expected one of [bash, zsh]");
    }
}
