package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.definitions.DefinitionReader;
import io.tallymq.admin.definitions.DefinitionsFile;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.Session;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/definitions over a real broker: what one cluster exports another one imports, and so does what RabbitMQ exports. */
class DefinitionsApiTest {
    private static final String ALL = "/api/definitions";

    /** As RabbitMQ 4 writes it, with what it has beside. */
    private static final String OF_RABBITMQ =
            """
            {"rabbit_version":"4.1.0","rabbitmq_version":"4.1.0","product_name":"RabbitMQ","product_version":"4.1.0",
             "rabbitmq_definition_format":"cluster","original_cluster_name":"rabbit@old","explanation":"Definitions of a cluster",
             "users":[{"name":"app","password_hash":"AQIDBJzc5I2s1nZtZpO8a+bCgd6qIsK1dOu0d/8OmYdPyJkH",
               "hashing_algorithm":"rabbit_password_hashing_sha256","tags":["management"],"limits":{"max-channels":7}},
               {"name":"old","password_hash":"","tags":"","hashing_algorithm":"rabbit_password_hashing_sha256"}],
             "vhosts":[{"name":"/","description":"Default virtual host","metadata":{"description":"Default virtual host",
               "tags":[],"default_queue_type":"classic"},"tags":[],"default_queue_type":"classic"},
               {"name":"a/b","limits":[],"metadata":{"description":"shop","tags":["t"],"default_queue_type":"undefined"}}],
             "permissions":[{"user":"app","vhost":"a/b","configure":"^app","write":".*","read":".*"}],
             "topic_permissions":[{"user":"app","vhost":"a/b","exchange":"amq.topic","write":"^a","read":"^b"}],
             "parameters":[{"value":{"max-queues":100},"vhost":"a/b","component":"vhost-limits","name":"limits"},
               {"value":{"pattern":"^o","apply-to":"queues","definition":{"max-length":10},"priority":2},"vhost":"a/b",
               "component":"operator_policy","name":"op"}],
             "global_parameters":[{"name":"cluster_name","value":"old"},{"name":"cluster_tags","value":{"a":1}}],
             "policies":[{"vhost":"a/b","name":"p","pattern":"^o","apply-to":"queues",
               "definition":{"message-ttl":60000},"priority":1}],
             "queues":[{"name":"orders Ω","vhost":"a/b","durable":true,"auto_delete":false,"type":"quorum",
               "arguments":{"x-queue-type":"quorum","x-delivery-limit":5}},
               {"name":"plain","vhost":"a/b","durable":true,"auto_delete":false,"type":"classic","arguments":{}},
               {"name":"amq.gen-XYZ","vhost":"a/b","durable":true,"auto_delete":false,"type":"classic","arguments":{}}],
             "exchanges":[{"name":"in","vhost":"a/b","type":"topic","durable":true,"auto_delete":false,"internal":false,
               "arguments":{"alternate-exchange":"out"}},
               {"name":"out","vhost":"a/b","type":"fanout","durable":true,"auto_delete":false,"internal":true,"arguments":{}}],
             "bindings":[{"source":"in","vhost":"a/b","destination":"orders Ω","destination_type":"queue",
               "routing_key":"o.#","arguments":{}},
               {"source":"amq.headers","vhost":"a/b","destination":"plain","destination_type":"queue","routing_key":"",
               "arguments":{"x-match":"all","n":1}},
               {"source":"in","vhost":"a/b","destination":"out","destination_type":"exchange","routing_key":"x",
               "arguments":{}}],
             "future_section":[{"name":"x"}]}
            """;

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private String take(int status, String body) {
        return on.send(status, "POST", ALL, body);
    }

    private JsonNode refused(String body) {
        return Json.read(take(400, body));
    }

    private static JsonNode named(JsonNode rows, String name) {
        for (JsonNode row : rows) {
            if (row.get("name").asText().equals(name)) {
                return row;
            }
        }
        throw new AssertionError("no " + name + " in " + rows);
    }

