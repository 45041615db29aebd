package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/global-parameters, /api/cluster-name and /api/audit over a real broker. */
class GlobalParametersApiTest {
    private static final String P = "/api/global-parameters/a%2Fb";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
    }

    @AfterEach
    void stop() {
        on.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "\"Ω\"",
                "null",
                "[1,{\"x\":null}]",
                "{\"a\":{\"b\":[]}}",
                "true",
                "1.5",
                "12345678901234567890"
            })
    void anyJsonIsKept(String value) {
        on.get(404, P);
        on.put(201, P, "{\"value\":" + value + "}");
        String row = "{\"name\":\"a/b\",\"value\":" + value + "}";
        assertEquals(row, on.get(200, P));
        assertEquals("[" + row + "]", on.get(200, "/api/global-parameters"));
        on.put(204, P, "{\"value\":0}");
        assertEquals("0", on.json(P).get("value").toString());
        on.delete(204, P);
        on.delete(404, P);
        assertEquals("[]", on.get(200, "/api/global-parameters"));
    }

    @Test
    void whatIsWrongIsTold() {
        assertTrue(on.put(400, P, "{}").contains("Key not present: value"));
        on.put(400, P, "7");
        on.put(400, P, "{\"value\":");
        assertTrue(on.put(400, P, "{\"value\":\"" + "x".repeat(5_000) + "\"}").contains("4096 bytes at most"));
        on.put(413, P, "{\"value\":\"" + "x".repeat(70_000) + "\"}");
        on.put(400, "/api/global-parameters/" + "n".repeat(256), "{\"value\":1}");
        on.send(405, "POST", P, "{\"value\":1}");
        on.get(404, P);
    }

    @Test
    void theClusterHasAName() {
        String configured = on.json("/api/cluster").get("cluster").asText();
        assertEquals("{\"name\":\"" + configured + "\"}", on.get(200, "/api/cluster-name"));
        on.put(204, "/api/cluster-name", "{\"name\":\"Ω cluster\"}");
        on.put(204, "/api/cluster-name", "{\"name\":\"Ω cluster\"}");
        assertEquals("Ω cluster", on.json("/api/cluster-name").get("name").asText());
        assertEquals("Ω cluster", on.json("/api/overview").get("cluster_name").asText());
        assertEquals(
                "Ω cluster",
                on.json("/api/global-parameters/cluster_name").get("value").asText());
        for (String wrong : new String[] {"", "{}", "{\"name\":7}", "{\"name\":\" \"}", "{\"name\":null}"}) {
            on.put(400, "/api/cluster-name", wrong);
        }
        on.delete(204, "/api/global-parameters/cluster_name");
        assertEquals(configured, on.json("/api/cluster-name").get("name").asText());
        on.put(201, "/api/global-parameters/cluster_name", "{\"value\":7}");
        assertEquals(configured, on.json("/api/cluster-name").get("name").asText());
    }

    @Test
    void whoMay() {
        String maker = on.user("maker", "policymaker");
        String management = on.user("man", "management");
        on.get(200, "/api/global-parameters", maker);
        on.get(403, "/api/global-parameters", management);
        on.get(200, "/api/cluster-name", management);
        on.send(403, "PUT", P, "{\"value\":1}", maker);
        on.send(403, "DELETE", P, "", maker);
        on.send(403, "PUT", "/api/cluster-name", "{\"name\":\"x\"}", maker);
    }

    @Test
    void whoChangedWhatIsListedTheNewestFirst() {
        String other = on.user("eve", "administrator");
        on.put(201, P, "{\"value\":1}");
        on.send(204, "DELETE", P, "", other);
        JsonNode audit = on.json("/api/audit");
        assertEquals(4, audit.size());
        JsonNode last = audit.get(0);
        assertEquals(4, last.get("number").asInt());
        assertEquals("eve", last.get("by").asText());
        assertEquals("127.0.0.1", last.get("from").asText());
        assertEquals("global-parameter.clear", last.get("what").asText());
        assertEquals("a/b", last.get("subject").asText());
        assertEquals(
                Instant.parse(last.get("time").asText()).toEpochMilli(),
                last.get("timestamp").asLong());
        assertEquals("root", audit.at("/1/by").asText());
        assertEquals(
                "user.set eve administrator",
                audit.at("/2/what").asText() + " " + audit.at("/2/subject").asText());
        JsonNode page = on.json("/api/audit?page=2&page_size=3");
        assertEquals(1, page.at("/items/0/number").asInt());
        assertEquals(4, page.get("total_count").asInt());
        on.get(200, "/api/audit", on.user("mon", "monitoring"));
        on.get(403, "/api/audit", on.user("man", "management,policymaker"));
        on.send(405, "DELETE", "/api/audit", "");
    }

    /** Whoever makes queues drop messages, or puts a message in another's place, is told of like who changes users. */
    @Test
    void whatIsDoneBesideUsersIsInTheListOfChanges() {
        on.put(
                201,
                "/api/policies/%2F/p",
                "{\"pattern\":\"^q\",\"definition\":{\"max-length\":7},\"apply-to\":\"queues\"}");
        last("policy.set", "/ p ^q queues 0 {max-length=7}");
        on.put(201, "/api/operator-policies/%2F/o", "{\"pattern\":\"\",\"definition\":{\"max-length\":7}}");
        last("operator-policy.set", "/ o  all 0 {max-length=7}");
        on.delete(204, "/api/policies/%2F/p");
        last("policy.clear", "/ p");
        on.delete(404, "/api/policies/%2F/p");
        last("policy.clear", "/ p");
        on.send(
                204,
                "POST",
                "/api/definitions",
                "{\"policies\":[{\"vhost\":\"/\",\"name\":\"i\",\"pattern\":\"\",\"definition\":{\"max-length\":7}}]}");
        last("policy.set", "/ i  all 0 {max-length=7}");
        String message =
                "{\"exchange\":\"\",\"routing_key\":\"q\",\"payload\":\"x\",\"deliver_at\":\"2900-01-01T00:00:00Z\"}";
        on.put(201, "/api/schedules/%2F/job", message);
        on.put(204, "/api/schedules/%2F/job", message);
        last("schedule.set", "messages in vhost '/': 'job' to exchange '', due 29348006400000");
        assertEquals("policy.set", on.json("/api/audit").at("/1/what").asText(), "it is told once");
        on.delete(204, "/api/schedules/%2F/job");
        last("schedule.cancel", "messages in vhost '/': 'job'");
    }

    /** What of queues, exchanges and bindings is another by HTTP is told with who did it; what is as it was is not. */
    @Test
    void whatQueuesAndExchangesBecomeByHttpIsInTheListOfChanges() {
        on.put(201, "/api/queues/%2F/q", "{}");
        last("queue.declare", "queue 'q' in vhost '/'");
        on.put(201, "/api/exchanges/%2F/x", "{\"type\":\"topic\"}");
        last("exchange.declare", "exchange 'x' in vhost '/'");
        String bindings = "/api/bindings/%2F/e/x/q/q";
        on.send(201, "POST", bindings, "{\"routing_key\":\"a.b\"}");
        last("queue.bind", "queue 'q' in vhost '/': exchange 'x', key 'a.b'");
        int noted = on.json("/api/audit").size();
        on.put(204, "/api/queues/%2F/q", "{}");
        on.put(204, "/api/exchanges/%2F/x", "{\"type\":\"topic\"}");
        on.send(201, "POST", bindings, "{\"routing_key\":\"a.b\"}");
        on.put(400, "/api/queues/%2F/q", "{\"durable\":false}");
        on.delete(400, "/api/exchanges/%2F/x?if-unused=true");
        assertEquals(noted, on.json("/api/audit").size(), "nothing is another");
        on.put(204, "/api/queues/%2F/q", "{\"arguments\":{\"x-alter\":true,\"x-max-length\":7}}");
        last("queue.declare", "queue 'q' in vhost '/'");
        on.delete(204, bindings + "/a.b");
        last("queue.unbind", "queue 'q' in vhost '/': exchange 'x', key 'a.b'");
        on.send(201, "POST", "/api/bindings/%2F/e/x/e/amq.direct", "{\"routing_key\":\"k\"}");
        last("exchange.bind", "exchange 'amq.direct' in vhost '/': exchange 'x', key 'k'");
        on.delete(204, "/api/queues/%2F/q/contents");
        last("queue.purge", "queue 'q' in vhost '/': 0 messages");
        on.put(204, "/api/queues/%2F/q/pause", "");
        on.put(204, "/api/queues/%2F/q/pause", "");
        last("queue.pause", "queue 'q' in vhost '/'");
        on.put(204, "/api/queues/%2F/q/resume", "");
        last("queue.resume", "queue 'q' in vhost '/'");
        on.delete(204, "/api/queues/%2F/q");
        last("queue.delete", "queue 'q' in vhost '/': 0 messages");
        on.delete(204, "/api/exchanges/%2F/x");
        last("exchange.delete", "exchange 'x' in vhost '/'");
        on.send(
                204,
                "POST",
                "/api/definitions/%2F",
                "{\"queues\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"exchanges\":[{\"name\":\"y\",\"type\":\"fanout\"}]}");
        last("definitions.import", "into vhost '/': exchanges 1, queues 2");
        assertEquals("exchange.delete", on.json("/api/audit").at("/1/what").asText(), "one line for all of it");
    }

    private void last(String what, String subject) {
        JsonNode last = on.json("/api/audit").get(0);
        assertEquals(what, last.get("what").asText());
        assertEquals(subject, last.get("subject").asText());
        assertEquals(
                "root 127.0.0.1",
                last.get("by").asText() + " " + last.get("from").asText());
    }
}
