package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Confirms are proved, or the command says why they are not. */
@ExtendWith(TallyNode.Shared.class)
class VerifyConfirmsCommandTest {
    private static final int CLOSED = 4;

    @Test
    void confirmsAreProved(TallyNode node) {
        JsonNode numbers = Typed.at(node)
                .run(
                        "verify-confirms",
                        "--messages",
                        "3000",
                        "--connections",
                        "2",
                        "--kill-command",
                        "exit 3",
                        "--json")
                .ok()
                .json();
        assertTrue(numbers.path("proved").asBoolean());
        assertTrue(numbers.path("sent").asInt() >= 3_000);
        assertEquals(
                numbers.path("sent").asInt(),
                numbers.path("acked_and_delivered").asInt());
        String said = Typed.at(node)
                .run("verify-confirms", "--messages", "10", "--connections", "1")
                .ok()
                .out();
        assertTrue(said.endsWith("every promise was kept: all 10 that were acked came\n"), said);
    }

    /** Whose connections are closed publishes again by name what had no answer, and nothing comes twice. */
    @Test
    void whatHadNoAnswerIsPublishedAgain(TallyNode node) throws Exception {
        CompletableFuture<Typed.Said> said = CompletableFuture.supplyAsync(() -> Typed.at(node)
                .run("verify-confirms", "--messages", "20000", "--connections", "2", "--receipts", "50", "--json"));
        int closed = 0;
        while (!said.isDone() && closed < CLOSED) {
            for (JsonNode c :
                    Typed.at(node).run("connections", "list", "--json").ok().json()) {
                if (c.path("user_provided_name").asText().matches("tally verify-confirms [01]")) {
                    Typed.at(node).run("connections", "close", c.path("name").asText());
                    closed++;
                }
            }
        }
        JsonNode numbers = said.get(60, TimeUnit.SECONDS).ok().json();
        assertTrue(numbers.path("proved").asBoolean(), numbers::toString);
        assertTrue(numbers.path("connections_lost").asInt() > 0, numbers::toString);
        assertTrue(numbers.path("published_again").asInt() > 0, numbers::toString);
        assertTrue(
                numbers.path("stored_before").asInt()
                        <= numbers.path("published_again").asInt(),
                numbers::toString);
        assertEquals(0, numbers.path("unknown").asInt(), numbers::toString);
        assertEquals(0, numbers.path("receipts_wrong").asInt(), numbers::toString);
        int asked = numbers.path("receipts_asked").asInt();
        assertTrue(asked >= 90 && asked <= 100, numbers::toString);
        assertEquals(asked, numbers.path("receipts_stored").asInt(), numbers::toString);
    }

    /** A node that is on its way takes no connection for a while. */
    @Test
    void whoIsNotThereYetIsAskedAgain(TallyNode node) throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (Relay relay = new Relay(
                node.amqpPort(), () -> connections.incrementAndGet() % 2 == 0, method -> Relay.Fate.GOES_ON)) {
            String[] command = {
                "verify-confirms", "--amqp", relay.uri(), "--messages", "50", "--connections", "1", "--json"
            };
            JsonNode numbers = CompletableFuture.supplyAsync(
                            () -> Typed.at(node).run(command))
                    .get(120, TimeUnit.SECONDS)
                    .ok()
                    .json();
            assertTrue(numbers.path("proved").asBoolean(), numbers::toString);
        }
        String left = Typed.at(node).run("queues", "list").ok().out();
        assertTrue(!left.contains("tally-verify-"), left);
    }

    @Test
    void nothingIsProvedWhereNobodyAnswers(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.typing("reads\n")
                .run("users", "add", "reads", "--password-stdin", "--tags", "monitoring")
                .ok();
        typed.run("permissions", "set", "reads", ".*", "", ".*").ok();
        Typed.Said said = Typed.at(node)
                .with("TALLY_USER", "reads")
                .with("TALLY_PASSWORD", "reads")
                .run("verify-confirms", "--seconds", "1", "--connections", "1", "--messages", "2")
                .refused(
                        1,
                        "nothing is proved: of 2 messages none was acked; nothing is known of 2 that got no answer, 0");
        assertTrue(said.out().replaceAll(" +", " ").contains("proved no"), said::toString);
        typed.run("users", "delete", "reads").ok();
    }

    @Test
    void aQueueThatIsThereStaysAsItIs(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "v1", "-a", "x-queue-type=quorum").ok();
        typed.run("publish", "-k", "v1", "precious").ok();
        typed.run("verify-confirms", "--queue", "v1", "--messages", "10").refused(1, "the queue 'v1' is there already");
        assertEquals("precious", typed.run("get", "v1", "--raw").ok().out());
        typed.run("queues", "delete", "v1").ok();
        typed.run("verify-confirms", "--queue", "v1", "--messages", "10").ok();
        typed.run("get", "v1").refused(1, "no queue 'v1'");
    }
}