    @Test
    void filesOfRabbitMqAreTaken() {
        assertEquals("", take(204, OF_RABBITMQ));
        assertEquals("[\"management\"]", on.json("/api/users/app").get("tags").toString());
        assertEquals(7, on.json("/api/users/app").at("/limits/max-channels").asInt());
        JsonNode vhost = on.json("/api/vhosts/a%2Fb");
        assertEquals("shop", vhost.get("description").asText());
        assertEquals("[\"t\"]", vhost.get("tags").toString());
        assertEquals(
                "^app", on.json("/api/permissions/a%2Fb/app").get("configure").asText());
        assertEquals(
                "^b", on.json("/api/topic-permissions/a%2Fb/app").at("/0/read").asText());
        assertEquals(
                100, on.json("/api/vhost-limits/a%2Fb/max-queues").get("value").asInt());
        assertEquals("old", on.json("/api/cluster-name").get("name").asText());
        JsonNode queue = on.json("/api/queues/a%2Fb/" + AccessFixture.encode("orders Ω"));
        assertEquals("quorum", queue.at("/arguments/x-queue-type").asText());
        assertEquals("p", queue.get("policy").asText());
        assertEquals("op", queue.get("operator_policy").asText());
        on.get(200, "/api/queues/a%2Fb/amq.gen-XYZ");
        assertEquals(
                "out",
                on.json("/api/exchanges/a%2Fb/in")
                        .at("/arguments/alternate-exchange")
                        .asText());
        assertEquals(3 + 3, on.json("/api/bindings/a%2Fb").size(), "and one of each queue");
        on.get(200, "/api/bindings/a%2Fb/e/in/q/" + AccessFixture.encode("orders Ω") + "/o.%2523");
        assertEquals("", take(204, OF_RABBITMQ), "as often as one likes");
        assertEquals(3 + 3, on.json("/api/bindings/a%2Fb").size(), "and one of each queue");
    }

    /** One row is in memory as JSON, where {} has three bytes in the file and a hundred in memory: a file of one row would fill a heap. */
    @Test
    void aRowIsNoFile() {
        String row = "{\"name\":\"v\",\"x\":[" + "{},".repeat(100_000) + "{}]}";
        String reason = refused("{\"vhosts\":[{\"name\":\"w\"}," + row + "]}")
                .get("reason")
                .asText();
        assertTrue(reason.startsWith("vhosts[1]: "), reason);
        on.get(404, "/api/vhosts/w");
        take(204, "{\"vhosts\":[{\"name\":\"v\",\"x\":[" + "{},".repeat(1_000) + "{}]}],\"else\":[" + row + "]}");
    }

    /** What RabbitMQ with its deduplication plugin has. */
    @Test
    void policiesOfTheDeduplicationPluginAreTaken() {
        String definition =
                "{\"x-message-deduplication\":true,\"x-cache-size\":1000,\"x-cache-ttl\":60000,\"x-cache-persistence\":\"disk\"}";
        String file = "{\"policies\":[{\"vhost\":\"/\",\"name\":\"once\",\"pattern\":\"^once\",\"apply-to\":\"all\","
                + "\"definition\":" + definition + ",\"priority\":0}],"
                + "\"queues\":[{\"name\":\"once.q\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}],"
                + "\"exchanges\":[{\"name\":\"once.x\",\"vhost\":\"/\",\"type\":\"x-message-deduplication\",\"durable\":true,"
                + "\"auto_delete\":false,\"internal\":false,\"arguments\":{\"x-cache-size\":\"500\"}}]}";
        assertEquals("", take(204, file));
        JsonNode queue = on.json("/api/queues/%2F/once.q");
        assertEquals("once", queue.get("policy").asText());
        assertEquals(1000, queue.at("/effective_policy_definition/x-cache-size").asInt());
        assertEquals("once", on.json("/api/exchanges/%2F/once.x").get("policy").asText());
        assertEquals("", take(204, file));
    }

