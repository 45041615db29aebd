package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.settings.ArgumentTable;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PUT and DELETE of /api/exchanges over a real broker: by the rules of exchange.declare and exchange.delete. */
class ExchangeWritesTest {
    private static final String X = "/api/exchanges/%2F/orders";

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

    @Test
    void anExchangeIsDeclaredAndDeleted() {
        on.get(404, X);
        on.delete(404, X);
        String body = "{\"type\":\"topic\",\"durable\":false,\"auto_delete\":\"true\",\"internal\":true,"
                + "\"arguments\":{\"alternate-exchange\":\"amq.fanout\"}}";
        assertEquals("", on.put(201, X, body));
        JsonNode made = on.json(X);
        assertEquals("topic", made.get("type").asText());
        assertEquals(
                "false true true",
                made.get("durable").asText() + " " + made.get("auto_delete").asText() + " "
                        + made.get("internal").asText());
        assertEquals("amq.fanout", made.at("/arguments/alternate-exchange").asText());
        assertEquals("", on.put(204, X, body));
        assertTrue(on.put(400, X, "{\"type\":\"fanout\"}")
                .contains("inequivalent arg 'type' for exchange 'orders' in vhost '/': received 'fanout'"));
        assertEquals("", on.delete(204, X));
        on.get(404, X);
    }

    @Test
    void whatIsNotSaidIsAsUsual() {
        on.put(201, X, "");
        JsonNode made = on.json(X);
        assertEquals("direct", made.get("type").asText());
        assertTrue(made.get("durable").asBoolean());
        assertEquals(
                "false false",
                made.get("auto_delete").asText() + " " + made.get("internal").asText());
        on.put(204, X, "{\"type\":\"direct\",\"auto_delete\":null,\"arguments\":{}}");
    }

    @Test
    void oneThatIsBoundIsInUse() {
        on.put(201, X, "");
        on.put(201, "/api/queues/%2F/q", "");
        on.send(201, "POST", "/api/bindings/%2F/e/orders/q/q", "");
        assertTrue(on.delete(400, X + "?if-unused=true").contains("exchange 'orders' in vhost '/' in use"));
        for (String query :
                new String[] {"if-unused", "if-unused=1", "if-unused=TRUE", "if_unused=true", "if-empty=1"}) {
            on.delete(400, X + "?" + query);
        }
        on.get(200, X);
        on.delete(204, X + "?if-unused=false");
        assertEquals("[{\"source\":\"\"}]", on.get(200, "/api/bindings/%2F?columns=source"));
        on.put(201, X, "");
        on.delete(204, X + "?if-unused=true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\":7}|type: a string is expected",
                "{\"type\":\"other\"}|unknown exchange type 'other'",
                "{\"durable\":3}|durable: true or false is expected",
                "{\"internal\":\"yes\"}|internal: true or false is expected",
                "{\"arguments\":[1]}|arguments: an object is expected",
                "{\"arguments\":{\"alternate-exchange\":7}}|alternate-exchange",
                "{\"arguments\":{\"alternate-exchange\":99999999999999999999}}|is too large",
                "[]|the request's body has to be a JSON object",
                "{\"type\":|Unable to parse JSON",
            })
    void whatIsWrongIsTold(String body, String text) {
        String refused = on.put(400, X, body);
        assertTrue(refused.contains(text), refused);
        on.get(404, X);
    }

    @Test
    void theBrokersOwnStay() {
        assertTrue(on.put(400, "/api/exchanges/%2F/amq.mine", "").contains("contains reserved prefix 'amq.*'"));
        on.put(204, "/api/exchanges/%2F/amq.topic", "{\"type\":\"topic\"}");
        assertTrue(on.delete(400, "/api/exchanges/%2F/amq.topic").contains("deletion of system exchange"));
        assertTrue(on.put(400, "/api/exchanges/%2F/amq.default", "").contains("not permitted on the default exchange"));
        assertTrue(on.delete(400, "/api/exchanges/%2F/amq.default").contains("not permitted on the default exchange"));
        assertEquals("", on.json("/api/exchanges/%2F/amq.default").get("name").asText());
    }

    @Test
    void namesAreAnythingThatIsNotTooLong() {
        on.put(201, "/api/vhosts/a%2Fb", "");
        on.permit("root", "a/b", ".*", ".*", ".*");
        for (String name : new String[] {"a/b", "/", "Ω Jürgen", "%2F", "a.b?c#d"}) {
            String path = "/api/exchanges/a%2Fb/" + AccessFixture.encode(name);
            on.put(201, path, "{\"type\":\"fanout\"}");
            assertEquals(name, on.json(path).get("name").asText());
            on.delete(204, path);
            on.get(404, path);
        }
        on.put(201, "/api/exchanges/%2F/" + "n".repeat(255), "");
        on.put(400, "/api/exchanges/%2F/" + "n".repeat(256), "");
        on.put(404, "/api/exchanges/none/x", "");
        on.delete(404, "/api/exchanges/none/x");
        on.send(405, "POST", X, "{}");
        on.put(413, X, "{\"type\":\"" + "p".repeat(70_000) + "\"}");
    }

    @Test
    void permissionsDecide() {
        String ann = on.user("ann", "management");
        on.send(403, "PUT", X, "", ann);
        on.permit("ann", "/", "^mine$", "", "");
        assertTrue(on.send(403, "PUT", X, "", ann)
                .contains("configure access to exchange 'orders' in vhost '/' refused for user 'ann'"));
        String alternate = "{\"arguments\":{\"alternate-exchange\":\"amq.fanout\"}}";
        String mine = "/api/exchanges/%2F/mine";
        assertTrue(on.send(403, "PUT", mine, alternate, ann).contains("read access to exchange 'mine'"));
        on.permit("ann", "/", "^mine$", "", "^mine$");
        for (String argument : ArgumentTable.GO_ON) {
            String goesOn = "{\"arguments\":{\"" + argument + "\":\"amq.fanout\"}}";
            assertTrue(
                    on.send(403, "PUT", mine, goesOn, ann).contains("write access to exchange 'amq.fanout'"), goesOn);
        }
        on.permit("ann", "/", "^mine$", "fanout", "^mine$");
        on.send(201, "PUT", mine, alternate, ann);
        on.put(201, X, "");
        on.send(403, "DELETE", X, "", ann);
        on.send(204, "DELETE", mine, "", ann);
        String plain = on.user("bob", "");
        on.permit("bob", "/", ".*", ".*", ".*");
        assertTrue(on.send(403, "PUT", mine, "", plain).contains("needs the tag management"));
        assertEquals(401, on.admin.send("PUT", mine, null).statusCode());
    }
}
