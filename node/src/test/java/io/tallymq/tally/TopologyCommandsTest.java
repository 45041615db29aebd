package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queues, exchanges and bindings, with names that paths and terminals could stumble over. */
@ExtendWith(TallyNode.Shared.class)
class TopologyCommandsTest {
    @Test
    void aQueueWithSlashesAndOtherLettersComesAndGoes(TallyNode node) {
        Typed typed = Typed.at(node);
        String name = "a/b %2F ü 队列 +&?#";
        assertTrue(typed.run("queues", "declare", name, "-a", "x-max-length=10")
                .ok()
                .out()
                .contains("declared"));
        assertTrue(typed.run("queues", "declare", name, "-a", "x-max-length=10")
                .ok()
                .out()
                .contains("was there already"));
        JsonNode shown = typed.run("queues", "show", name, "--json").ok().json();
        assertEquals(name, shown.path("name").asText());
        assertEquals(10, shown.path("arguments").path("x-max-length").asInt());
        String table = typed.run("queues", "list", "--filter", "队列").ok().out();
        assertTrue(table.contains(name), table);
        typed.run("queues", "purge", name).ok();
        typed.run("queues", "pause", name).ok();
        JsonNode paused = typed.run("queues", "show", name, "--json").ok().json();
        assertEquals("paused", paused.path("state").asText());
        typed.run("queues", "resume", name).ok();
        JsonNode resumed = typed.run("queues", "show", name, "--json").ok().json();
        assertEquals("running", resumed.path("state").asText());
        typed.run("queues", "pause", "none").refused(1, "Not Found (404)");
        typed.run("queues", "delete", name).ok();
        typed.run("queues", "show", name).refused(1, "Not Found (404)");
    }

    @Test
    void aTerminalIsNotWrittenToByNames(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "declare", "red\u001b[31m").ok();
        String table = typed.run("queues", "list", "--filter", "red").ok().out();
        assertTrue(table.contains("red\\u001b[31m"), table);
        assertFalse(table.contains("\u001b"), table);
        typed.run("queues", "delete", "red\u001b[31m").ok();
    }

    @Test
    void theServersReasonIsTold(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("queues", "show", "no-such").refused(1, "Not Found (404)");
        typed.run("queues", "delete", "no-such").refused(1, "Not Found (404)");
        typed.run("queues", "declare", "q-type", "--type", "odd").refused(1, "(400)");
        typed.run("queues", "declare", "q-arg").ok();
        typed.run("queues", "declare", "q-arg", "-a", "x-max-length=5").refused(1, "inequivalent arg 'x-max-length'");
        typed.run("queues", "list", "-v", "/none").refused(1, "(404)");
        typed.run("queues", "delete", "q-arg", "--if-empty", "--if-unused").ok();
    }

    @Test
    void bindingsByKeyAndArguments(TallyNode node) {
        Typed typed = Typed.at(node);
        typed.run("exchanges", "declare", "ev/1", "--type", "topic").ok();
        typed.run("queues", "declare", "bound").ok();
        typed.run("bindings", "add", "ev/1", "bound", "--key", "a/*.#").ok();
        typed.run("bindings", "add", "ev/1", "bound", "--key", "a/*.#", "-a", "n=5")
                .ok();
        assertEquals(
                2,
                typed.run("bindings", "list", "--source", "ev/1", "--json")
                        .ok()
                        .json()
                        .size());
        typed.run("bindings", "remove", "ev/1", "bound", "--key", "other").refused(1, "there is no binding 'other'");
        typed.run("bindings", "remove", "ev/1", "bound", "--key", "a/*.#", "-a", "n=5")
                .ok();
        JsonNode left = typed.run("bindings", "list", "--source", "ev/1", "--queue", "bound", "--json")
                .ok()
                .json();
        assertEquals(1, left.size());
        assertEquals(0, left.get(0).path("arguments").size());
        typed.run("exchanges", "delete", "ev/1", "--if-unused").refused(1, "in use");
        typed.run("exchanges", "delete", "ev/1").ok();
        typed.run("queues", "delete", "bound").ok();
    }

    @Test
    void whatMakesNoSense(TallyNode node) {
        Typed.at(node).run("queues").refused(2, "which one? list, show, declare, delete, purge, pause, resume");
        Typed.at(node).run("queues", "declare").refused(2, "Missing required parameter: 'QUEUE'");
        Typed.at(node).run("queues", "lsit").refused(2, "tally: Unmatched argument");
        Typed.at(node).run("connections", "close").refused(2, "names, or --of-user, are needed");
    }
}