    /** Another cluster that imports it exports the same. */
    @Test
    void whatIsExportedIsImported() throws IOException {
        take(204, OF_RABBITMQ);
        on.put(201, "/api/vhosts/quorum", "{\"default_queue_type\":\"quorum\",\"protected_from_deletion\":true}");
        on.put(201, "/api/queues/%2F/q", "{\"durable\":false,\"auto_delete\":true}");
        String exported = on.get(200, ALL);
        JsonNode all = Json.read(exported);
        assertEquals(
                "TallyMQ 1.2.3",
                all.get("product_name").asText() + " "
                        + all.get("product_version").asText());
        assertTrue(all.has("rabbit_version") && all.has("rabbitmq_version"));
        assertEquals(3, all.get("users").size());
        assertEquals(3, all.get("vhosts").size());
        assertEquals(2, all.get("parameters").size());
        assertEquals(4, all.get("queues").size());
        assertEquals(2, all.get("exchanges").size());
        assertEquals(3, all.get("bindings").size());
        assertFalse(all.get("queues").get(0).has("messages"));
        assertEquals("quorum", named(all.get("queues"), "orders Ω").get("type").asText());
        assertEquals("classic", named(all.get("queues"), "plain").get("type").asText());
        assertEquals(
                "{\"max-queues\":100}",
                named(all.get("vhosts"), "a/b").get("limits").toString());
        try (var other = new AccessFixture()) {
            other.send(204, "POST", ALL, exported);
            assertEquals(all, Json.read(other.get(200, ALL)));
            assertEquals("", other.send(204, "POST", ALL, exported));
            assertEquals(all, Json.read(other.get(200, ALL)));
        }
    }

    /** The name of the default exchange is empty here, and amq.default in files. */
    @Test
    void aTopicPermissionOfTheDefaultExchangeActs() {
        String eve = on.user("eve", "management");
        on.permit("eve", "/", "", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "");
        String row = "{\"user\":\"eve\",\"vhost\":\"/\",\"exchange\":\"amq.default\",\"write\":\"^eve\",\"read\":\"\"}";
        take(204, "{\"topic_permissions\":[" + row + "]}");
        on.send(
                403,
                "POST",
                "/api/exchanges/%2F/amq.default/publish",
                "{\"routing_key\":\"q\",\"payload\":\"\",\"payload_encoding\":\"string\",\"properties\":{}}",
                eve);
        assertEquals("[" + row + "]", on.json(ALL).get("topic_permissions").toString());
    }

    /** It was there before its virtual host had a default. */
    @Test
    void aClassicQueueStaysOneWhereTheDefaultIsAnother() throws IOException {
        on.put(201, "/api/vhosts/v", "");
        on.permit("root", "v", ".*", ".*", ".*");
        on.put(201, "/api/queues/v/q", "{\"arguments\":{\"x-max-priority\":5}}"); // which quorum queues don't have
        on.put(204, "/api/vhosts/v", "{\"default_queue_type\":\"quorum\"}");
        ObjectNode exported = (ObjectNode) on.json(ALL);
        assertEquals("classic", exported.at("/queues/0/type").asText());
        JsonNode vhosts = exported.remove("vhosts");
        exported.set("vhosts", vhosts); // behind the queues
        take(204, exported.toString());
        try (var other = new AccessFixture()) {
            other.send(204, "POST", ALL, exported.toString());
            assertEquals("classic", other.json("/api/queues/v/q").get("type").asText());
            other.send(
                    204, "POST", ALL + "/v", "{\"queues\":[{\"name\":\"c\",\"type\":\"classic\"},{\"name\":\"d\"}]}");
            assertEquals("classic", other.json("/api/queues/v/c").get("type").asText());
            assertEquals("quorum", other.json("/api/queues/v/d").get("type").asText(), "it tells none");
            String limited = "{\"queues\":[{\"name\":\"e\",\"durable\":true,\"arguments\":{\"x-delivery-limit\":5}}]}";
            other.send(204, "POST", ALL + "/v", limited);
            assertEquals("quorum", other.json("/api/queues/v/e").get("type").asText());
            String classic = "{\"queues\":[{\"name\":\"f\",\"durable\":true,\"arguments\":{\"x-max-priority\":5}}]}";
            assertTrue(other.send(400, "POST", ALL + "/v", classic).contains("quorum"));
        }
    }

