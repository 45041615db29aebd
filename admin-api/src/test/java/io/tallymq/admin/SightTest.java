package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users see who don't see everything, and what they may do with queues and policies. */
class SightTest {
    private AccessFixture on;
    private String ann;

    /** Two virtual hosts with a queue, two connections and a consumer each; ann may enter one of them, and one of its connections is hers. */
    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.put(201, "/api/vhosts/v", "");
        on.permit("root", "v", ".*", ".*", ".*");
        ann = on.user("ann", "management");
        on.permit("ann", "v", "^ann", "^x", "^(ann|mail)");
        for (String vhost : new String[] {"/", "v"}) {
            on.put(201, "/api/queues/" + AccessFixture.encode(vhost) + "/mail", "");
            for (String user : new String[] {"root", "ann"}) {
                if (!vhost.equals("/") || user.equals("root")) {
                    Session session = connect(vhost, user);
                    var spec = new ConsumerSpec(user + "-" + vhost, false, false, 2, 0, Arguments.NONE);
                    assertInstanceOf(
                            Reply.Subscribed.class, call(session, new Subscribe(session.id(), 1, vhost, "mail", spec)));
                }
            }
        }
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private Reply call(Session session, Command command) {
        var reply = new CompletableFuture<Reply>();
        on.loop.execute(() -> session.submit(command, reply::complete));
        return reply.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private Session connect(String vhost, String user) {
        Session session = on.broker.connect(vhost, new Listener(), on.loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
        var info = new ConnectionInfo(user + "@" + vhost, vhost, user, end, end, negotiated, Arguments.NONE);
        assertInstanceOf(Reply.Ok.class, call(session, new OpenConnection(session.id(), info)));
        return session;
    }

    private JsonNode seen(String path, String login) {
        return Admin.parse(on.admin.send("GET", path, login));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/queues", "/api/exchanges", "/api/bindings", "/api/vhosts"})
    void listsAreOfVhostsThatTheUserMayEnter(String path) {
        on.put(201, "/api/queues/v/mail2", "");
        JsonNode all = on.json(path);
        JsonNode hers = seen(path, ann);
        String vhost = path.equals("/api/vhosts") ? "name" : "vhost";
        int expected = 0;
        for (JsonNode row : all) {
            expected += row.get(vhost).asText().equals("v") ? 1 : 0;
        }
        assertEquals(expected, hers.size());
        hers.forEach(row -> assertEquals("v", row.get(vhost).asText()));
        assertTrue(path.equals("/api/bindings") || expected > 0 && expected < all.size());
        String of = path.equals("/api/vhosts") ? "/api/vhosts" : path;
        on.get(200, of + "/v", ann);
        on.get(403, of + "/%2F", ann);
        on.get(403, of + "/none", ann);
        assertEquals(all, seen(path, on.user("mon", "monitoring")));
    }

    @Test
    void whatIsElsewhereIsRefused() {
        for (String path : new String[] {
            "/api/queues/%2F/mail", "/api/queues/%2F/mail/bindings", "/api/exchanges/%2F/amq.topic",
            "/api/exchanges/%2F/amq.topic/bindings/source", "/api/consumers/%2F", "/api/vhosts/%2F/connections",
            "/api/vhosts/%2F/channels", "/api/schedules/%2F", "/api/schedules/%2F/1.2"
        }) {
            assertTrue(on.get(403, path, ann).contains("not authorised to access virtual host"), path);
        }
        on.get(200, "/api/queues/v/mail", ann);
        on.get(200, "/api/queues/v/mail/bindings", ann);
        assertEquals("[]", on.get(200, "/api/schedules", ann));
        for (String path : new String[] {"/api/nodes", "/api/cluster", "/api/audit", "/api/policies"}) {
            on.get(403, path, ann);
        }
    }

    @Test
    void connectionsAndChannelsAreHisOwn() {
        assertEquals(3, on.json("/api/connections").size());
        assertEquals(5, on.json("/api/channels").size(), "the first connection has two without consumers");
        assertEquals(3, on.json("/api/consumers").size());
        assertEquals("ann@v", seen("/api/connections", ann).at("/0/name").asText());
        assertEquals(1, seen("/api/connections", ann).size());
        assertEquals(1, seen("/api/vhosts/v/connections", ann).size());
        assertEquals(2, on.json("/api/vhosts/v/connections").size());
        assertEquals("ann@v (1)", seen("/api/channels", ann).at("/0/name").asText());
        assertEquals(1, seen("/api/channels", ann).size());
        assertEquals(1, seen("/api/vhosts/v/channels", ann).size());
        assertEquals("ann-v", seen("/api/consumers", ann).at("/0/consumer_tag").asText());
        assertEquals(1, seen("/api/consumers", ann).size());
        assertEquals(1, seen("/api/consumers/v", ann).size());
        assertEquals(2, on.json("/api/consumers/v").size());
        on.get(200, "/api/connections/ann%40v", ann);
        on.get(200, "/api/connections/ann%40v/channels", ann);
        on.get(200, "/api/channels/ann%40v%20(1)", ann);
        on.get(404, "/api/connections/root%40v", ann);
        on.get(404, "/api/connections/root%40v/channels", ann);
        on.get(404, "/api/channels/root%40v%20(1)", ann);
        on.get(200, "/api/channels/root%40v%20(1)");
    }

    @Test
    void theOverviewCountsWhatIsSeen() {
        JsonNode all = on.json("/api/overview");
        JsonNode hers = seen("/api/overview", ann);
        assertEquals(2, all.at("/object_totals/queues").asInt());
        assertEquals(3, all.at("/object_totals/connections").asInt());
        assertEquals(
                on.json("/api/exchanges").size(),
                all.at("/object_totals/exchanges").asInt());
        assertEquals(1, hers.at("/object_totals/queues").asInt());
        assertEquals(1, hers.at("/object_totals/connections").asInt());
        assertEquals(1, hers.at("/object_totals/channels").asInt());
        assertEquals(2, hers.at("/object_totals/consumers").asInt());
        assertEquals(
                on.json("/api/exchanges/v").size(),
                hers.at("/object_totals/exchanges").asInt());
        assertTrue(all.has("listeners") && all.has("churn_rates"));
        assertFalse(hers.has("churn_rates"));
        hers.get("listeners").forEach(l -> assertTrue(l.get("protocol").asText().startsWith("amqp"), hers::toString));
        assertTrue(hers.get("listeners").size() > 0, "where AMQP is to be had");
        assertEquals(0, hers.at("/message_stats/publish").asInt());
    }

    @Test
    void queuesAreMadeByPermissions() {
        String own = "/api/queues/v/ann-1";
        on.send(201, "PUT", own, "", ann);
        on.send(204, "DELETE", own + "/contents", "", ann);
        on.send(204, "PUT", own + "/pause", "", ann);
        on.send(204, "PUT", own + "/resume", "", ann);
        on.send(403, "PUT", "/api/queues/v/mail/pause", "", ann);
        on.send(204, "DELETE", own, "", ann);
        String refused = on.send(403, "PUT", "/api/queues/v/other", "", ann);
        assertTrue(refused.contains("configure access to queue 'other' in vhost 'v' refused for user 'ann'"), refused);
        on.send(403, "DELETE", "/api/queues/v/mail", "", ann);
        on.send(204, "DELETE", "/api/queues/v/mail/contents", "", ann);
        on.permit("ann", "v", "^ann", "", "^ann");
        on.send(403, "DELETE", "/api/queues/v/mail/contents", "", ann);
        on.send(403, "PUT", "/api/queues/%2F/ann-1", "", ann);
        on.send(403, "PUT", "/api/queues/none/ann-1", "", ann);
        String plain = on.user("plain", "");
        on.permit("plain", "v", ".*", ".*", ".*");
        on.send(403, "PUT", own, "", plain);
    }

    /** Who has dead letters go to an exchange has to be allowed to publish there. */
    @Test
    void deadLettersGoWhereTheUserMayWrite() {
        String body = "{\"arguments\":{\"x-dead-letter-exchange\":\"%s\"}}";
        assertTrue(on.send(403, "PUT", "/api/queues/v/ann-1", body.formatted("amq.topic"), ann)
                .contains("write access to exchange 'amq.topic'"));
        on.send(201, "PUT", "/api/queues/v/ann-1", body.formatted("x1"), ann);
        on.permit("ann", "v", "^ann", "^x", "");
        on.send(403, "PUT", "/api/queues/v/ann-2", body.formatted("x1"), ann);
    }

    /** As with RabbitMQ: the tag says who may administer, not what he may do with queues. */
    @Test
    void administratorsNeedPermissionsToo() {
        on.put(201, "/api/vhosts/w", "");
        assertTrue(on.put(403, "/api/queues/w/q", "").contains("refused for user 'root'"));
        on.get(200, "/api/queues/w");
        on.put(404, "/api/queues/none/q", "");
    }

    @Test
    void policiesAreMadeWhereTheUserMayEnter() {
        String body = "{\"pattern\":\"\",\"definition\":{\"max-length\":1}}";
        String maker = on.user("maker", "policymaker,monitoring");
        on.permit("maker", "v", "", "", "");
        on.send(201, "PUT", "/api/policies/v/p", body, maker);
        on.send(403, "PUT", "/api/policies/%2F/p", body, maker);
        on.put(201, "/api/policies/%2F/p", body);
        on.send(403, "DELETE", "/api/policies/%2F/p", "", maker);
        assertEquals(2, seen("/api/policies", maker).size());
        on.put(204, "/api/users/maker", "{\"password\":\"maker\",\"tags\":\"policymaker\"}");
        assertEquals(1, seen("/api/policies", maker).size());
        on.get(403, "/api/policies/%2F/p", maker);
        on.send(204, "DELETE", "/api/policies/v/p", "", maker);
        on.put(201, "/api/vhosts/w", "");
        on.put(201, "/api/policies/w/p", body); // an administrator
    }

    @Test
    void whatHeMayNoLongerEnterHeSeesNoLonger() {
        on.get(200, "/api/queues/v", ann);
        on.delete(204, "/api/permissions/v/ann");
        on.get(403, "/api/queues/v", ann);
        assertEquals("[]", on.get(200, "/api/connections", ann));
    }
}
