package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What receipts tell of messages that a purge took and that one entry after the other takes out, one each. */
class PurgedReceiptsTest extends OneNodeTest {
    private static final WorkLimits LITTLE = new WorkLimits(32_768, 1, 1, 64, 4_096);
    private static final Map<String, Object> RESTS =
            Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 3_600_000L);

    PurgedReceiptsTest() {
        super(new MachineLimits(2, 5, 3, 200, 60, 5, LITTLE, 100, 20, StateLimits.DEFAULTS));
        node.raise(BrokerMachine.LEVELS.max());
    }

    private void publish(long seq) {
        byte[] more = Extension.NONE.with(Terms.named("p", seq)).encode();
        ByteWriter w = new ByteWriter(64);
        MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
        w.raw(more, 0, more.length).uint16(0).uint8('x');
        ByteWriter from = new ByteWriter(16).varint(1).varint(node.connection.number());
        byte[] origins = from.varint(1).varint(1).varint(1).varint(0).toBytes();
        Origins of = new Origins(new ByteReader(origins), node.connection.node());
        node.apply(new Publish(List.of(new Route("/", "", "q")), w.array(), 0, w.size(), 0, of));
    }

    private String state(long seq) {
        return node.machine.receipts().receipt("/", "p", seq).places().get(0).state();
    }

    private long consumer(int channel) {
        return ((Reply.Subscribed) node.consume(channel, "q", 10)).consumer();
    }

    private void settle(long holder, Settle.Outcome how, long at) {
        long seq = node.delivered.get(0).firstSeq() + at;
        node.apply(new Settle(holder, how, new long[] {seq, seq}));
    }

    private void purge() {
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertTrue(node.machine.owes(), "later entries take it out");
    }

    private void takenOut() {
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
    }

    @Test
    void whatRestedAndWasPurgedIsNotToldAsAcked() {
        node.declare("q", RESTS);
        long consumer = consumer(1);
        for (long seq = 1; seq <= 8; seq++) {
            publish(seq);
        }
        settle(consumer, Settle.Outcome.ACK, 0);
        for (long at = 1; at < 8; at += 2) {
            settle(consumer, Settle.Outcome.REJECT_REQUEUE, at);
        }
        assertEquals("acked", state(1));
        assertEquals("delayed", state(8));
        purge();
        assertEquals("gone", state(8));
        assertEquals("unacked", state(7));
        node.restart();
        assertEquals("gone", state(8));
        takenOut();
        assertEquals("gone", state(8));
        assertEquals("acked", state(1));
    }

    @Test
    void whatWasStillToComeBackAndWasPurgedIsNotToldAsAcked() {
        node.declare("q");
        consumer(1);
        long other = consumer(2);
        for (long seq = 1; seq <= 12; seq++) {
            publish(seq);
        }
        settle(other, Settle.Outcome.ACK, 1);
        assertEquals("acked", state(2));
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        purge();
        assertEquals("gone", state(11));
        assertEquals("unacked", state(12));
        node.restart();
        assertEquals("gone", state(11));
        takenOut();
        assertEquals("gone", state(11));
        assertEquals("acked", state(2));
    }
}