    /** Of a virtual host that goes, or has come meanwhile, there is no row: so there may be none of what is in it. */
    @Test
    void whatIsBeingDeletedIsNotExported() throws IOException {
        try (Admin fake = new Admin()) {
            AccessState access = new AccessState(new MemoryStore(), () -> 0);
            access.restore();
            fake.broker.view = withAccess(access);
            assertEquals(1, fake.json(ALL).get("vhosts").size());
            assertTrue(fake.json(ALL).get("queues").size() > 0);
            access.vhostGoes("/");
            JsonNode all = fake.json(ALL);
            for (String section : new String[] {"vhosts", "policies", "queues", "exchanges", "bindings"}) {
                assertEquals("[]", all.get(section).toString(), section);
            }
        }
    }

    private static BrokerView withAccess(AccessState access) {
        return (BrokerView) Proxy.newProxyInstance(
                BrokerView.class.getClassLoader(),
                new Class<?>[] {BrokerView.class},
                (proxy, method, arguments) ->
                        method.getName().equals("access") ? access : method.invoke(FakeView.SMALL, arguments));
    }

    /** An earlier version made it. */
    @Test
    void aQueueWithoutANameIsNotExported() throws IOException {
        try (Admin fake = new Admin()) {
            fake.broker.view = FakeView.withQueues(List.of(FakeView.queue("", 1, 1), FakeView.queue("q", 1, 1)));
            JsonNode queues = fake.json(ALL).get("queues");
            assertEquals(1, queues.size());
            assertEquals("q", queues.get(0).get("name").asText());
        }
    }

    /** What there was stays. */
    @Test
    void anImportAdds() {
        on.put(201, "/api/queues/%2F/mine", "");
        on.user("ann", "monitoring");
        take(
                204,
                "{\"queues\":[{\"name\":\"new\",\"vhost\":\"/\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}]}");
        assertEquals(2, on.json("/api/queues").size());
        on.get(200, "/api/users/ann");
        take(204, "{}");
        take(204, "{\"users\":[],\"queues\":[]}");
    }

    /** What may be changed is changed twice, so the last row of a name counts; what is declared has to be the same. */
    @Test
    void ofRowsWithOneNameTheLastOneCounts() {
        String user = "{\"name\":\"app\",\"password_hash\":\"\",\"tags\":\"%s\"}";
        String permission = "{\"user\":\"app\",\"vhost\":\"/\",\"configure\":\"%s\",\"write\":\"\",\"read\":\"\"}";
        String policy = "{\"vhost\":\"/\",\"name\":\"p\",\"pattern\":\"^o\",\"apply-to\":\"queues\","
                + "\"definition\":{\"message-ttl\":%s}}";
        String global = "{\"name\":\"g\",\"value\":%s}";
        String queue = "{\"name\":\"q\",\"vhost\":\"/\",\"durable\":true,\"arguments\":{}}";
        String exchange = "{\"name\":\"x\",\"vhost\":\"/\",\"type\":\"fanout\",\"durable\":true}";
        String binding = "{\"source\":\"x\",\"vhost\":\"/\",\"destination\":\"q\",\"destination_type\":\"queue\"}";
        take(
                204,
                "{\"users\":[" + user.formatted("monitoring") + "," + user.formatted("management") + "],"
                        + "\"permissions\":[" + permission.formatted("a") + "," + permission.formatted("b") + "],"
                        + "\"policies\":[" + policy.formatted("1") + "," + policy.formatted("2") + "],"
                        + "\"global_parameters\":[" + global.formatted("1") + "," + global.formatted("2") + "],"
                        + "\"queues\":[" + queue + "," + queue + "],\"exchanges\":[" + exchange + "," + exchange + "],"
                        + "\"bindings\":[" + binding + "," + binding + "]}");
        assertEquals("[\"management\"]", on.json("/api/users/app").get("tags").toString());
        assertEquals("b", on.json("/api/permissions/%2F/app").get("configure").asText());
        assertEquals(
                2, on.json("/api/policies/%2F/p").at("/definition/message-ttl").asInt());
        assertEquals(2, on.json("/api/global-parameters/g").get("value").asInt());
        assertEquals(1, on.json("/api/queues").size());
        assertEquals(1, on.json("/api/bindings/%2F/e/x/q/q").size());
        JsonNode no = refused("{\"queues\":[" + queue.replace("\"q\"", "\"two\"") + ","
                + queue.replace("\"q\"", "\"two\"").replace("true", "false") + "]}");
        assertTrue(no.get("reason").asText().startsWith("queue 'two' in vhost '/': inequivalent arg 'durable'"));
        on.get(200, "/api/queues/%2F/two");
    }

