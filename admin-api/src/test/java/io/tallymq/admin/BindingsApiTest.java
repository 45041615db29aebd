package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bindings between an exchange and a queue or another exchange, over a real broker. */
class BindingsApiTest {
    private static final String Q = "/api/bindings/%2F/e/amq.topic/q/q";
    private static final String E = "/api/bindings/%2F/e/amq.topic/e/amq.fanout";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    /** Returns where it is. */
    private String bind(String path, String body) {
        var answer = on.admin.send("POST", path, body, Admin.ROOT_LOGIN);
        assertEquals(201, answer.statusCode(), answer.body());
        assertEquals("", answer.body());
        return answer.headers().firstValue("Location").orElseThrow();
    }

    @Test
    void aQueueIsBoundAndUnbound() {
        assertEquals("[]", on.get(200, Q));
        String at = bind(Q, "{\"routing_key\":\"a.#\"}");
        assertEquals(Q + "/a.%2523", at);
        JsonNode made = on.json(at);
        assertEquals("amq.topic", made.get("source").asText());
        assertEquals("q", made.get("destination").asText());
        assertEquals("queue", made.get("destination_type").asText());
        assertEquals("a.#", made.get("routing_key").asText());
        assertEquals("a.%23", made.get("properties_key").asText());
        assertEquals("/", made.get("vhost").asText());
        assertEquals("{}", made.get("arguments").toString());
        assertEquals(at, bind(Q, "{\"routing_key\":\"a.#\"}"), "it is there already");
        assertEquals(1, on.json(Q).size());
        assertEquals(made, on.json(Q).get(0));
        assertEquals("", on.delete(204, at));
        on.delete(404, at);
        on.get(404, at);
        assertEquals("[]", on.get(200, Q));
    }

    @Test
    void anExchangeIsBoundAndUnbound() {
        String at = bind(E, "");
        assertEquals(E + "/~", at);
        assertEquals("exchange", on.json(at).get("destination_type").asText());
        assertEquals("~", on.json(at).get("properties_key").asText());
        assertEquals("[]", on.get(200, "/api/bindings/%2F/e/amq.topic/q/amq.fanout"));
        on.get(404, "/api/bindings/%2F/e/amq.topic/q/amq.fanout/~");
        on.delete(204, at);
        assertEquals(
                "[{\"source\":\"\",\"destination\":\"q\"}]",
                on.get(200, "/api/bindings/%2F?columns=source,destination"));
        assertEquals("[]", on.get(200, "/api/exchanges/%2F/amq.fanout/bindings/destination"));
    }

    /** The key and the hash of the arguments tell bindings apart. */
    @Test
    void argumentsCount() {
        String headers = "/api/bindings/%2F/e/amq.headers/q/q";
        String none = bind(headers, "{\"routing_key\":\"k\"}");
        String one = bind(headers, "{\"routing_key\":\"k\",\"arguments\":{\"x-match\":\"any\",\"n\":1}}");
        String two = bind(headers, "{\"routing_key\":\"k\",\"arguments\":{\"x-match\":\"any\",\"n\":2}}");
        assertEquals(headers + "/k", none);
        assertTrue(one.matches(".*/q/q/k~[\\w-]{11}"), one);
        assertEquals(3, on.json(headers).size());
        assertEquals(2, on.json(two).at("/arguments/n").asInt());
        on.delete(204, one);
        assertEquals(2, on.json(headers).size());
        on.get(404, one);
        on.get(200, none);
        on.get(200, two);
    }

    @ParameterizedTest
    @ValueSource(strings = {"~", "a~b", "a/b", "%2F", "a b", "a+b", "Ω Jürgen", "?#&=", "", "~x", "*.#"})
    void eachKeyHasAPath(String key) {
        String at = bind(Q, "{\"routing_key\":\"" + key + "\"}");
        bind(Q, "{\"routing_key\":\"other\"}");
        assertEquals(key, on.json(at).get("routing_key").asText());
        String quoted = on.json(at).get("properties_key").asText();
        assertEquals(at, Q + "/" + AccessFixture.encode(quoted).replace("%7E", "~"));
        on.delete(204, at);
        assertEquals("other", on.json(Q).at("/0/routing_key").asText());
    }

    /** As many tools do. */
    @ParameterizedTest
    @ValueSource(strings = {"a/b", "Ω", "a~b", "?#&="})
    void aPropertiesKeyIsTakenAsItIs(String key) {
        String at = bind(Q, "{\"routing_key\":\"" + key + "\"}");
        String quoted = on.json(at).get("properties_key").asText();
        assertEquals(key, on.json(Q + "/" + quoted).get("routing_key").asText());
        on.delete(204, Q + "/" + quoted);
        assertEquals("[]", on.get(200, Q));
    }

    /** A space and a plus: what is quoted once is never another one's. */
    @Test
    void aKeyThatIsTakenAsItIsIsNoOtherOnes() {
        String space = bind(Q, "{\"routing_key\":\"a b\"}");
        String plus = bind(Q, "{\"routing_key\":\"a+b\"}");
        assertEquals("a%20b", on.json(space).get("properties_key").asText());
        String quoted = on.json(plus).get("properties_key").asText();
        assertEquals("a%2Bb", quoted);
        assertEquals("a+b", on.json(Q + "/" + quoted).get("routing_key").asText());
        on.delete(204, Q + "/" + quoted);
        on.delete(404, Q + "/" + quoted);
        assertEquals("a b", on.json(Q).at("/0/routing_key").asText());
        on.delete(204, Q + "/a%20b");
        assertEquals("[]", on.get(200, Q));
    }

