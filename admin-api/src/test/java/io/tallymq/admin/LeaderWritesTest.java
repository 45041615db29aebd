package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.NoteAction;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** PUT /api/cluster/leader; that leadership really moves is RaftNodeTest's and the cluster tests'. */
class LeaderWritesTest {
    private static final String LEADER = "/api/cluster/leader";

    private static ClusterStatus ledBy(String node) {
        ClusterStatus s = FakeBroker.healthy();
        return new ClusterStatus(s.cluster(), s.node(), node, s.term() + 1, true, s.level(), s.members());
    }

    @Test
    void itIsDoneWhenTheNodeLeads() throws IOException {
        try (var admin = new Admin()) {
            admin.broker.onLead = node -> {
                admin.broker.status = ledBy(node);
                return true;
            };
            assertEquals(204, admin.put(LEADER, "{\"node\":\"n1\"}").statusCode());
            assertEquals("n1", admin.json("/api/cluster").get("leader").asText());
            admin.broker.onLead = node -> false;
            assertEquals(204, admin.put(LEADER, "{\"node\":\"n1\"}").statusCode(), "it leads already");
        }
    }

    /** Whether it comes to it or not, and without waiting: the leader that is to go may not write at all. */
    @Test
    void whoAsksIsNoted() throws IOException {
        try (var admin = new Admin()) {
            admin.broker.level = ByUser.LEVEL;
            admin.broker.onSubmit = command -> null;
            admin.broker.onLead = node -> {
                admin.broker.status = ledBy(node);
                return true;
            };
            assertEquals(204, admin.put(LEADER, "{\"node\":\"n1\"}").statusCode());
            assertEquals(
                    List.of(new ByUser(
                            "root",
                            "127.0.0.1",
                            new NoteAction("leader.set", "node 'n1'", " in place of node 'n2'", false))),
                    admin.broker.submitted.stream()
                            .map(FakeBroker.Submitted::command)
                            .toList());
            admin.put(LEADER, "{\"node\":\"n1\"}");
            assertEquals(1, admin.broker.submitted.size(), "it leads already");
        }
    }

    /** Their logs know no notes. */
    @Test
    void clustersOfLowerLevelsNoteNothing() throws IOException {
        try (var admin = new Admin()) {
            admin.broker.level = ByUser.LEVEL - 1;
            admin.broker.onLead = node -> {
                admin.broker.status = ledBy(node);
                return true;
            };
            assertEquals(204, admin.put(LEADER, "{\"node\":\"n1\"}").statusCode());
            assertEquals(List.of(), admin.broker.submitted);
        }
    }

    @Test
    void whatComesToNothingIsTold() throws IOException {
        try (var admin = new Admin(HealthTest::impatient)) {
            var response = admin.put(LEADER, "{\"node\":\"n1\"}");
            assertEquals(503, response.statusCode());
            assertTrue(response.body().contains("nobody was asked"), response.body());
            admin.broker.onLead = node -> true;
            response = admin.put(LEADER, "{\"node\":\"n1\"}");
            assertEquals(503, response.statusCode());
            assertTrue(response.body().contains("did not become the leader"), response.body());
        }
    }

    @Test
    void badRequestsAreRefused() throws IOException {
        try (var admin = new Admin()) {
            assertEquals(404, admin.put(LEADER, "{\"node\":\"n9\"}").statusCode());
            assertEquals(400, admin.put(LEADER, "{}").statusCode());
            assertEquals(400, admin.put(LEADER, "{\"node\":7}").statusCode());
            String maker = Admin.basic("maker", "maker");
            assertEquals(403, admin.put(LEADER, "{\"node\":\"n1\"}", maker).statusCode());
            assertEquals(405, admin.get(LEADER).statusCode());
        }
    }
}
