package io.tallymq.broker.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Exactly once and in order per start of a node; what a start held ends with it. */
class AdmissionTest {
    private final MemoryStore store = new MemoryStore();
    private BrokerMachine machine = new BrokerMachine(store);
    private final List<String> closed = new ArrayList<>();
    private long index;

    @Test
    void aResentBatchIsADuplicate() {
        up("n1", 5);
        assertEquals(Admission.ACCEPTED, batch("n1", 5, 1));
        assertEquals(Admission.DUPLICATE, batch("n1", 5, 1));
        assertEquals(Admission.DUPLICATE, batch("n1", 5, 0));
        assertEquals(Admission.ACCEPTED, batch("n1", 5, 2));
    }

    @Test
    void aBatchThatCameTooEarlyIsAGap() {
        up("n1", 5);
        assertEquals(Admission.GAP, batch("n1", 5, 2));
        assertEquals(Admission.ACCEPTED, batch("n1", 5, 1));
        assertEquals(Admission.ACCEPTED, batch("n1", 5, 2));
    }

    @Test
    void onlyTheLatestStartCounts() {
        assertEquals(Admission.FENCED, batch("n1", 5, 1));
        up("n1", 5);
        up("n1", 9);
        assertEquals(Admission.FENCED, batch("n1", 5, 1));
        assertEquals(Admission.DUPLICATE, begin("n1", 9, 0, true), "the registration itself is resent too");
        assertEquals(Admission.FENCED, begin("n1", 8, 0, true));
        assertEquals(Admission.ACCEPTED, batch("n1", 9, 1));
    }

    @Test
    void aLostNodeIsFencedUntilItStartsAnewAndItsConnectionsAreClosed() {
        up("n1", 5);
        up("n2", 3);
        ConnectionId c = new ConnectionId("n1", 1);
        begin("n1", 5, 1, false);
        machine.apply(new OpenConnection(c, info()), effects());
        QueueSpec exclusive = new QueueSpec(false, true, false, Arguments.NONE);
        Reply r = machine.apply(new DeclareQueue(c, "/", "mine", exclusive, false), effects());
        assertInstanceOf(Reply.QueueDeclared.class, r);
        begin("n2", 3, 1, false);
        machine.apply(new NodeLost("n1", 4, 1), effects());
        assertEquals(1, machine.connections().size(), "an older start was meant");
        assertInstanceOf(Reply.Rejected.class, machine.apply(new NodeLost("n1", 5, 0), effects()));
        assertInstanceOf(Reply.Rejected.class, machine.apply(new NodeLost("n1", 5, 2), effects()));
        assertEquals(1, machine.connections().size(), "a leader of another term decided that");
        assertFalse(machine.isLost("n1"));
        assertInstanceOf(Reply.Ok.class, machine.apply(new NodeLost("n1", 5, 1), effects()));
        assertEquals(List.of("n1/1"), closed);
        assertTrue(machine.connections().isEmpty());
        assertTrue(machine.queues().isEmpty(), "exclusive queues go with their connection");
        assertEquals(Admission.FENCED, batch("n1", 5, 2));
        up("n1", 6);
        assertEquals(Admission.ACCEPTED, batch("n1", 6, 1));
    }

    @Test
    void aRestartRemembersWhatWasApplied() {
        up("n1", 5);
        batch("n1", 5, 1);
        machine.commit(1, index);
        machine = new BrokerMachine(store.copy());
        assertEquals(5, machine.epochOf("n1"));
        assertEquals(1, machine.lastSeqOf("n1"));
        assertEquals(Admission.DUPLICATE, batch("n1", 5, 1));
    }

    private void up(String node, long epoch) {
        assertEquals(Admission.ACCEPTED, begin(node, epoch, 0, true));
        machine.apply(new NodeUp(node, epoch), effects());
        machine.end();
    }

    private Admission batch(String node, long epoch, long seq) {
        Admission a = begin(node, epoch, seq, false);
        machine.end();
        return a;
    }

    private Admission begin(String node, long epoch, long seq, boolean up) {
        return machine.begin(new Stamp(1, ++index, index), node, epoch, seq, up);
    }

    private static ConnectionInfo info() {
        ConnectionInfo.Endpoint e = new ConnectionInfo.Endpoint("127.0.0.1", 1);
        ConnectionInfo.Negotiated n = new ConnectionInfo.Negotiated(10, 4096, 60, "PLAIN", 1);
        return new ConnectionInfo("c", "/", "guest", e, e, n, Arguments.NONE);
    }

    private Effects effects() {
        return new Effects() {
            @Override
            public void deliver(Consumer consumer, Delivery delivery) {}

            @Override
            public void consumerCancelled(Consumer consumer) {}

            @Override
            public void connectionClosed(ConnectionId id, String reason) {
                closed.add(id.node() + "/" + id.number());
            }

            @Override
            public void unroutable(int ordinal) {}

            @Override
            public void publishRefused(int ordinal, Reply.Rejected why) {}
        };
    }
}
