package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.FakeBroker;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.view.LaneEnds;
import io.tallymq.broker.view.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a redrive asks of the broker. */
class RedriveRunTest {
    private static final Standing.Part READY =
            new Standing.Part(0, 1_000, Standing.State.READY, false, 0, 0, null, null, 0);

    private final FakeBroker broker = new FakeBroker();
    /** Messages of each look. */
    private final List<Integer> looks = new ArrayList<>();

    private RedriveRun run(String to, Map<String, String> filter, long end) {
        var wanted = new RedriveBody(to, 100, 0, new long[0], MessageMatch.of(filter, 0), "");
        return new RedriveRun(broker, Runnable::run, 7, wanted, new LaneEnds(end), "root", "", () -> false);
    }

    /** Twenty messages, all alike. */
    private void has(ChunkBody body) {
        broker.onBrowse = (where, visitor) -> {
            int n = 0;
            long at = where.from();
            for (Browse.Next next = Browse.Next.ON; at < 20 && next == Browse.Next.ON; ) {
                next = visitor.look(new Seen(at, READY, body, 0, null, null));
                if (next != Browse.Next.NOT_THIS) {
                    at++;
                    n++;
                }
            }
            looks.add(n);
            return new Browse.Done(at == 20 ? Browse.END : at, 0, n);
        };
    }

    private static ChunkBody body(int bytes) {
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, 2, bytes);
        w.uint16(0).reserve(bytes);
        return ChunkBody.of(new Records(w.toBytes(), new int[1], new Route[] {new Route("/", "", "q")}, 0));
    }

    private static JsonNode row(CompletableFuture<Answer> answer) {
        return Json.read(new String(answer.join().body(), java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void oneLookSearchesABoundedPartOfTheBodies() {
        has(body(MessageMatch.MOST_SEARCHED));
        JsonNode row = row(run("p", Map.of("text", "x"), 1_000).run());
        assertEquals(List.of(8, 8, 4), looks);
        assertEquals(20, row.get("looked_at").asInt());
        looks.clear();
        row(run("p", Map.of("state", "dead"), 1_000).run());
        assertEquals(List.of(20), looks, "no body was read");
    }

    @Test
    void whatCameBehindTheEndIsNotLookedAt() {
        has(body(1));
        broker.onSubmit = command -> new Reply.Redriven(5, -1, Map.of());
        JsonNode row = row(run("p", Map.of(), 4).run());
        assertEquals(List.of(5), looks);
        assertTrue(row.get("complete").asBoolean());
        assertEquals("4", row.get("until").asText());
    }

    @Test
    void itEndsWhenTheQueueIsInTooManyPiecesWhereverTheyGo() {
        for (String to : List.of("", "p")) {
            broker.submitted.clear();
            has(body(1));
            broker.onSubmit = command -> broker.submitted.size() > 5
                    ? new Reply.Redriven(20, -1, Map.of()) // it would ask for ever
                    : new Reply.Redriven(broker.submitted.size() == 1 ? 3 : 0, 3, Map.of(), "too many pieces");
            JsonNode row = row(run(to, Map.of(), 1_000).run());
            assertEquals(1, broker.submitted.size());
            assertEquals(3, row.get("moved").asInt());
            assertEquals(17, row.get("left").asInt());
            assertEquals("3", row.get("next").asText());
            assertFalse(row.get("complete").asBoolean());
            assertEquals(
                    "[{\"reason\":\"too many pieces\",\"count\":17}]",
                    row.get("refused").toString());
        }
    }

    @Test
    void whatIsStoppedBeginsNothingElse() {
        has(body(1));
        broker.onSubmit = command -> null;
        RedriveRun run = run("p", Map.of(), 1_000);
        CompletableFuture<Answer> answer = run.run();
        run.stop();
        assertFalse(answer.isDone());
        broker.submitted.get(0).reply().complete(new Reply.Redriven(3, 3, Map.of()));
        assertEquals(3, row(answer).get("moved").asInt());
        assertEquals(1, broker.submitted.size());
        assertEquals(1, looks.size());
    }
}
