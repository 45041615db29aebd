package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** /api/receipts and /api/producers over a real broker, and who may ask. */
class ReceiptsApiTest {
    private static final String RECEIPT = "/api/receipts/%2F/pay%2F1/";
    private static final String PUBLISH = "/api/exchanges/%2F/amq.default/publish";

    private AccessFixture on;

    @BeforeEach
    void start() throws IOException {
        on = new AccessFixture();
        on.permit("root", "/", ".*", ".*", ".*");
        on.put(201, "/api/queues/%2F/q", "{}");
    }

    @AfterEach
    void stop() {
        on.close();
    }

    private static String message(String headers) {
        return "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"headers\":{" + headers + "}}}";
    }

    private static String named(long seq) {
        return message("\"x-producer-id\":\"pay/1\",\"x-publish-seq\":" + seq);
    }

    private String outcome(long seq) {
        return on.json(RECEIPT + seq).get("outcome").asText();
    }

    @Test
    void whatIsPublishedTwiceIsThereOnceAndTold() {
        on.send(200, "POST", PUBLISH, named(7));
        on.send(200, "POST", PUBLISH, named(7));
        assertEquals(1, on.json("/api/queues/%2F/q").get("messages").asInt());
        JsonNode r = on.json(RECEIPT + "7");
        assertEquals("stored", r.get("outcome").asText());
        assertEquals(1, r.get("duplicates").asInt());
        assertTrue(r.get("final").asBoolean());
        assertEquals("ready", r.get("queues").get(0).get("state").asText());
        assertEquals("[\"n1\"]", r.get("durable_on").toString());
        assertEquals("unseen", outcome(8));
        assertFalse(on.json(RECEIPT + "8").has("duplicates"));
        JsonNode p = on.json("/api/producers/%2F/pay%2F1");
        assertEquals(7, p.get("last").asLong());
        assertEquals("[[0,6]]", p.get("gaps").toString());
        assertEquals(1, on.json("/api/producers/%2F").size());
        assertTrue(on.get(404, "/api/producers/%2F/nobody").contains("nothing has come from producer 'nobody'"));
    }

    /** More at once than may wait: what is not known any more stays so, and takes none of their places. */
    @Test
    void nobodyWaitsForWhatIsForgotten() {
        on.send(200, "POST", PUBLISH, named(1));
        on.send(200, "POST", PUBLISH, named(10_000));
        List<CompletableFuture<String>> all = new ArrayList<>();
        ExecutorService many = Executors.newFixedThreadPool(80);
        try {
            for (int i = 0; i < 80; i++) {
                all.add(CompletableFuture.supplyAsync(() -> asked(RECEIPT + "1?wait=20s"), many));
            }
            all.forEach(answer -> assertTrue(answer.join().contains("\"forgotten\"")));
        } finally {
            many.shutdownNow();
        }
    }

    /** Asks again where the node's threads have too much to do: that says nothing of the places of those that wait. */
    private String asked(String path) {
        HttpResponse<String> answer;
        do {
            answer = on.admin.send("GET", path, "", Admin.ROOT_LOGIN);
        } while (answer.statusCode() == 503 && answer.body().contains("too many requests wait"));
        assertEquals(200, answer.statusCode(), answer.body());
        return answer.body();
    }

    @Test
    void aVoidOneNeverComesAndOneThatCameIsTold() {
        on.send(200, "POST", PUBLISH, named(1));
        assertTrue(on.put(200, RECEIPT + "2/void", "").contains("\"void\""));
        assertTrue(on.put(200, RECEIPT + "1/void", "").contains("\"stored\""));
        on.send(200, "POST", PUBLISH, named(10_000));
        assertTrue(on.put(200, RECEIPT + "1/void", "").contains("\"forgotten\""));
        assertEquals("forgotten", outcome(1));
    }

