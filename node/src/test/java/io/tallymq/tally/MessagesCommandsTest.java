package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.node.FreePorts;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages are published, got, followed, moved, and confirms proved. */
@ExtendWith(TallyNode.Shared.class)
class MessagesCommandsTest {
    @Test
    void publishedAndGot(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "m1").ok();
        assertEquals(
                "1 message confirmed",
                typed.run("publish", "-k", "m1", "-p", "message_id=7", "-H", "n=5", "-H", "s=\"5\"", "hällo")
                        .ok()
                        .out()
                        .strip());
        JsonNode message = typed.run("get", "m1", "--json").ok().json().get(0);
        assertEquals("hällo", message.path("payload").asText());
        assertEquals("7", message.path("properties").path("message_id").asText());
        assertTrue(message.path("properties").path("headers").path("n").isInt());
        assertTrue(message.path("properties").path("headers").path("s").isTextual());
        assertTrue(typed.run("get", "m1").ok().out().contains("redelivered"), "it was put back");
        assertEquals("hällo", typed.run("get", "m1", "--ack", "--raw").ok().out());
        assertTrue(typed.run("get", "m1").ok().out().contains("no message is ready"));
        typed.run("queues", "delete", "m1").ok();
    }

    @Test
    void lookedAtAndMoved(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "m3").ok();
        typed.run("queues", "declare", "m4", "-a", "x-max-length=2", "-a", "x-overflow=reject-publish")
                .ok();
        for (String n : new String[] {"1", "2", "3", "4"}) {
            typed.run("publish", "-k", "m3", "-H", "n=" + n, "body " + n).ok();
        }
        JsonNode seen = typed.run("peek", "m3", "--count", "2", "--json").ok().json();
        assertEquals("body 1", seen.at("/messages/0/payload").asText());
        String more = typed.run("peek", "m3", "--count", "2").ok().out();
        assertTrue(more.contains("body 2") && more.contains("there is more: --from"), more);
        String third = typed.run("peek", "m3", "--where", "header.n=3").ok().out();
        assertTrue(third.contains("body 3") && !third.contains("body 1"), third);
        typed.run("peek", "m3", "--where", "colour=red").refused(1, "(400)");
        String said = typed.run("redrive", "m3", "--to", "m4", "--reason", "test")
                .refused(1, "2 messages were refused and stay")
                .out();
        assertTrue(said.contains("2 messages moved") && said.contains("2 stay: "), said);
        assertTrue(typed.run("get", "m3").ok().out().contains("body 3"));
        assertEquals(
                1,
                typed.run("redrive", "m3", "--to", "m3-none", "--json", "--count", "1")
                        .refused(1, "refused and stay")
                        .json()
                        .path("refused")
                        .size());
        typed.run("queues", "delete", "m3").ok();
        typed.run("queues", "delete", "m4").ok();
    }

    @Test
    void linesAreMessages(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "m2").ok();
        String lines = IntStream.range(0, 1_500).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        JsonNode said = typed.typing(lines)
                .run("publish", "-k", "m2", "--lines", "--json")
                .ok()
                .json();
        assertEquals(1_500, said.path("confirmed").asInt());
        assertEquals("0", typed.run("get", "m2", "--raw").ok().out());
        typed.run("queues", "delete", "m2").ok();
    }

    @Test
    void whatIsRefusedIsSaid(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("publish", "-k", "no-such", "x").refused(1, "1 message of 1 came back: 312 NO_ROUTE");
        typed.run("publish", "-k", "no-such", "--optional", "x").ok();
        typed.run("publish", "-e", "no-such", "x").refused(1, "no exchange 'no-such'");
        typed.run("publish", "-e", "no-such", "--no-confirm", "x").refused(1, "no exchange 'no-such'");
        typed.run("publish", "-p", "colour=red", "x").refused(2, "there is no property 'colour'");
        typed.run("publish", "-v", "/none", "x").refused(1, "/none");
        typed.run("tail", "no-such").refused(1, "no exchange 'no-such'");
        typed.run("get", "no-such").refused(1, "no queue 'no-such'");
        typed.run("queues", "declare", "full", "-a", "x-max-length=0", "-a", "x-overflow=reject-publish")
                .ok();
        typed.run("publish", "-k", "full", "x").refused(1, "queue 'full' in vhost '/' has no room");
        typed.run("queues", "delete", "full").ok();
        typed.run("connections", "close", "x", "--reason", "a\nb").refused(2, "--reason is one line");
        String nobody = "amqp://127.0.0.1:" + FreePorts.take(1).get(0);
        typed.run("publish", "--amqp", nobody, "x").refused(3, nobody + ": nobody listens there");
    }

    @Test
    void tailFollowsAnExchange(TallyNode node) throws Exception {
        Typed typed = Typed.at(node);
        typed.run("exchanges", "declare", "news", "--type", "topic").ok();
        var tail = CompletableFuture.supplyAsync(
                () -> Typed.at(node).run("tail", "news", "--key", "a.#", "--count", "2", "--json"));
        while (typed.run("bindings", "list", "--source", "news", "--json")
                .ok()
                .json()
                .isEmpty()) {
            assertTrue(!tail.isDone(), () -> tail.join().toString());
        }
        typed.run("publish", "-e", "news", "-k", "b", "--optional", "other").ok();
        typed.run("publish", "-e", "news", "-k", "a.1", "first").ok();
        typed.run("publish", "-e", "news", "-k", "a.2", "second").ok();
        String[] lines = tail.get(60, TimeUnit.SECONDS).ok().out().strip().split("\n");
        assertEquals(
                "first", new ObjectMapper().readTree(lines[0]).path("payload").asText());
        assertEquals(
                "a.2", new ObjectMapper().readTree(lines[1]).path("routing_key").asText());
        typed.run("exchanges", "delete", "news").ok();
    }

    @Test
    void messagesMoveFromAnotherBroker(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("vhosts", "add", "old/1").ok();
        typed.run("permissions", "set", "guest", ".*", ".*", ".*", "-v", "old/1")
                .ok();
        typed.run("queues", "declare", "from", "-v", "old/1").ok();
        typed.run("queues", "declare", "to").ok();
        String lines = IntStream.range(0, 1_200).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        typed.typing(lines)
                .run(
                        "publish",
                        "-v",
                        "old/1",
                        "-k",
                        "from",
                        "--lines",
                        "-p",
                        "type=t",
                        "-H",
                        "n=5",
                        "-H",
                        "CC=[\"from\"]")
                .ok();
        String uri = "amqp://127.0.0.1:" + node.amqpPort() + "/old%2F1";
        typed.run("drain-from", uri, "--queue", "from", "--to", "absent").refused(1, "no such queue: declare it first");
        JsonNode moved = typed.run("drain-from", uri, "--queue", "from", "--to", "to", "--json")
                .ok()
                .json();
        assertEquals(1_200, moved.path("moved").asInt(), "the copy for a queue that has it already is none");
        JsonNode first = typed.run("get", "to", "--json").ok().json().get(0);
        assertEquals("t", first.path("properties").path("type").asText());
        assertEquals(5, first.path("properties").path("headers").path("n").asInt());
        assertTrue(first.path("properties").path("headers").has("x-original-cc"), first.toString());
        assertEquals(1_199, first.path("message_count").asInt());
        typed.run("drain-from", uri, "--queue", "none").refused(1, "no queue 'none'");
        typed.run("drain-from", "amqp://x:y@127.0.0.1:" + node.amqpPort(), "--queue", "q")
                .refused(1, "the other broker");
        typed.run("drain-from", "http://x:hidden@y", "--queue", "q").refused(2, "the other broker's URI is none");
        typed.run("queues", "delete", "to").ok();
        typed.run("vhosts", "delete", "old/1").ok();
    }
}