    /** As RabbitMQ's own: files have keys of later versions. A key that is there twice counts as it came last. */
    @Test
    void keysThatRowsDoNotHaveArePassedOver() {
        take(
                204,
                "{\"queues\":[{\"name\":\"q1\",\"name\":\"q2\",\"vhost\":\"/\",\"colour\":{\"a\":[1]},\"arguments\":{}}],"
                        + "\"users\":[{\"name\":\"app\",\"password_hash\":\"\",\"tags\":\"\",\"shoe_size\":7}]}");
        on.get(404, "/api/queues/%2F/q1");
        on.get(200, "/api/queues/%2F/q2");
        on.get(200, "/api/users/app");
    }

    @Test
    void whatIsOfConnectionsOrOfTheBrokerIsNotExported() {
        Session session = on.broker.connect("/", new Listener(), on.loop);
        var end = new ConnectionInfo.Endpoint("127.0.0.1", 5000);
        var negotiated = new ConnectionInfo.Negotiated(2047, 131072, 60, "PLAIN", 0);
        var info = new ConnectionInfo("c", "/", "root", end, end, negotiated, Arguments.NONE);
        var reply = new CompletableFuture<Reply>();
        on.loop.execute(() -> {
            session.submit(new OpenConnection(session.id(), info));
            var spec = new QueueSpec(false, true, false, Arguments.NONE);
            session.submit(new DeclareQueue(session.id(), "/", "hers", spec, false), reply::complete);
            session.submit(new io.tallymq.broker.command.BindQueue(
                    session.id(),
                    "/",
                    new io.tallymq.broker.spec.BindingKey("amq.topic", "hers", "k", Arguments.NONE),
                    true));
        });
        reply.orTimeout(30, TimeUnit.SECONDS).join();
        while (on.json("/api/bindings").isEmpty()) {
            Thread.onSpinWait();
        }
        JsonNode all = on.json(ALL);
        assertEquals("[]", all.get("queues").toString());
        assertEquals("[]", all.get("exchanges").toString());
        assertEquals("[]", all.get("bindings").toString());
    }

    @Test
    void oneVhostGoesIntoAnother() {
        take(204, OF_RABBITMQ);
        String exported = on.get(200, ALL + "/a%2Fb");
        assertFalse(exported.contains("\"vhost\""), exported);
        JsonNode of = Json.read(exported);
        assertFalse(of.has("users") || of.has("vhosts") || of.has("permissions"));
        assertEquals(3, of.get("bindings").size());
        assertEquals("a/b", of.get("original_vhost_name").asText());
        on.put(201, "/api/vhosts/copy", "");
        assertEquals("", on.send(204, "POST", ALL + "/copy", exported));
        JsonNode copy = on.json(ALL + "/copy");
        for (String section : new String[] {"parameters", "policies", "queues", "exchanges", "bindings"}) {
            assertEquals(of.get(section), copy.get(section), section);
        }
        on.send(204, "POST", ALL + "/copy", "{\"users\":[{\"name\":\"x\",\"tags\":\"\"}]}");
        on.get(404, "/api/users/x");
        assertTrue(on.send(400, "POST", ALL + "/copy", "{\"queues\":[{\"name\":\"q\",\"vhost\":\"/\"}]}")
                .contains("the path names 'copy'"));
        on.get(404, ALL + "/none");
        on.send(404, "POST", ALL + "/none", "{}");
    }