    @Test
    void whatMayBeEitherOfTwoIsNeither() {
        String sharp = bind(Q, "{\"routing_key\":\"a#\"}");
        String quoted = bind(Q, "{\"routing_key\":\"a%23\"}");
        assertEquals(Q + "/a%2523", sharp);
        assertTrue(on.delete(400, sharp).contains("two bindings"));
        assertEquals(2, on.json(Q).size());
        on.delete(204, quoted);
        on.delete(204, sharp);
    }

    @Test
    void everyQueueIsBoundToTheDefaultExchange() {
        String path = "/api/bindings/%2F/e/amq.default/q/q";
        JsonNode own = on.json(path).get(0);
        assertEquals("", own.get("source").asText());
        assertEquals("q", own.get("routing_key").asText());
        assertEquals(own, on.json(path + "/q"));
        assertEquals("[]", on.get(200, "/api/bindings/%2F/e/amq.default/q/none"));
        String text = "operation not permitted on the default exchange";
        assertTrue(on.send(400, "POST", path, "{\"routing_key\":\"k\"}").contains(text));
        assertTrue(on.delete(400, path + "/q").contains(text));
        assertTrue(on.send(400, "POST", "/api/bindings/%2F/e/amq.topic/e/amq.default", "")
                .contains(text));
    }

    @Test
    void bothEndsHaveToBeThere() {
        assertTrue(on.send(404, "POST", "/api/bindings/%2F/e/none/q/q", "").contains("no exchange 'none'"));
        assertTrue(
                on.send(404, "POST", "/api/bindings/%2F/e/amq.topic/q/none", "").contains("no queue 'none'"));
        assertTrue(
                on.send(404, "POST", "/api/bindings/%2F/e/amq.topic/e/none", "").contains("no exchange 'none'"));
        on.send(404, "POST", "/api/bindings/none/e/amq.topic/q/q", "");
        on.get(404, "/api/bindings/none/e/amq.topic/q/q");
        on.send(405, "PUT", Q, "{}");
        on.send(405, "POST", Q + "/~", "{}");
    }

    @Test
    void namesAreAnything() {
        on.put(201, "/api/vhosts/a%2Fb", "");
        on.permit("root", "a/b", ".*", ".*", ".*");
        on.put(201, "/api/exchanges/a%2Fb/x%2F%CE%A9", "{\"type\":\"fanout\"}");
        on.put(201, "/api/queues/a%2Fb/q%2F%CE%A9", "");
        String path = "/api/bindings/a%2Fb/e/x%2F%CE%A9/q/q%2F%CE%A9";
        assertEquals(path + "/~", bind(path, "{}"));
        assertEquals("q/Ω", on.json(path + "/~").get("destination").asText());
        on.delete(204, path + "/~");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"routing_key\":7}|routing_key: a string is expected",
                "{\"arguments\":7}|arguments: an object is expected",
                "[]|the request's body has to be a JSON object",
                "{|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        assertTrue(on.send(400, "POST", Q, body).contains(text));
        assertEquals("[]", on.get(200, Q));
    }

    @Test
    void aKeyIsAShortString() {
        assertTrue(on.send(400, "POST", Q, "{\"routing_key\":\"" + "Ω".repeat(128) + "\"}")
                .contains("routing_key: a string of up to 255 bytes"));
        bind(Q, "{\"routing_key\":\"" + "k".repeat(255) + "\"}");
        assertTrue(on.send(400, "POST", "/api/bindings/%2F/e/amq.headers/q/q", "{\"arguments\":{\"x-match\":\"x\"}}")
                .contains("x-match"));
    }

    /** As queue.bind: write on the destination, read on the source, and what is said of topics. */
    @Test
    void permissionsDecide() {
        String ann = on.user("ann", "management");
        on.permit("ann", "/", "", "^q$", "");
        String body = "{\"routing_key\":\"a.b\"}";
        assertTrue(on.send(403, "POST", Q, body, ann).contains("read access to exchange 'amq.topic'"));
        on.permit("ann", "/", "", "", "^amq.topic$");
        assertTrue(on.send(403, "POST", Q, body, ann).contains("write access to queue 'q'"));
        assertTrue(on.send(403, "POST", E, body, ann).contains("write access to exchange 'amq.fanout'"));
        on.permit("ann", "/", "", "^(q|amq.fanout)$", "^amq.topic$");
        on.put(201, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"amq.topic\",\"write\":\"\",\"read\":\"^b\"}");
        assertTrue(on.send(403, "POST", Q, body, ann).contains("read access to topic 'a.b' in exchange 'amq.topic'"));
        String at = bind(Q, body);
        on.get(200, at, ann);
        on.send(403, "DELETE", at, "", ann);
        on.put(204, "/api/topic-permissions/%2F/ann", "{\"exchange\":\"amq.topic\",\"write\":\"\",\"read\":\"^a\"}");
        on.send(204, "DELETE", at, "", ann);
        on.send(201, "POST", E, body, ann);
        String plain = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        on.send(403, "POST", Q, body, plain);
        on.get(403, Q, plain);
        assertEquals(401, on.admin.send("POST", Q, null).statusCode());
        on.put(201, "/api/vhosts/other", "");
        on.get(403, "/api/bindings/other/e/amq.topic/q/q", ann);
    }
}
