package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Standing;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** POST of /api/queues/../redrive over a real broker. */
class RedriveApiTest {
    private static final String REDRIVE = "/api/queues/%2F/dlq/redrive";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        queue("dlq", "");
        queue("work", "\"x-dead-letter-exchange\":\"\",\"x-dead-letter-routing-key\":\"dlq\"");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private void queue(String name, String arguments) {
        on.put(201, "/api/queues/%2F/" + name, "{\"arguments\":{" + arguments + "}}");
    }

    private void publish(String queue, String payload) {
        String body = "{\"routing_key\":\"" + queue + "\",\"payload\":\"" + payload
                + "\",\"properties\":{\"message_id\":\"" + payload + "\",\"headers\":{\"h\":\"" + payload + "\"}}}";
        assertEquals("{\"routed\":true}", on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body));
    }

    /** All that is in work dies. */
    private void die(int messages) {
        String body = "{\"count\":" + messages + ",\"ackmode\":\"reject_requeue_false\",\"encoding\":\"auto\"}";
        on.send(200, "POST", "/api/queues/%2F/work/get", body);
        while (on.json("/api/queues/%2F/dlq").get("messages").asInt() < messages) {
            Thread.onSpinWait(); // dead letters go by later entries
        }
    }

    private JsonNode redrive(String body) {
        return Json.read(on.send(200, "POST", REDRIVE, body));
    }

    private List<String> payloads(String queue) {
        List<String> all = new ArrayList<>();
        on.json("/api/queues/%2F/" + queue + "/peek?count=100")
                .get("messages")
                .forEach(m -> all.add(m.get("payload").asText()));
        return all;
    }

    @Test
    void theyGoBackToWhereTheyDied() {
        publish("work", "a");
        publish("work", "b");
        die(2);
        JsonNode done = redrive("{\"reason\":\"fixed it\"}");
        assertEquals(
                "{\"moved\":2,\"left\":0,\"looked_at\":2,\"complete\":true,\"next\":null,\"until\":\"1\",\"refused\":[]}",
                done.toString());
        assertEquals(List.of("a", "b"), payloads("work"));
        assertEquals(List.of(), payloads("dlq"));
        JsonNode back =
                on.json("/api/queues/%2F/work/peek?count=1").get("messages").get(0);
        assertEquals(
                "work",
                back.get("properties").get("headers").get("x-first-death-queue").asText());
        assertEquals(0, redrive("{}").get("moved").asInt());
        JsonNode noted = on.json("/api/audit").get(0);
        assertTrue(noted.toString().contains("redrive"), noted.toString());
        assertTrue(noted.toString().contains("fixed it"), noted.toString());
    }

    @Test
    void someGoToAnotherQueueAndTheNextRequestGoesOn() {
        queue("other", "");
        for (String s : List.of("a", "b", "c", "d", "e")) {
            publish("dlq", s);
        }
        JsonNode done = redrive("{\"to\":\"other\",\"filter\":{\"header.h\":\"c\"}}");
        assertEquals(1, done.get("moved").asInt());
        assertEquals(List.of("c"), payloads("other"));
        done = redrive("{\"to\":\"other\",\"count\":2}");
        assertEquals(2, done.get("moved").asInt());
        assertEquals(List.of("c", "a", "b"), payloads("other"));
        done = redrive(
                "{\"to\":\"other\",\"count\":2,\"from\":\"" + done.get("next").asText() + "\"}");
        assertEquals(2, done.get("moved").asInt());
        assertEquals(List.of("c", "a", "b", "d", "e"), payloads("other"));
    }

    @Test
    void whoAsksForTheSamePartAgainMovesNoneTwice() {
        queue("other", "");
        for (String s : List.of("a", "b", "c")) {
            publish("dlq", s);
        }
        String last = on.json("/api/queues/%2F/dlq/peek")
                .get("messages")
                .get(1)
                .get("number")
                .asText();
        String body = "{\"to\":\"other\",\"until\":\"" + last + "\"}";
        assertEquals(2, redrive(body).get("moved").asInt());
        assertEquals(0, redrive(body).get("moved").asInt());
        assertEquals(List.of("c"), payloads("dlq"));
    }

    @Test
    void whatTheTargetRefusesStays() {
        queue("small", "\"x-max-length\":1,\"x-overflow\":\"reject-publish\"");
        publish("dlq", "a");
        publish("dlq", "b");
        JsonNode full = redrive("{\"to\":\"small\"}");
        assertEquals(1, full.get("moved").asInt());
        assertEquals(1, full.get("left").asInt());
        assertEquals(1, full.get("refused").get(0).get("count").asInt());
        assertTrue(full.get("refused").get(0).get("reason").asText().contains("has no room"), full.toString());
        JsonNode missing = redrive("{\"to\":\"none\"}");
        assertEquals(
                "no queue 'none' in vhost '/'",
                missing.get("refused").get(0).get("reason").asText());
        JsonNode alive = redrive("{}");
        assertTrue(alive.get("refused").get(0).get("reason").asText().contains("did not die"), alive.toString());
        assertEquals(List.of("b"), payloads("dlq"));
    }

    @Test
    void whoMayNotMovesNothing() {
        publish("dlq", "a");
        String ann = on.user("ann", "management");
        on.permit("ann", "/", ".*", ".*", "other");
        assertTrue(on.send(403, "POST", REDRIVE, "{\"to\":\"amq.receipts\"}").contains("by the broker alone"));
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        on.permit("ann", "/", ".*", "other", ".*");
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        String bob = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", bob);
        on.send(401, "POST", REDRIVE, "{}", Admin.basic("ann", "wrong"));
        on.send(404, "POST", "/api/queues/%2F/none/redrive", "{}");
        on.send(404, "POST", "/api/queues/none/dlq/redrive", "{}");
        on.get(405, REDRIVE);
        queue("s", "\"x-queue-type\":\"stream\"");
        publish("s", "a");
        on.send(400, "POST", "/api/queues/%2F/s/redrive", "{\"to\":\"work\"}");
        assertEquals(List.of("a"), payloads("dlq"));
        on.permit("ann", "/", "", ".*", "dlq");
        on.send(200, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        assertEquals(List.of("a"), payloads("work"));
    }

    /** The other queue has room for one: what it drops comes back. */
    @Test
    void whatComesMeanwhileIsNotMoved() {
        queue("small", "\"x-max-length\":1,\"x-dead-letter-exchange\":\"\",\"x-dead-letter-routing-key\":\"dlq\"");
        for (String s : List.of("a", "b", "c", "d", "e")) {
            publish("dlq", s);
        }
        JsonNode done = redrive("{\"to\":\"small\",\"count\":2}");
        String rest = "\",\"until\":\"" + done.get("until").asText() + "\"}";
        int moved = done.get("moved").asInt();
        for (int i = 0; i < 10 && !done.get("complete").asBoolean(); i++) {
            done = redrive("{\"to\":\"small\",\"count\":2,\"from\":\""
                    + done.get("next").asText() + rest);
            moved += done.get("moved").asInt();
        }
        assertTrue(done.get("complete").asBoolean(), done.toString());
        assertEquals(5, moved);
        while (on.json("/api/queues/%2F/dlq").get("messages").asInt() < 4) {
            Thread.onSpinWait(); // dead letters go by later entries
        }
        assertEquals(List.of("e"), payloads("small"));
    }

    /** Of each priority those that were there. */
    @Test
    void eachLaneHasItsEnd() {
        queue("urgent", "\"x-max-priority\":5");
        queue("other", "");
        for (int priority : new int[] {5, 1, 5, 3}) {
            urgent("old" + priority, priority);
        }
        String path = "/api/queues/%2F/urgent/redrive";
        JsonNode begun = Json.read(on.send(200, "POST", path, "{\"to\":\"other\",\"count\":1}"));
        String until = begun.get("until").asText();
        assertEquals(3, until.split(",").length, until);
        for (int priority : new int[] {5, 4, 3, 1}) {
            urgent("new" + priority, priority);
        }
        String body = "{\"to\":\"other\",\"from\":\"" + begun.get("next").asText() + "\",\"until\":\"" + until + "\"}";
        JsonNode rest = Json.read(on.send(200, "POST", path, body));
        assertEquals(3, rest.get("moved").asInt(), rest.toString());
        assertTrue(rest.get("complete").asBoolean());
        assertEquals(List.of("old5", "old5", "old3", "old1"), payloads("other"));
        assertEquals(List.of("new5", "new4", "new3", "new1"), payloads("urgent"));
    }

    private void urgent(String payload, int priority) {
        String body = "{\"routing_key\":\"urgent\",\"payload\":\"" + payload + "\",\"properties\":{\"priority\":"
                + priority + "}}";
        on.send(200, "POST", "/api/exchanges/%2F/amq.default/publish", body);
    }

    @Test
    void exclusiveQueuesAreTheirConnections() {
        on.exclusive("own");
        publish("own", "a");
        publish("dlq", "b");
        for (String[] way : new String[][] {{"own", "work"}, {"dlq", "own"}}) {
            String said = on.send(400, "POST", "/api/queues/%2F/" + way[0] + "/redrive", "{\"to\":\"" + way[1] + "\"}");
            assertTrue(said.contains("cannot obtain exclusive access to locked queue 'own'"), said);
        }
        assertEquals(List.of("b"), payloads("dlq"));
    }

    /** Who may use some routing keys only has to say which one it is. */
    @Test
    void whoIsHeldToTopicsNamesTheQueue() {
        publish("work", "a");
        die(1);
        String ann = on.user("ann", "management");
        on.permit("ann", "/", "", ".*", ".*");
        on.put(201, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"\",\"write\":\"^other$\",\"read\":\"\"}");
        String said = on.send(403, "POST", REDRIVE, "{}", ann);
        assertTrue(said.contains("say with to"), said);
        on.send(403, "POST", REDRIVE, "{\"to\":\"work\"}", ann);
        assertEquals(List.of("a"), payloads("dlq"));
        queue("other", "");
        on.send(200, "POST", REDRIVE, "{\"to\":\"other\"}", ann);
        assertEquals(List.of("a"), payloads("other"));
    }

    @Test
    void aTextIsNotLongerThanAKilobyte() {
        publish("dlq", "a");
        String filter = "{\"to\":\"work\",\"filter\":{\"text\":\"%s\"}}";
        redrive(filter.formatted("a".repeat(1_024)));
        String said = on.send(400, "POST", REDRIVE, filter.formatted("a".repeat(1_025)));
        assertTrue(said.contains("1024 bytes"), said);
    }

    /** Two that nobody answers have been given up by their clients, and are under way. */
    @Test
    void whatWasGivenUpHasItsPlaceUntilItEnds() throws IOException {
        try (Admin slow = new Admin(c -> c.withTimeouts(c.timeouts().withAnswer(Duration.ofMillis(200))))) {
            slow.broker.view = (BrokerView) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {BrokerView.class},
                    (proxy, method, args) -> method.getName().equals("level")
                            ? BrokerMachine.LEVELS.max()
                            : method.invoke(FakeView.SMALL, args));
            var part = new Standing.Part(0, 9, Standing.State.READY, false, 0, 0, null, null, 0);
            slow.broker.onBrowse = (where, visitor) -> {
                visitor.look(new Seen(where.from(), part, null, 0, null, null));
                return new Browse.Done(where.from() + 1, 0, 1);
            };
            slow.broker.onSubmit = command -> command instanceof Redrive ? null : new Reply.Probed(1, 1);
            String path = "/api/queues/%2F/orders/redrive";
            for (int i = 0; i < 2; i++) {
                var late = slow.send("POST", path, "{\"to\":\"p\"}", Admin.ROOT_LOGIN);
                while (late.body().contains("\"looked_at\":0")) { // its time was up before it looked at anything
                    late = slow.send("POST", path, "{\"to\":\"p\"}", Admin.ROOT_LOGIN);
                }
                assertTrue(late.statusCode() == 503 && late.body().contains("timeout"), late.body());
            }
            var busy = slow.send("POST", path, "{\"to\":\"p\"}", Admin.ROOT_LOGIN);
            assertTrue(busy.statusCode() == 503 && busy.body().contains("others move messages"), busy.body());
            int asked = slow.broker.submitted.size();
            slow.broker.submitted.forEach(s -> s.reply().complete(new Reply.Redriven(1, -1, Map.of())));
            while (slow.broker.submitted.size()
                    == asked) { // until the run has heard that it may end, and the next one looks at something
                slow.send("POST", path, "{\"to\":\"p\"}", Admin.ROOT_LOGIN);
            }
            assertEquals(asked + 1, slow.broker.submitted.size(), "of what was given up nothing else was begun");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"to\":7}",
                "{\"count\":-1}",
                "{\"count\":100001}",
                "{\"count\":\"many\"}",
                "{\"from\":\"x\"}",
                "{\"until\":5}",
                "{\"until\":\"1,2\"}",
                "{\"until\":\"1,\"}",
                "{\"filter\":\"x\"}",
                "{\"filter\":{\"heder.h\":\"x\"}}",
                "{\"filter\":{\"type\":null}}",
                "{\"filters\":{}}",
                "[]",
                "{"
            })
    void whatMakesNoSenseIsRefusedAndNothingMoves(String body) {
        publish("dlq", "a");
        on.send(400, "POST", REDRIVE, body);
        assertEquals(List.of("a"), payloads("dlq"));
    }
}
