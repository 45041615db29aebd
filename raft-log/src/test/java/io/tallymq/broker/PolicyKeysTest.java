package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Times, dead letters and the limit of redeliveries come and go with policies while messages are in their queue. */
class PolicyKeysTest extends OneNodeTest {
    private static final Route Q = new Route("/", "", "q");
    private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

    private void set(Map<String, Object> definition) {
        Arguments a = new Arguments(new TreeMap<>(definition));
        Reply r = node.apply(new SetPolicy("/", "p", false, new PolicySpec("^q$", "queues", 0, a)));
        assertTrue(r instanceof Reply.PolicySet, r.toString());
    }

    private void clear() {
        assertEquals(Reply.OK, node.apply(new ClearPolicy("/", "p", false)));
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 20, Q));
    }

    private void pass(long milliseconds) {
        node.passed += milliseconds;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private boolean isThere(String queue) {
        return node.machine.queue("/", queue).isPresent();
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    @Test
    void messagesThatComeWhileItActsExpire() {
        node.declare("q");
        publish(1);
        set(Map.of("message-ttl", 1_000L));
        publish(2);
        restart();
        pass(1_500);
        assertEquals(3, ready("q"), "they are behind one that lives for ever");
        node.consume("q", 1);
        pass(1);
        assertEquals(1, node.delivered.size());
        assertEquals(0, ready("q"));
        clear();
        publish(2);
        pass(5_000);
        assertEquals(2, ready("q"));
    }

    /** One batch: each lives for as long as was said when it came, whatever is said then. */
    @Test
    void messagesThatCameLiveOnWhereOthersDoNot() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        publishWith(60_000, -1, 600_000);
        set(Map.of("message-ttl", 1_000L));
        restart();
        pass(61_000);
        assertEquals(2, ready("q"));
        restart();
        pass(600_000);
        assertEquals(2, ready("q"), "one lives for ever, and one is behind it");
        node.consume("q", 1);
        pass(1);
        assertEquals(1, node.delivered.size());
        assertEquals(0, ready("q"));
    }

    @Test
    void messagesThatCameExpireWhereOthersDoNot() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        set(Map.of("message-ttl", 5_000L));
        publishWith(-1, 3_000, -1);
        publish(1);
        clear();
        restart();
        pass(4_000);
        assertEquals(4, ready("q"));
        pass(2_000);
        assertEquals(0, ready("q"));
    }

    private void publishWith(long... expirations) {
        ByteWriter w = new ByteWriter();
        for (long expiration : expirations) {
            byte[] more = new Extension(List.of(), 0, expiration).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
    }

    @Test
    void anUnusedQueueGoesLaterOrNever() {
        node.declare("q");
        pass(50_000);
        set(Map.of("expires", 10_000L));
        pass(9_000);
        assertTrue(isThere("q"), "it counts from when it is said");
        restart();
        clear();
        pass(60_000);
        assertTrue(isThere("q"));
        set(Map.of("expires", 10_000L));
        restart();
        set(Map.of("expires", 5_000L));
        restart();
        pass(5_100);
        assertTrue(!isThere("q"));
        node.declare("q");
        assertEquals("p", node.queue("q").policy().policy());
        pass(5_100);
        assertTrue(!isThere("q"));
    }

    private void reject(Outcome how) {
        Delivery d = node.delivered.remove(node.delivered.size() - 1);
        node.apply(new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
        pass(1);
    }

    @Test
    void deadLettersGoWhereThePolicySays() {
        node.declare("q");
        node.declare("dead");
        publish(3);
        node.consume("q", 1);
        reject(Outcome.DISCARD);
        assertEquals(0, ready("dead"));
        set(Map.of("dead-letter-exchange", "", "dead-letter-routing-key", "dead"));
        restart();
        reject(Outcome.DISCARD);
        assertEquals(1, ready("dead"));
        clear();
        reject(Outcome.DISCARD);
        assertEquals(1, ready("dead"));
    }

    /** A lower limit makes many dead letters at once: they go on some per entry, and none is lost. */
    @Test
    void aLowerLimitMakesDeadLetters() {
        node.declare("q");
        node.declare("dead");
        for (int i = 0; i < 3_000; i++) {
            publish(1);
        }
        set(Map.of("dead-letter-exchange", "", "dead-letter-routing-key", "dead", "max-length", 7L));
        for (int n = 0; node.machine.owes(); n++) {
            assertTrue(n < 1_000, "it never ends");
            if (n % 3 == 0) {
                restart();
            }
            node.apply(new Probe(false));
        }
        assertEquals(7, ready("q"));
        assertEquals(2_993, ready("dead"));
    }

    @Test
    void theLimitOfRedeliveriesComesAndGoes() {
        node.declare("q", QUORUM);
        publish(1);
        node.consume("q", 1);
        for (int i = 0; i < 25; i++) {
            reject(Outcome.REJECT_REQUEUE);
        }
        set(Map.of("delivery-limit", 26L));
        reject(Outcome.REJECT_REQUEUE);
        restart();
        assertEquals(1, node.delivered.size());
        reject(Outcome.REJECT_REQUEUE);
        assertEquals(0, node.delivered.size());
        assertEquals(0, ready("q") + node.queue("q").unacked());
        clear();
        publish(1);
        for (int i = 0; i < 30; i++) {
            reject(Outcome.REJECT_REQUEUE);
        }
        assertEquals(1, node.delivered.size());
    }

    private static Publish mixed() {
        ByteWriter w = new ByteWriter(200);
        for (long expiration : new long[] {-1, 3_000}) {
            byte[] more = new Extension(List.of(), 0, expiration).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 4);
            w.raw(more, 0, more.length).uint16(0).int32(7);
        }
        return new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** What a replica remembers of a message's time must not outlive the policy: one that was restored does not know it. */
    @Test
    void aRestoredReplicaSeesTheSameTimes() {
        set(Map.of("message-ttl", 10_000L));
        node.declare("q");
        node.apply(mixed());
        pass(1);
        assertTrue(node.machine.nextDue() < Long.MAX_VALUE);
        set(Map.of("message-ttl", 4_000L));
        restart();
        clear();
        restart();
    }
}
