package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Paths of RabbitMQ's whose subject is another one here: what can be answered is, and the rest says why not. */
class RabbitPathsTest {
    private static final String COPIES = "/api/queues/quorum/%2F/orders/replicas/";

    private static Admin admin;

    @BeforeAll
    static void start() throws IOException {
        admin = new Admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    private static String told(HttpResponse<String> answer) {
        return answer.statusCode()
                + (answer.body().isEmpty()
                        ? ""
                        : " " + Admin.parse(answer).path("reason").asText());
    }

    private static HttpResponse<String> send(String method, String path, String body) {
        return admin.send(method, path, body, Admin.ROOT_LOGIN);
    }

    @Test
    void aQueuesCopiesAreAsFarAsTheNodesAre() {
        JsonNode status = admin.json("/api/queues/quorum/%2F/orders/status");
        assertEquals(3, status.size());
        assertEquals("n1", status.at("/0/Node Name").asText());
        assertEquals("follower", status.at("/0/Raft State").asText());
        assertEquals("leader", status.at("/1/Raft State").asText());
        assertEquals("voter", status.at("/0/Membership").asText());
        assertEquals("noproc", status.at("/2/Raft State").asText());
        JsonNode own = admin.json("/api/cluster").at("/members/0");
        assertEquals(own.get("commit_index"), status.at("/0/Commit Index"));
        assertEquals(own.get("applied_index"), status.at("/0/Last Applied"));
        assertEquals(own.get("term"), status.at("/0/Term"));
        assertEquals(404, admin.get("/api/queues/quorum/%2F/nosuch/status").statusCode());
    }

    @Test
    void aCopyOnANodeOfTheClusterIsThereAndStays() {
        String n2 = "{\"node\":\"n2\"}";
        assertEquals("204", told(send("POST", COPIES + "add", n2)));
        assertEquals("204", told(send("POST", "/api/queues/quorum/replicas/on/n2/grow", "{\"strategy\":\"all\"}")));
        String no = told(send("DELETE", COPIES + "delete", n2));
        assertTrue(no.startsWith("400 every node has every queue"), no);
        assertEquals(no, told(send("DELETE", "/api/queues/quorum/replicas/on/n2/shrink", "")));
        String stranger = told(send("POST", COPIES + "add", "{\"node\":\"rabbit@n9\"}"));
        assertEquals(
                "400 node 'rabbit@n9' is none of this cluster: its nodes are n1, n2, n3, and each of them has every queue",
                stranger);
        assertEquals(stranger, told(send("POST", "/api/queues/quorum/replicas/on/rabbit@n9/grow", "")));
        assertEquals(400, send("POST", COPIES + "add", "{}").statusCode());
        assertEquals(
                404,
                send("POST", COPIES.replace("orders", "nosuch") + "add", n2).statusCode());
    }

    /** Programs do not start without those of the queues that they use. */
    @Test
    void whatIsHereIsAnEnabledFeature() {
        JsonNode all = admin.json("/api/feature-flags");
        List<String> names = all.findValuesAsText("name");
        assertTrue(names.containsAll(List.of("quorum_queue", "stream_queue", "user_limits")), names.toString());
        assertTrue(!names.contains("stream_single_active_consumer"), "absent");
        for (JsonNode flag : all) {
            List<String> fields = new ArrayList<>();
            flag.fieldNames().forEachRemaining(fields::add);
            assertEquals(List.of("name", "desc", "doc_url", "state", "stability", "provided_by"), fields);
            assertEquals("enabled", flag.get("state").asText());
        }
        assertEquals(
                "[{\"name\":\"stream_queue\"}]",
                admin.json("/api/feature-flags?name=stream_queue&columns=name").toString());
    }

    @Test
    void queuesHaveNoActions() {
        String no = told(send("POST", "/api/queues/%2F/orders/actions", "{\"action\":\"sync\"}"));
        assertTrue(no.startsWith("400 unknown action 'sync': queues have none"), no);
        assertEquals(400, send("POST", "/api/queues/%2F/orders/actions", "{}").statusCode());
        assertEquals(
                404,
                send("POST", "/api/queues/%2F/nosuch/actions", "{\"action\":\"sync\"}")
                        .statusCode());
    }

    @Test
    void connectionsHaveNoSessions() {
        String name =
                URLEncoder.encode(FakeView.ONE_NAME, StandardCharsets.UTF_8).replace("+", "%20");
        assertEquals("[]", admin.json("/api/connections/" + name + "/sessions").toString());
        assertEquals(404, admin.get("/api/connections/nosuch/sessions").statusCode());
    }

    @Test
    void virtualHostsRunWhereNodesDo() {
        assertEquals("204", told(send("POST", "/api/vhosts/%2F/start/n1", "")));
        String down = told(send("POST", "/api/vhosts/%2F/start/n3", ""));
        assertTrue(down.startsWith("400 node 'n3' is not reached"), down);
        assertEquals(404, send("POST", "/api/vhosts/%2F/start/n9", "").statusCode());
        assertEquals(404, send("POST", "/api/vhosts/nosuch/start/n1", "").statusCode());
    }
}
