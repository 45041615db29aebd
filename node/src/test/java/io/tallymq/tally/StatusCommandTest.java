package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TallyNode.Shared.class)
class StatusCommandTest {
    @Test
    void oneScreen(TallyNode node) {
        String screen = Typed.at(node).run("status").ok().out();
        assertTrue(ranks(screen), screen);
        assertTrue(screen.contains("leader n1"), screen);
        assertTrue(screen.lines().anyMatch(line -> line.startsWith("n1  ") && line.contains("leader")), screen);
        assertTrue(screen.contains("alarms     none"), screen);
    }

    /** How well the node would lead, in a column of its own. */
    private static boolean ranks(String table) {
        return table.lines().anyMatch(line -> line.startsWith("NODE ") && line.contains(" RANK "))
                && table.lines().anyMatch(line -> line.matches("n1 .* (fit|slow|behind|late) .*"));
    }

    @Test
    void jsonForScripts(TallyNode node) {
        var json = Typed.at(node).run("status", "--json").ok().json();
        assertEquals("n1", json.path("cluster").path("leader").asText());
        assertEquals("n1", json.path("nodes").get(0).path("name").asText());
        assertTrue(json.path("overview").has("object_totals"));
    }

    @Test
    void whoLeadsAndWhoIsTo(TallyNode node) {
        String status = Typed.at(node).run("cluster", "status").ok().out();
        assertTrue(status.contains("leader n1"), status);
        assertTrue(ranks(status), status);
        Typed.at(node).run("cluster", "transfer", "n1").ok();
        Typed.at(node).run("cluster", "transfer", "n/9").refused(1, "the cluster has no node 'n/9'");
        assertTrue(Typed.at(node)
                .run("cluster", "transfer", "--away", "n2")
                .ok()
                .out()
                .contains("node 'n2' does not lead"));
        Typed.at(node).run("cluster", "transfer", "--away", "n1").refused(1, "no other node is reached");
        Typed.at(node).run("cluster", "transfer").refused(2, "--away");
        Typed.at(node).run("cluster", "transfer", "n1", "--away", "n2").refused(2, "--away");
    }

    @Test
    void aWrongPassword(TallyNode node) {
        Typed.at(node).with("TALLY_PASSWORD", "wrong").run("status").refused(1, "Login failed (401)");
    }

    @Test
    void nobodyListens() {
        String address = "127.0.0.1:" + FreePorts.take(1).get(0);
        Typed.nowhere().run("status", "--address", address).refused(3, "http://" + address + ": nobody listens there");
    }

    @Test
    void theNextAddressIsAskedWhenOneIsDown(TallyNode node) {
        String down = "127.0.0.1:" + FreePorts.take(1).get(0);
        Typed.nowhere()
                .run("--address", down + "," + node.address(), "status", "--json")
                .ok();
    }

    @Test
    void whatMakesNoSense() {
        Typed.nowhere().run("statis").refused(2, "Did you mean: tally status");
        Typed.nowhere().run().refused(2, "a command is missing");
        Typed.nowhere().run("status", "--address", "ftp://x").refused(2, "'ftp://x' is no address");
        Typed.nowhere().run("status", "--user", "ops").refused(2, "there is no password for ops: set TALLY_PASSWORD");
    }

    /** It may come out of the environment or a profile, and what a command says goes into logs. */
    @Test
    void aPasswordInAnAddressIsNotShown() {
        Typed.Said[] all = {
            Typed.nowhere().with("TALLY_ADDRESS", "http://ops:s3cr3t@a:15672").run("status"),
            Typed.nowhere().run("status", "--address", "ops:s3cr3t@a"),
            Typed.nowhere().with("TALLY_AMQP", "amqp://ops:s3cr3t@a:5672").run("publish", "x"),
            Typed.nowhere().run("drain-from", "--queue", "q", "amqp://ops:pw@a", "amqps://ops:s3c/r3t@a/v"),
        };
        for (Typed.Said said : all) {
            said.refused(2, "@a");
            assertFalse(said.err().contains("s3c"), said::toString);
        }
    }
}