    @Test
    void whoAsksNeedsTheRightToReadAndWhoChangesMore() {
        String reader = on.user("reader", "management");
        on.permit("reader", "/", "^$", "^$", "^amq\\\\.receipt\\\\.pay");
        on.send(200, "POST", PUBLISH, named(1));
        on.get(200, RECEIPT + "1", reader);
        on.get(200, "/api/producers/%2F/pay%2F1", reader);
        on.get(403, "/api/receipts/%2F/other/1", reader);
        on.get(403, "/api/producers/%2F/other", reader);
        on.send(403, "PUT", RECEIPT + "2/void", "", reader);
        on.send(403, "POST", "/api/producers/%2F/pay%2F1/fence", "", reader);
        assertEquals("unseen", outcome(2));
        assertEquals(0, on.json(RECEIPT + "1").get("epoch").asLong());
        on.put(201, "/api/vhosts/elsewhere", "{}");
        on.get(403, "/api/receipts/elsewhere/pay%2F1/1", reader);
        on.get(403, "/api/producers/elsewhere/pay%2F1", reader);
    }

    /** A page begins behind the name that the page before ended with, and has those that one may read. */
    @Test
    void producersAreListedByPages() {
        for (String name : List.of("a", "b", "pay/1", "pay/2")) {
            String headers = "\"x-producer-id\":\"" + name + "\",\"x-publish-seq\":1";
            on.send(200, "POST", PUBLISH, message(headers));
        }
        assertEquals(List.of("a", "b", "pay/1", "pay/2"), producers("", null));
        assertEquals(List.of("pay/1", "pay/2"), producers("?after=b", null));
        assertEquals(List.of("pay/2"), producers("?after=pay%2F1", null));
        assertEquals(List.of(), producers("?after=z", null));
        String reader = on.user("reader", "management");
        on.permit("reader", "/", "^$", "^$", "^amq\\\\.receipt");
        assertEquals(List.of("b", "pay/1", "pay/2"), producers("?after=a", reader));
        on.permit("reader", "/", ".*", ".*", "^$");
        on.get(403, "/api/producers/%2F", reader);
    }

    private List<String> producers(String query, String who) {
        String path = "/api/producers/%2F" + query;
        List<String> names = new ArrayList<>();
        Json.read(who == null ? on.get(200, path) : on.get(200, path, who))
                .forEach(p -> names.add(p.get("producer").asText()));
        return names;
    }

    @Test
    void aPlaceIsTaken() {
        JsonNode p = Json.read(on.send(200, "POST", "/api/producers/%2F/pay%2F1/fence", ""));
        assertEquals(1, p.get("epoch").asLong());
        on.send(200, "POST", PUBLISH, named(1)); // by a connection of its own, which is younger
        assertEquals("stored", outcome(1));
    }

    /** An HTTP publish has a connection of its own, which is younger than every fence. */
    @Test
    void whoSaysWhatEpochHeIsOfIsFenced() {
        on.send(200, "POST", "/api/producers/%2F/pay%2F1/fence", "");
        assertTrue(on.send(400, "POST", PUBLISH, of(1, 0)).contains("a publish of epoch 0"));
        assertEquals("unseen", outcome(1));
        on.send(200, "POST", PUBLISH, of(1, 1));
        assertEquals("stored", outcome(1));
        on.send(400, "POST", PUBLISH, message("\"x-producer-epoch\":1"));
        on.send(400, "POST", PUBLISH, of(1, -1));
    }

    private static String of(long seq, long epoch) {
        return message("\"x-producer-id\":\"pay/1\",\"x-publish-seq\":" + seq + ",\"x-producer-epoch\":" + epoch);
    }