    @Test
    void whatIsRefusedIsNamedAndWhatIsDoneIsTold() {
        on.put(201, "/api/queues/%2F/q2", "{\"arguments\":{\"x-max-length\":1}}");
        JsonNode no = refused(
                "{\"vhosts\":[{\"name\":\"v\"}],\"exchanges\":[{\"name\":\"x\",\"vhost\":\"v\",\"type\":\"fanout\"}],"
                        + "\"queues\":[{\"name\":\"q2\",\"vhost\":\"/\",\"arguments\":{\"x-max-length\":2}}],"
                        + "\"bindings\":[{\"source\":\"x\",\"vhost\":\"v\",\"destination\":\"q\",\"destination_type\":\"queue\"}]}");
        assertEquals("bad_request", no.get("error").asText());
        assertTrue(no.get("reason").asText().startsWith("queue 'q2' in vhost '/': inequivalent arg 'x-max-length'"));
        assertEquals("{\"exchanges\":1,\"vhosts\":1}", no.get("done").toString());
        on.get(200, "/api/exchanges/v/x");
        no = refused(
                "{\"bindings\":[{\"source\":\"x\",\"vhost\":\"v\",\"destination\":\"none\",\"destination_type\":\"queue\"}]}");
        assertTrue(
                no.get("reason").asText().startsWith("binding of queue 'none' to exchange 'x' in vhost 'v': no queue"));
        assertEquals("{}", no.get("done").toString());
        no = refused("{\"queues\":[{\"name\":\"q\",\"vhost\":\"nowhere\"}]}");
        assertTrue(no.get("reason").asText().contains("queue 'q' in vhost 'nowhere': vhost 'nowhere' not found"));
        no = refused(
                "{\"permissions\":[{\"user\":\"nobody\",\"vhost\":\"/\",\"configure\":\"\",\"write\":\"\",\"read\":\"\"}]}");
        assertTrue(no.get("reason").asText().startsWith("permissions of user 'nobody' in vhost '/'"));
        no = refused("{\"users\":[{\"name\":\"root\",\"tags\":\"\"}]}");
        assertTrue(no.get("reason").asText().contains("the last administrator"));
    }

    /** It is one command, which has to fit a batch. */
    @Test
    void whatIsTooLargeIsRefusedAndTheNextImportBegins() {
        String large = "v".repeat(1_200_000);
        JsonNode no = refused("{\"global_parameters\":[{\"name\":\"x\",\"value\":\"" + large + "\"}]}");
        assertTrue(no.get("reason").asText().contains("'x'"), no.toString());
        take(204, "{\"global_parameters\":[{\"name\":\"x\",\"value\":\"v\"}]}");
    }

