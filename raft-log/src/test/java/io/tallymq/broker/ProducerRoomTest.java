package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Producers of several virtual hosts, of which one takes all the room that it gets. */
class ProducerRoomTest {
    private static final Route Q = new Route("/", "", "q");
    private static final int AT_ONCE = 500;

    private OneNode node;
    private int channel = 10;

    @BeforeEach
    void start() {
        start(ProducerLimits.PAST);
    }

    /** Of so many that are forgotten something stays known. */
    private void start(int past) {
        ProducerLimits limits =
                new ProducerLimits(ProducerLimits.MOST, ProducerLimits.RETENTION, ProducerLimits.BUSY, past);
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1.withProducers(limits));
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
        node.apply(new Administer("root", "", new SetVhost("greedy", VhostSpec.PLAIN)));
    }

    private static Publish run(Route route, Terms... terms) {
        ByteWriter w = new ByteWriter(256);
        for (Terms t : terms) {
            byte[] more = Extension.NONE.with(t).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private void publish(String id, long seq) {
        node.apply(run(Q, Terms.named(id, seq)));
    }

    private Reply commit(Terms... terms) {
        return node.apply(new CommitTx(node.connection, ++channel, List.of(), run(Q, terms)));
    }

    /** So many others publish, each once. */
    private void others(String vhost, int from, int to) {
        for (int n = from; n < to; n += AT_ONCE) {
            node.apply(run(
                    new Route(vhost, "", "nowhere"),
                    IntStream.range(n, Math.min(to, n + AT_ONCE))
                            .mapToObj(i -> Terms.named("other" + i, 1))
                            .toArray(Terms[]::new)));
        }
    }

    private void pass(long millis) {
        node.passed += millis;
        node.apply(new Probe(false));
    }

    private boolean isKnown(String vhost, String id) {
        return node.machine.receipts().producer(vhost, id) != null;
    }

    private int known() {
        return node.machine.receipts().count();
    }

    @Test
    void oneVhostsProducersTakeNoPlaceOfTheOthers() {
        publish("p", 1);
        others("greedy", 0, ProducerLimits.MOST + AT_ONCE);
        for (int again = 0; again < 2; again++) {
            publish("p", 1);
            publish("p1", 1);
            publish("p2", 1);
        }
        assertEquals(3, node.queue("q").ready());
        assertTrue(isKnown("greedy", "other0"), "who published lately is not forgotten for a newcomer");
        node.restart();
        pass(ProducerLimits.BUSY);
        int all = known();
        others("greedy", ProducerLimits.MOST, ProducerLimits.MOST + AT_ONCE);
        assertEquals(all, known());
        assertTrue(isKnown("greedy", "other" + ProducerLimits.MOST) && !isKnown("greedy", "other0"));
        assertTrue(isKnown("/", "p") && isKnown("/", "p1") && isKnown("/", "p2"));
    }

    /** Until it has few no more, a virtual host needs nobody's place; then it takes that of one of the largest. */
    @Test
    void whoHasFewTakesThePlaceOfOneOfTheMost() {
        others("greedy", 0, ProducerLimits.MOST);
        int all = known();
        others("/", 0, 100);
        assertEquals(all + 100, known());
        node.refused.clear();
        publish("p", 1);
        String why = node.refused.get(0);
        assertTrue(why.contains("limit producers") && why.contains("idle for 5 minutes"), why);
        pass(ProducerLimits.BUSY);
        publish("p", 1);
        assertTrue(isKnown("/", "p") && isKnown("/", "other0") && !isKnown("greedy", "other0"));
        node.restart();
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void whoPublishesInATransactionLosesHisPlaceToNobodyInIt() {
        publish("p", 1);
        others("/", 0, ProducerLimits.MOST);
        pass(ProducerLimits.BUSY);
        assertEquals(Reply.OK, commit(Terms.named("new", 1), Terms.named("p", 2)));
        publish("p", 1);
        assertEquals(3, node.queue("q").ready());
        assertEquals("stored", node.machine.receipts().receipt("/", "p", 1).outcome());
    }

    /** What makes room for one of them may make another one that begins, and whose lower numbers are too old, if nothing is kept of who goes. */
    @Test
    void aTransactionIsDoneAsAWholeIfItsProducersTakePlaces() {
        start(0);
        others("/", 0, ProducerLimits.MOST * 9 / 10 - 1);
        pass(ProducerLimits.BUSY);
        Terms[] back = {Terms.named("a", 5), Terms.named("a", 3), Terms.named("b", 1)};
        assertEquals(406, assertInstanceOf(Reply.Rejected.class, commit(back)).code());
        assertEquals(0, node.queue("q").ready());
        assertEquals(Reply.OK, commit(Terms.named("a", 3), Terms.named("a", 5), Terms.named("b", 1)));
        assertEquals(3, node.queue("q").ready());
    }

    @Test
    void ofWhoIsNewForSureItsNumbersComeInAnyOrder() {
        others("/", 0, ProducerLimits.MOST * 9 / 10 - 1);
        pass(ProducerLimits.BUSY);
        assertEquals(Reply.OK, commit(Terms.named("a", 5), Terms.named("a", 3), Terms.named("b", 1)));
        assertEquals(3, node.queue("q").ready());
    }

    @Test
    void aTransactionBringsSoManyAtMost() {
        Terms[] many = IntStream.range(0, AT_ONCE + 1)
                .mapToObj(i -> Terms.named("n" + i, 1))
                .toArray(Terms[]::new);
        assertEquals(506, assertInstanceOf(Reply.Rejected.class, commit(many)).code());
        assertEquals(0, known());
    }

    @Test
    void aTransactionIsRefusedAsAWholeIfItsProducersHaveNoRoom() {
        others("/", 0, ProducerLimits.MOST * 9 / 10 - 1);
        Reply.Rejected no = assertInstanceOf(Reply.Rejected.class, commit(Terms.named("a", 1), Terms.named("b", 1)));
        assertEquals(506, no.code());
        assertEquals(0, node.queue("q").ready());
        assertEquals(Reply.OK, commit(Terms.named("a", 1)));
        pass(ProducerLimits.BUSY);
        assertEquals(Reply.OK, commit(Terms.named("b", 1), Terms.named("c", 1)));
        assertEquals(3, node.queue("q").ready());
    }
}
