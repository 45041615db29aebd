package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A fan-out into many audited queues: whatever comes, no slice brings much more, and no entry tells much more, than any other. */
class AuditFeedTest {
    private static final Route FAN = new Route("/", "fan", "");
    private static final String FEED = "amq.receipts";

    private OneNode node;

    private void start(MachineLimits limits, int queues) {
        node = new OneNode(new MemoryStore(), limits);
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
        node.declare(FEED, Map.of("x-queue-type", "stream"));
        node.apply(
                new DeclareExchange("/", "fan", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false));
        for (int i = 0; i < queues; i++) {
            node.declare("a" + i, Map.of("x-receipts", "stream"));
            node.bind("fan", "a" + i);
        }
    }

    private long told() {
        return node.queue(FEED).ready();
    }

    private long kept() {
        return node.machine.untold.kept().count();
    }

    @Test
    void neitherSlicesNorEntriesGrowWithTheQueues() {
        int queues = 120;
        int messages = 4_000;
        start(MachineLimits.FORMAT_1, queues);
        Publish run = OneNode.messages(messages, 1, FAN);
        node.begin();
        boolean more = true;
        while (more) {
            long before = kept() + told();
            more = node.machine.publish(run, node);
            long by = kept() + told() - before;
            assertTrue(by <= 8_192 + queues, "a slice brought " + by);
            if (more) {
                node.machine.commitWithin(0, 0);
            }
        }
        node.end();
        assertTrue(kept() > 400_000, kept() + " are kept");
        while (node.machine.owes()) {
            long before = told();
            node.apply(new Probe(false));
            assertTrue(told() - before <= 5_000, "one entry told " + (told() - before));
            node.commit();
        }
        assertEquals((long) queues * messages, told());
        assertEquals(0, node.machine.reports().lost());
    }

    /** Keeps 1,000 of a queue. */
    private void startSmall() {
        WorkLimits work = new WorkLimits(100, 5, 2, 2, 100);
        start(new MachineLimits(2, 16, 3, 200, 64, 5, work, 4, 100, StateLimits.DEFAULTS), 20);
    }

    @Test
    void whatWouldBeTooMuchIsRefusedUntilThereIsRoom() {
        startSmall();
        node.restartsWithin = true;
        node.apply(OneNode.messages(100, 1, FAN));
        int refused = node.refused.size();
        assertTrue(refused > 40 && refused < 60, refused + " of 2,000 copies in 20 queues");
        String text = node.refused.values().iterator().next();
        assertTrue(text.contains("too many receipts wait") && text.contains(FEED), text);
        node.forget();
        node.apply(OneNode.messages(10, 1, new Route("/", "", "q"), new Route("/", "", "a0")));
        assertEquals(5, node.refused.size(), "those to the audited queue");
        assertEquals(5, node.queue("q").ready());
        node.forget();
        for (node.restart(); node.machine.owes(); node.restart()) {
            node.apply(new Probe(false));
        }
        assertEquals((100 - refused) * 20L, told());
        node.apply(OneNode.messages(10, 1, FAN));
        assertEquals(Map.of(), node.refused);
        assertEquals(0, node.machine.reports().lost());
    }

    @Test
    void aTransactionIsRefusedAsAWhole() {
        startSmall();
        for (int messages : new int[] {60, 50}) {
            CommitTx tx = new CommitTx(node.connection, messages, List.of(), OneNode.messages(messages, 1, FAN));
            Reply reply = node.apply(tx);
            if (messages == 60) {
                assertEquals(506, assertInstanceOf(Reply.Rejected.class, reply).code());
                assertEquals(0, kept() + told());
            } else {
                assertEquals(Reply.OK, reply);
            }
        }
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        assertEquals(1_000, told());
    }
}
