package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.history.RecentMessages;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an exchange kept goes with it some per entry; and copies of it are nobody's publishes. */
class HistoryGoneTest {
    private static final MachineLimits FEW = new MachineLimits(
            256,
            100_000,
            1_000,
            256 * 1024,
            512,
            4_096,
            new WorkLimits(32_768, 500, 10, 64, 4_096),
            8,
            250_000,
            StateLimits.DEFAULTS);

    private final CountingStore store = new CountingStore(new MemoryStore(0));
    private final OneNode node = new OneNode(store, FEW);

    private void declare(String name) {
        Arguments many = new Arguments(new TreeMap<>(Map.of("x-recent-history-length", 1_000L)));
        ExchangeSpec spec = new ExchangeSpec("x-recent-history", true, false, false, many);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", name, spec, false)));
    }

    private int kept() {
        int[] found = {0};
        node.commit();
        store.scan(Keys.of(Keys.RECENT), (k, v) -> found[0]++);
        return found[0];
    }

    @Test
    void someGoPerEntry() {
        node.raise(5);
        declare("x");
        node.apply(OneNode.messages(300, 8, new Route("/", "x", "")));
        assertEquals(300, kept());
        node.apply(new DeleteExchange("/", "x", false));
        assertEquals(290, kept());
        declare("x");
        node.apply(OneNode.messages(1, 8, new Route("/", "x", "")));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        assertEquals(1, kept());
    }

    @Test
    void whatIsToBeTakenOutTakesRoom() {
        MemoryStore memory = new MemoryStore(0);
        int[] level = {5};
        RecentMessages recent = new RecentMessages(memory, () -> level[0]);
        byte[] large = new byte[1 << 20];
        Route route = new Route("/", "x", "");
        for (long owner = 1; owner <= 31; owner++) {
            recent.add(owner, new RecentMessages.Recent(route, large), 10);
        }
        recent.forget(1);
        recent.add(40, new RecentMessages.Recent(route, large), 10);
        assertEquals(0, recent.bytes(40), "that is still in memory");
        recent.step(1);
        recent.add(40, new RecentMessages.Recent(route, large), 10);
        assertTrue(recent.bytes(40) > 0);
    }

    @Test
    void copiesHaveNoNameAndTellNobody() {
        node.raise(5);
        declare("x");
        Terms terms = Terms.named("me", 7).telling(ReportEvent.ACKED.bit());
        byte[] more = Extension.NONE.with(terms).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, more.length, 2, 8);
        w.raw(more, 0, more.length).uint16(0).reserve(8);
        node.apply(new Publish(List.of(new Route("/", "x", "")), w.toBytes(), 0, w.size(), 0, Origins.NONE));
        node.declare("q");
        node.bind("x", "q");
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", true));
        ChunkBody body = store.load(got.delivery().chunk());
        assertEquals(
                Terms.NONE,
                Extension.of(body.bytes(), body.at(got.delivery().from())).terms());
    }
}
