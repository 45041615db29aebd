package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The other broker's connection breaks, its queue goes. */
@ExtendWith(TallyNode.Shared.class)
class DrainFromCommandTest {
    @Test
    void whatIsCountedIsCountedOverLostConnections(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d1").ok();
        typed.run("queues", "declare", "d2").ok();
        String lines = IntStream.range(0, 1_500).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines).run("publish", "-k", "d1", "--lines").ok();
        AtomicInteger cuts = new AtomicInteger(3);
        try (Relay relay = new Relay(
                node.amqpPort(),
                method -> method == Relay.ACK && cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0
                        ? Relay.Fate.CUT
                        : Relay.Fate.GOES_ON)) {
            String uri = relay.uri();
            JsonNode said = CompletableFuture.supplyAsync(() -> Typed.at(node)
                            .run("drain-from", uri, "--queue", "d1", "--to", "d2", "--count", "1200", "--json"))
                    .get(60, TimeUnit.SECONDS)
                    .ok()
                    .json();
            assertEquals(0, cuts.get());
            assertEquals(1_200, said.path("moved").asInt());
        }
        JsonNode first = typed.run("get", "d2", "--json").ok().json().get(0);
        assertTrue(first.path("message_count").asInt() >= 1_199, first::toString);
        typed.run("queues", "delete", "d1").ok();
        typed.run("queues", "delete", "d2").ok();
    }

    @Test
    void aQueueThatGoesEndsIt(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d3").ok();
        typed.run("queues", "declare", "d4").ok();
        typed.run("publish", "-k", "d3", "x").ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        var drain = CompletableFuture.supplyAsync(
                () -> Typed.at(node).run("drain-from", uri, "--queue", "d3", "--to", "d4", "--follow"));
        while (typed.run("get", "d4", "--json").ok().json().isEmpty()) {
            assertTrue(!drain.isDone(), () -> drain.join().toString());
        }
        typed.run("queues", "delete", "d3").ok();
        String said =
                drain.get(60, TimeUnit.SECONDS).refused(1, "no queue 'd3'").err();
        assertTrue(said.contains("(1 messages were moved before)"), said);
        typed.run("queues", "delete", "d4").ok();
    }

    @Test
    void noneIsNoCount(TallyNode node) {
        Typed.at(node)
                .run("drain-from", "amqp://127.0.0.1:" + node.amqpPort(), "--queue", "q", "--count", "0")
                .refused(2, "--count is at least 1");
    }

    private static int count(Typed typed, String queue) {
        JsonNode first = typed.run("get", queue, "--json").ok().json().path(0);
        return first.isMissingNode() ? 0 : first.path("message_count").asInt() + 1;
    }

    @Test
    void whatIsRefusedLeavesEachMessageInOneQueue(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d5").ok();
        typed.run("queues", "declare", "d6", "-a", "x-max-length=10", "-a", "x-overflow=reject-publish")
                .ok();
        String lines = IntStream.range(0, 1_000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines).run("publish", "-k", "d5", "--lines").ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        Typed.Said said = typed.run("drain-from", uri, "--queue", "d5", "--to", "d6", "--json")
                .refused(1, "queue 'd6'");
        assertEquals(10, said.json().path("moved").asInt(), said::toString);
        assertEquals(0, said.json().path("perhaps_twice").asInt(), said::toString);
        assertTrue(said.err().contains("(10 messages were moved before)"), said::toString);
        assertEquals(990, count(typed, "d5"));
        assertEquals(10, count(typed, "d6"));
        typed.run("queues", "delete", "d5").ok();
        typed.run("queues", "delete", "d6").ok();
    }

    @Test
    void ctrlCTellsWhatWasMoved(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d7").ok();
        typed.run("queues", "declare", "d8").ok();
        String lines = IntStream.range(0, 200).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines).run("publish", "-k", "d7", "--lines").ok();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        TallyMain.class.getName(),
                        "drain-from",
                        "amqp://127.0.0.1:" + node.amqpPort(),
                        "--queue=d7",
                        "--to=d8",
                        "--follow",
                        "--json")
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("TALLY_ADDRESS", node.address());
        Process process = builder.start();
        try {
            while (count(typed, "d8") == 0) {
                assertTrue(process.isAlive());
            }
            process.toHandle().destroy(); // Process.destroy() would close what it prints to
            JsonNode said = new ObjectMapper().readTree(process.getInputStream().readAllBytes());
            process.waitFor();
            assertEquals(0, said.path("perhaps_twice").asInt(), said::toString);
            assertEquals(count(typed, "d8"), said.path("moved").asInt(), said::toString);
            assertEquals(200, count(typed, "d7") + count(typed, "d8"));
        } finally {
            process.destroyForcibly();
        }
        typed.run("queues", "delete", "d7").ok();
        typed.run("queues", "delete", "d8").ok();
    }

    @Test
    void aClusterThatTakesNothingIsNotWaitedForForEver(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d9").ok();
        typed.run("queues", "declare", "d10").ok();
        typed.run("publish", "-k", "d9", "x").ok();
        try (Relay relay = new Relay(
                node.amqpPort(), method -> method == Relay.PUBLISH ? Relay.Fate.BLOCKED : Relay.Fate.GOES_ON)) {
            String uri = "amqp://127.0.0.1:" + node.amqpPort();
            String[] command = {
                "drain-from", uri, "--queue", "d9", "--to", "d10", "--amqp", relay.uri(), "--retry-for", "1", "--json"
            };
            Typed.Said said = CompletableFuture.supplyAsync(() -> Typed.at(node).run(command))
                    .get(60, TimeUnit.SECONDS)
                    .refused(3, "nothing was confirmed for 1 s, publishers are blocked: " + Relay.REASON);
            assertTrue(said.err().contains("up to 1 are in both queues or may be here twice"), said::toString);
            assertEquals(1, said.json().path("perhaps_twice").asInt(), said::toString);
        }
        typed.run("queues", "delete", "d9").ok();
        typed.run("queues", "delete", "d10").ok();
    }

    /** It was said of the publish there: here it would be refused for ever, or take the place of what waits. */
    @Test
    void whatWasSaidOfTheFirstPublishIsNotSaidAgain(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d11").ok();
        typed.run("queues", "declare", "d12").ok();
        typed.run("publish", "-k", "d11", "-H", "x-deliver-at=" + (now() + 300), "-H", "x-schedule-id=d12k", "first")
                .ok();
        while (count(typed, "d11") == 0) {
            Thread.onSpinWait(); // each look is a call
        }
        typed.run("publish", "-k", "d11", "-H", "x-expect-queue-length-below=2", "second")
                .ok();
        typed.typing("a\nb\nc").run("publish", "-k", "d12", "--lines").ok();
        typed.run("publish", "-k", "d12", "-H", "x-deliver-at=" + (now() + 3_600_000), "-H", "x-schedule-id=d12k", "n")
                .ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        JsonNode said = typed.run("drain-from", uri, "--queue", "d11", "--to", "d12", "--json")
                .ok()
                .json();
        assertEquals(2, said.path("moved").asInt());
        assertEquals(5, count(typed, "d12"));
        typed.run("schedules", "cancel", "d12k").ok();
        typed.run("queues", "delete", "d11").ok();
        typed.run("queues", "delete", "d12").ok();
    }

    /** Nothing is ready there then, and nothing is under way: it looks as if all were moved. */
    @Test
    void theLastMessageThatIsRefusedIsNotMoved(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d13").ok();
        typed.run("queues", "declare", "d14", "-a", "x-max-length=1", "-a", "x-overflow=reject-publish")
                .ok();
        typed.run("publish", "-k", "d14", "there").ok();
        typed.run("publish", "-k", "d13", "x").ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        for (int i = 0; i < 5; i++) {
            Typed.Said said = typed.run("drain-from", uri, "--queue", "d13", "--to", "d14", "--json")
                    .refused(1, "queue 'd14'");
            assertEquals(0, said.json().path("moved").asInt(), said::toString);
        }
        assertEquals(1, count(typed, "d13"));
        typed.run("queues", "delete", "d13").ok();
        typed.run("queues", "delete", "d14").ok();
    }

    /** Its messages would go with the last consumer, and that is this command. */
    @Test
    void aQueueThatGoesWithItsLastConsumerKeepsWhatIsNotMoved(TallyNode node) {
        Typed typed = Typed.at(node);
        String uri = "amqp://127.0.0.1:" + node.amqpPort();
        String lines = IntStream.range(0, 300).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.run("queues", "declare", "d16").ok();
        for (String[] flags : new String[][] {{"--auto-delete"}, {"--auto-delete", "--transient"}}) {
            typed.run(Stream.concat(Stream.of("queues", "declare", "d15", "--type", "classic"), Stream.of(flags))
                            .toArray(String[]::new))
                    .ok();
            typed.typing(lines).run("publish", "-k", "d15", "--lines").ok();
            typed.run("drain-from", uri, "--queue", "d15", "--to", "d16", "--count", "3")
                    .ok();
            assertEquals(297, count(typed, "d15"));
            JsonNode said = typed.run("drain-from", uri, "--queue", "d15", "--to", "d16", "--json")
                    .ok()
                    .json();
            assertEquals(297, said.path("moved").asInt());
            assertEquals(0, said.path("perhaps_twice").asInt());
            assertEquals(300, count(typed, "d16"));
            typed.run("queues", "purge", "d16").ok();
            typed.run("queues", "delete", "d15").ok(); // it is there still
        }
        typed.run("queues", "delete", "d16").ok();
    }

    /** As when something between the two has forgotten the connection: the other broker's heartbeat finds out, much later. */
    @Test
    void whatTheOtherBrokerHoldsForALostConnectionIsWaitedFor(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d17").ok();
        typed.run("queues", "declare", "d18").ok();
        String lines = IntStream.range(0, 10).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines).run("publish", "-k", "d17", "--lines").ok();
        AtomicBoolean lost = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        CompletableFuture<Object> looked = new CompletableFuture<>();
        try (Relay relay = new Relay(node.amqpPort(), method -> {
            if (method == Relay.CONSUME && lost.compareAndSet(false, true)) {
                return Relay.Fate.CUT_FROM_CLIENT;
            } else if (method == Relay.DECLARE && lost.get() && looks.incrementAndGet() == 30) {
                looked.complete(null); // it does not believe in an empty queue
            }
            return Relay.Fate.GOES_ON;
        })) {
            String[] command = {
                "drain-from", relay.uri(), "--queue", "d17", "--to", "d18", "--held-for", "3600", "--count", "10"
            };
            var drain = CompletableFuture.supplyAsync(() -> Typed.at(node).run(command));
            CompletableFuture.anyOf(drain, looked).get(60, TimeUnit.SECONDS);
            relay.release();
            while (count(typed, "d18") < 10) {
                assertTrue(!drain.isDone(), () -> drain.join().toString());
            }
            String said = drain.get(60, TimeUnit.SECONDS).ok().err();
            assertTrue(said.contains("may hold messages for a connection that was lost"), said);
        }
        typed.run("queues", "delete", "d17").ok();
        typed.run("queues", "delete", "d18").ok();
    }

    @Test
    void afterALostConnectionTheQueueIsTakenForEmptyAfterAWhile(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d19").ok();
        typed.run("queues", "declare", "d20").ok();
        typed.typing("a\nb\nc").run("publish", "-k", "d19", "--lines").ok();
        AtomicBoolean lost = new AtomicBoolean();
        try (Relay relay = new Relay(
                node.amqpPort(),
                method -> method == Relay.CONSUME && lost.compareAndSet(false, true)
                        ? Relay.Fate.CUT
                        : Relay.Fate.GOES_ON)) {
            String[] command = {"drain-from", relay.uri(), "--queue", "d19", "--to", "d20", "--held-for", "1"};
            String said = CompletableFuture.supplyAsync(() -> Typed.at(node).run(command))
                    .get(60, TimeUnit.SECONDS)
                    .ok()
                    .err();
            assertTrue(said.contains("waiting until nothing has come for 1 s"), said);
        }
        assertEquals(3, count(typed, "d20"));
        typed.run("queues", "delete", "d19").ok();
        typed.run("queues", "delete", "d20").ok();
    }

    @Test
    void whoeverElseHoldsMessagesThereIsTold(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "d21").ok();
        typed.run("queues", "declare", "d22").ok();
        typed.typing("a\nb\nc").run("publish", "-k", "d21", "--lines").ok();
        ConnectionFactory factory = new ConnectionFactory();
        factory.setPort(node.amqpPort());
        String[] command = {"drain-from", "amqp://127.0.0.1:" + node.amqpPort(), "--queue", "d21", "--to", "d22"};
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            CompletableFuture<Object> held = new CompletableFuture<>();
            channel.basicQos(1);
            channel.basicConsume("d21", false, (tag, delivery) -> held.complete(delivery), tag -> {});
            held.get(60, TimeUnit.SECONDS);
            String said = typed.run(command).ok().err();
            assertTrue(said.contains("'d21' there has other consumers (1)"), said);
        }
        assertEquals(2, count(typed, "d22"));
        typed.run("queues", "delete", "d21").ok();
        typed.run("queues", "delete", "d22").ok();
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