    /** Before anything is done. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"queues\":[{\"vhost\":\"/\"}]|queues[0]: Key not present: name",
                "\"queues\":[{\"name\":\"q\"}]|queues[0] 'q': Key not present: vhost",
                "\"queues\":[{\"name\":\"\",\"vhost\":\"/\"}]|queues[0]: name: a name is expected",
                "\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"durable\":7}]|queues[0] 'q': durable: true or false",
                "\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"arguments\":[1]}]|queues[0] 'q': arguments: an object",
                "\"queues\":[7]|queues[0]: an object is expected",
                "\"exchanges\":[{\"name\":\"x\",\"vhost\":\"/\"}]|exchanges[0] 'x': Key not present: type",
                "\"bindings\":[{\"source\":\"x\",\"vhost\":\"/\",\"destination\":\"q\"}]|bindings[0]: Key not present: destination_type",
                "\"bindings\":[{\"source\":\"x\",\"vhost\":\"/\",\"destination\":\"q\",\"destination_type\":\"topic\"}]|bindings[0]: destination_type: queue or exchange",
                "\"users\":[{\"name\":\"u\"}]|users[0] 'u': Key not present: tags",
                "\"users\":[{\"name\":\"u\",\"tags\":\"\",\"password_hash\":\"!\"}]|users[0] 'u': password_hash",
                "\"users\":[{\"name\":\"u\",\"tags\":\"\",\"limits\":{\"max-channels\":\"7\"}}]|users[0] 'u': max-channels: an integer",
                "\"permissions\":[{\"user\":\"u\",\"vhost\":\"/\"}]|permissions[0] 'u': Key not present: configure",
                "\"policies\":[{\"name\":\"p\",\"vhost\":\"/\",\"pattern\":\"\"}]|policies[0] 'p': Key not present: definition",
                "\"parameters\":[{\"component\":\"shovel\",\"name\":\"s\",\"vhost\":\"/\",\"value\":{}}]|parameters[0] 's': component 'shovel'",
                "\"parameters\":[{\"component\":\"vhost-limits\",\"name\":\"limits\",\"vhost\":\"/\",\"value\":7}]|parameters[0] 'limits': value: an object",
                "\"global_parameters\":[{\"name\":\"g\"}]|global_parameters[0] 'g': Key not present: value",
                "\"vhosts\":[{\"name\":\"w\",\"tags\":7}]|vhosts[0] 'w': tags: a list",
                "\"vhosts\":[{\"name\":\"w\",\"default_queue_type\":\"x\"}]|vhosts[0] 'w': Validation failed",
                "\"users\":[{\"name\":\"\",\"tags\":\"\"}]|users[0]: Validation failed",
                "\"users\":[{\"name\":\"u\",\"tags\":\"\",\"limits\":{\"max-cats\":7}}]|users[0] 'u': Validation failed",
                "\"permissions\":[{\"user\":\"u\",\"vhost\":\"/\",\"configure\":\"(?!a)\",\"write\":\"\",\"read\":\"\"}]|permissions[0] 'u': Validation failed",
                "\"topic_permissions\":[{\"user\":\"u\",\"vhost\":\"/\",\"exchange\":\"x\",\"write\":\"\",\"read\":\"(\"}]|topic_permissions[0] 'u': Validation failed",
                "\"global_parameters\":[{\"name\":\"\",\"value\":7}]|global_parameters[0]: Validation failed",
                "\"policies\":[{\"name\":\"p\",\"vhost\":\"/\",\"pattern\":\"^(?!amq)\",\"definition\":{\"max-length\":1}}]|policies[0] 'p': Validation failed",
                "\"policies\":[{\"name\":\"p\",\"vhost\":\"/\",\"pattern\":\"\",\"definition\":{\"federation-upstream-set\":\"all\"}}]|policies[0] 'p': Validation failed",
                "\"parameters\":[{\"component\":\"operator_policy\",\"name\":\"p\",\"vhost\":\"/\",\"value\":{\"pattern\":\"\",\"definition\":{\"queue-mode\":\"lazy\"}}}]|parameters[0] 'p': Validation failed",
                "\"exchanges\":[{\"name\":\"x\",\"vhost\":\"/\",\"type\":\"x-jms-topic\"}]|exchanges[0] 'x': ",
                "\"exchanges\":[{\"name\":\"x\",\"vhost\":\"/\",\"type\":\"fanout\",\"arguments\":{\"alternate-exchange\":7}}]|exchanges[0] 'x': invalid arg 'alternate-exchange'",
                "\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"arguments\":{\"x-max-length\":\"many\"}}]|queue 'q' in vhost '/': invalid arg 'x-max-length'",
                "\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"type\":\"classic\",\"arguments\":{\"x-delivery-limit\":7}}]|queue 'q' in vhost '/': invalid arg 'x-delivery-limit'",
            })
    void whatIsWrongIsToldBeforeAnythingIsDone(String section, String text) {
        JsonNode no = refused("{\"vhosts\":[{\"name\":\"v\"}]," + section + "}");
        assertTrue(no.get("reason").asText().startsWith(text), no.toString());
        assertEquals("{}", no.get("done").toString());
        on.get(404, "/api/vhosts/v");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{",
                "{\"queues\":[",
                "{\"queues\":5}",
                "{\"vhosts\":[{\"name\":\"v\"}],\"users\":{}}",
                "{\"queues\":[{]}",
                "{\"vhosts\":[{\"name\":\"v\"}]} x",
                "{\"vhosts\":[{\"name\":\"v\"}]}{}"
            })
    void whatIsNoJsonIsRefused(String body) {
        take(400, body);
        on.get(404, "/api/vhosts/v");
    }

    /** Two of them would be one name in the store. */
    @Test
    void halfACharacterIsRefused() {
        String why = take(400, "{\"vhosts\":[{\"name\":\"v\\ud800\"}]}");
        assertTrue(why.contains("vhosts[0]") && why.contains("half a character"), why);
    }