    /** Two at once: each is told the epoch that it took itself, not the other one's. */
    @Test
    void eachFenceTellsItsOwnEpoch() {
        Set<Long> told = new TreeSet<>();
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(CompletableFuture.supplyAsync(() -> on.send(200, "POST", "/api/producers/%2F/pay%2F1/fence", "")));
        }
        all.forEach(answer -> told.add(Json.read(answer.join()).get("epoch").asLong()));
        assertEquals(Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L), told);
    }

    /** The last one of each kind and producer: programs may do it all day, and what administrators did is to stay in the list. */
    @Test
    void whoDidItByHandIsNoted() {
        on.put(200, RECEIPT + "2/void", "");
        on.put(200, RECEIPT + "3/void", "");
        on.send(200, "POST", "/api/producers/%2F/pay%2F1/fence", "");
        JsonNode audit = on.json("/api/audit");
        assertEquals("producer.fence", audit.at("/0/what").asText());
        assertEquals("root", audit.at("/0/by").asText());
        assertEquals("127.0.0.1", audit.at("/0/from").asText());
        assertEquals("publish.void", audit.at("/1/what").asText());
        assertEquals(
                "producer 'pay/1' in vhost '/', number 3",
                audit.at("/1/subject").asText());
        assertFalse(audit.at("/2/what").asText().contains("void"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "9223372036854775807", "4611686018427387905", "1.5"})
    void aNumberThatIsNone(String seq) {
        assertTrue(on.get(400, RECEIPT + seq).contains("0 to 2^62"));
        on.put(400, RECEIPT + seq + "/void", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "ms", "-1s", "1m", "1000000s", "21s", "5"})
    void aTimeThatIsNone(String wait) {
        on.get(400, RECEIPT + "1?wait=" + wait);
    }

    @Test
    void anIdThatIsTooLong() {
        on.get(400, "/api/receipts/%2F/" + "p".repeat(256) + "/1");
        on.send(400, "POST", "/api/producers/%2F/" + "p".repeat(256) + "/fence", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"x-producer-id\":\"p\"'",
                "'\"x-publish-seq\":1'",
                "'\"x-producer-id\":7,\"x-publish-seq\":1'",
                "'\"x-producer-id\":\"\",\"x-publish-seq\":1'",
                "'\"x-producer-id\":\"p\",\"x-publish-seq\":-1'",
                "'\"x-expect-last\":1'",
                "'\"x-confirm\":\"some\"'",
                "'\"x-confirm\":true'",
                "'\"x-expect-queue-length-below\":\"many\"'",
                "'\"x-report\":\"eaten\"'",
                "'\"x-report\":7'",
                "'\"x-report\":[\"acked\",7]'",
                "'\"x-report\":\"acked\"'"
            })
    void aMessageWithoutAGoodName(String headers) {
        on.send(400, "POST", PUBLISH, message(headers));
        assertEquals(0, on.json("/api/queues/%2F/q").get("messages").asInt());
    }

    private static String reporting(String replyTo) {
        return "{\"routing_key\":\"q\",\"payload\":\"x\",\"properties\":{\"reply_to\":\"" + replyTo
                + "\",\"message_id\":\"m\",\"headers\":{\"x-report\":\"stored,acked\"}}}";
    }

    @Test
    void reportsOfAMessage() {
        on.put(201, "/api/queues/%2F/r", "{}");
        on.send(200, "POST", PUBLISH, reporting("r"));
        String get = "{\"count\":1,\"ackmode\":\"ack_requeue_false\",\"encoding\":\"auto\"}";
        assertTrue(reports(get).get("payload").asText().contains("\"event\":\"stored\",\"message_id\":\"m\""));
        on.send(200, "POST", "/api/queues/%2F/q/get", get);
        JsonNode acked = reports(get);
        assertEquals("m", acked.get("properties").get("correlation_id").asText());
        assertEquals(
                "acked",
                acked.get("properties").get("headers").get("x-report-event").asText());
        on.send(400, "POST", PUBLISH, reporting("amq.rabbitmq.reply-to"));
        on.send(400, "POST", PUBLISH, reporting("amq.rabbitmq.reply-to.x"));
        assertEquals(0, on.json("/api/queues/%2F/q").get("messages").asInt());
    }

    private JsonNode reports(String get) {
        return Json.read(on.send(200, "POST", "/api/queues/%2F/r/get", get)).get(0);
    }

    @Test
    void whoHasAQueueToldMayWriteThere() {
        on.put(201, "/api/queues/%2F/r", "{}");
        String writer = on.user("writer", "management");
        on.permit("writer", "/", "^$", "^amq\\\\.topic$", "^$");
        String topic = "/api/exchanges/%2F/amq.topic/publish";
        on.send(200, "POST", topic, message(""), writer);
        on.send(403, "POST", topic, reporting("r"), writer);
        on.permit("writer", "/", "^$", "^amq\\\\.(topic|default)$", "^$");
        on.send(200, "POST", topic, reporting("r"), writer);
    }

    @Test
    void conditionsAreKept() {
        on.send(200, "POST", PUBLISH, message("\"x-expect-queue-length-below\":1"));
        int status = on.admin
                .send("POST", PUBLISH, message("\"x-expect-queue-length-below\":1"), Admin.ROOT_LOGIN)
                .statusCode();
        assertEquals(400, status);
        assertEquals(1, on.json("/api/queues/%2F/q").get("messages").asInt());
    }
}
