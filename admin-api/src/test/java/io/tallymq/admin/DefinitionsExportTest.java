package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.Broker;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GET and HEAD of /api/definitions over a real broker: what it costs, what tells one export from another, and who is told of it. */
class DefinitionsExportTest {
    private static final String ALL = "/api/definitions";

    private AccessFixture on;
    /** Looks of the admin server at the state. */
    private final AtomicInteger reads = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture(this::counted);
        on.permit("root", "/", ".*", ".*", ".*");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private Broker counted(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                Broker.class.getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        reads.incrementAndGet();
                    }
                    return method.invoke(broker, arguments);
                });
    }

    private String tag(String path) {
        return on.admin
                .send("HEAD", path, Admin.ROOT_LOGIN)
                .headers()
                .firstValue("ETag")
                .orElseThrow();
    }

    /** Whatever is in a file changes the tag, and nothing that is not. */
    @Test
    void eachChangeOfWhatIsExportedHasAnotherTag() {
        Set<String> tags = new TreeSet<>(Set.of(tag(ALL)));
        int changes = 0;
        for (String[] change : new String[][] {
            {"PUT", "/api/queues/%2F/q", "{}"},
            {"PUT", "/api/exchanges/%2F/x", "{\"type\":\"fanout\"}"},
            {"POST", "/api/bindings/%2F/e/x/q/q", "{\"routing_key\":\"k\"}"},
            {"DELETE", "/api/bindings/%2F/e/x/q/q/k", ""},
            {"POST", "/api/bindings/%2F/e/x/e/amq.topic", "{\"routing_key\":\"k\"}"},
            {"DELETE", "/api/exchanges/%2F/x", ""},
            {"DELETE", "/api/queues/%2F/q", ""},
            {"PUT", "/api/policies/%2F/p", "{\"pattern\":\"x\",\"definition\":{\"max-length\":5}}"},
            {"DELETE", "/api/policies/%2F/p", ""},
            {"PUT", "/api/operator-policies/%2F/p", "{\"pattern\":\"x\",\"definition\":{\"max-length\":5}}"},
            {"PUT", "/api/users/ann", "{\"password_hash\":\"\",\"tags\":\"\"}"},
            {"PUT", "/api/permissions/%2F/ann", "{\"configure\":\"\",\"write\":\"\",\"read\":\"\"}"},
            {"PUT", "/api/vhosts/v", "{}"},
            {"POST", "/api/vhosts/v/deletion/protection", ""},
            {"PUT", "/api/parameters/vhost-limits/v/limits", "{\"value\":{\"max-queues\":6}}"},
            {"PUT", "/api/user-limits/ann/max-channels", "{\"value\":6}"},
            {"PUT", "/api/global-parameters/g", "{\"value\":6}"},
            {"PUT", "/api/cluster-name", "{\"name\":\"c\"}"},
        }) {
            int status = on.admin
                    .send(change[0], change[1], change[2], Admin.ROOT_LOGIN)
                    .statusCode();
            assertEquals(2, status / 100, change[1]);
            changes++;
            tags.add(tag(ALL));
            assertEquals(changes + 1, tags.size(), change[0] + " " + change[1]);
        }
        assertNotEquals(tag(ALL), tag(ALL + "/v"));
        String last = tag(ALL);
        on.exclusive("hers");
        on.get(200, ALL);
        assertEquals(last, tag(ALL), "neither a connection's queue nor an export is a definition");
    }

    /** Reading all there is costs time on threads that all requests share: who wants none of it is answered without. */
    @Test
    void nothingIsReadForATagAlone() {
        String tag = tag(ALL);
        reads.set(0);
        tag(ALL);
        assertEquals(
                304,
                on.admin
                        .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + on.admin.port + ALL))
                                .header("Authorization", Admin.ROOT_LOGIN)
                                .header("If-None-Match", tag)
                                .build())
                        .statusCode());
        int forTags = reads.get();
        on.get(200, ALL);
        int forContent = reads.get() - forTags;
        assertTrue(forTags <= 2, forTags + " looks for two tags");
        assertTrue(forContent > 2 && forContent < 12, forContent + " looks for one export");
    }

    /** Each has in memory what it has told of until its client has taken all. */
    @Test
    void soManyExportsAreUnderWayAtATime() throws Exception {
        ArrayNode users = Json.array();
        for (int i = 0; i < 2_000; i++) { // more than sockets have room for
            ArrayNode tags = users.addObject()
                    .put("name", "u" + i)
                    .put("password_hash", "")
                    .putArray("tags");
            for (int tag = 0; tag < 20; tag++) {
                tags.add("t".repeat(250) + tag);
            }
        }
        ObjectNode many = Json.object();
        many.set("users", users);
        on.send(204, "POST", ALL, many.toString());
        try (RawClient one = export();
                RawClient two = export()) {
            assertTrue(on.get(503, ALL).contains("2 exports are under way"));
            assertEquals(200, on.admin.send("HEAD", ALL, Admin.ROOT_LOGIN).statusCode());
            one.close();
            while (on.admin.get(ALL).statusCode() == 503) {
                Thread.onSpinWait(); // until it is known that the client has gone
            }
            on.get(200, ALL);
        }
    }

    /** A client that has read how it begins, and no more. */
    private RawClient export() throws IOException {
        RawClient client = new RawClient(on.admin.port);
        client.write("GET " + ALL + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + Admin.ROOT_LOGIN + "\r\n\r\n");
        assertTrue(client.line().contains("200"));
        return client;
    }

    @Test
    void whoExportsIsTold() {
        tag(ALL);
        String notes = "/api/audit?name=of%20&columns=by,from,what,subject";
        assertEquals("[]", on.get(200, notes), "nothing was told of what there is");
        on.get(200, ALL + "/%2F");
        on.get(200, ALL);
        on.get(200, ALL);
        String row = "{\"by\":\"root\",\"from\":\"127.0.0.1\",\"what\":\"definitions.export\",\"subject\":\"%s\"}";
        String expected = "[" + row.formatted("of the cluster") + "," + row.formatted("of vhost '/'") + "]";
        while (on.json(notes).size() < 2) {
            Thread.onSpinWait(); // nobody waits for the note
        }
        assertEquals(expected, on.get(200, notes));
    }
}