    @Test
    void passwordsInAFileAreKept() {
        take(204, "{\"users\":[{\"name\":\"ann\",\"password\":\"w\",\"tags\":\"management\"}]}");
        assertEquals(
                200,
                on.admin.send("GET", "/api/whoami", Admin.basic("ann", "w")).statusCode());
        ArrayNode users = Json.array();
        for (int i = 0; i <= DefinitionReader.MOST_PASSWORDS; i++) {
            users.addObject().put("name", "u" + i).put("password", "w").put("tags", "");
        }
        ObjectNode many = Json.object();
        many.set("users", users);
        assertTrue(take(400, many.toString()).contains("password_hash"));
        on.get(404, "/api/users/u0");
    }

    @Test
    void manyAreImportedAndTooManyAreNot() {
        ArrayNode queues = Json.array();
        ArrayNode bindings = Json.array();
        for (int i = 0; i < 2_000; i++) {
            queues.addObject().put("name", "q" + i).put("vhost", "/");
            bindings.addObject()
                    .put("source", "amq.topic")
                    .put("vhost", "/")
                    .put("destination", "q" + i)
                    .put("destination_type", "queue")
                    .put("routing_key", "k");
        }
        ObjectNode many = Json.object();
        many.set("bindings", bindings);
        many.set("queues", queues);
        take(204, many.toString());
        assertEquals(
                2_000, on.json("/api/exchanges/%2F/amq.topic/bindings/source").size());
        assertEquals(2_000, on.json(ALL).get("queues").size());
        assertTrue(refused("{\"other\":[" + "{},".repeat(DefinitionsFile.MOST_ELEMENTS) + "{}]}")
                .get("reason")
                .asText()
                .contains("more than 200000 elements"));
    }

    @Test
    void aFileHasItsLimit() {
        String large = "{\"explanation\":\"" + "x".repeat(5 << 20) + "\"}";
        take(204, large);
        String refused = take(413, "{\"explanation\":\"" + "x".repeat(16 << 20) + "\"}");
        assertTrue(refused.contains("at most 16777216 bytes"), refused);
    }

    @Test
    void aTagTellsWhetherAnythingChanged() {
        on.put(201, "/api/queues/%2F/q", "");
        HttpResponse<String> first = on.admin.get(ALL);
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertTrue(tag.matches("\"[0-9a-f]{32}\""), tag);
        on.send(
                200,
                "POST",
                "/api/exchanges/%2F/amq.default/publish",
                "{\"routing_key\":\"q\",\"payload\":\"messages are no definitions\"}");
        assertEquals(tag, on.admin.get(ALL).headers().firstValue("ETag").orElseThrow());
        assertEquals(
                tag,
                on.admin
                        .send("HEAD", ALL, Admin.ROOT_LOGIN)
                        .headers()
                        .firstValue("ETag")
                        .orElseThrow());
        on.put(201, "/api/queues/%2F/q2", "");
        HttpResponse<String> last = on.admin.get(ALL + "?download=a%22b.json");
        assertNotEquals(tag, last.headers().firstValue("ETag").orElseThrow());
        assertEquals(
                "attachment; filename=\"a_b.json\"",
                last.headers().firstValue("Content-Disposition").orElseThrow());
        assertEquals(
                "q2",
                named(Json.read(last.body()).get("queues"), "q2").get("name").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitoring", "management", "policymaker", ""})
    void itIsForAdministrators(String tags) {
        String login = on.user("ann", tags);
        on.permit("ann", "/", ".*", ".*", ".*");
        for (String path : new String[] {ALL, ALL + "/%2F"}) {
            on.get(403, path, login);
            on.send(403, "POST", path, "{}", login);
            assertEquals(401, on.admin.send("GET", path, null).statusCode());
            on.send(405, "PUT", path, "{}");
        }
    }
}
