package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.AccessView;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An operator closes a connection: its node hears of it, and the state changes when that has closed it. */
class ForceCloseTest {
    private final MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    private Reply force(long number) {
        return node.apply(new ForceClose(new ConnectionId("n1", number), "maintenance"));
    }

    @Test
    void itsNodeHearsOfIt() {
        node.raise(4);
        node.declare("q");
        node.consume("q", 10);
        node.apply(OneNode.messages(3, 1, new Route("/", "", "q")));
        assertEquals(Reply.OK, force(1));
        assertEquals(List.of("n1:1 maintenance"), node.forced);
        assertEquals(1, node.machine.sizes().connections());
        assertEquals(3, node.queue("q").unacked(), "what the client was sent is its own until it is gone");
        assertEquals(Reply.OK, force(1), "as often as one likes");
        assertEquals(2, node.forced.size());

        node.apply(new CloseConnection(node.connection, List.of()));
        assertEquals(0, node.machine.sizes().connections());
        assertEquals(3, node.queue("q").ready());
        Reply.Rejected gone = assertInstanceOf(Reply.Rejected.class, force(1));
        assertEquals(404, gone.code());
        assertEquals(2, node.forced.size());
    }

    /** Once for each user whose connections are closed: who closes his own all day drives nothing out of the list. */
    @Test
    void whoAskedForItIsNoted() {
        node.raise(4);
        var asked = new ByUser("ann", "192.0.2.3", new ForceClose(node.connection, "maintenance"));
        assertEquals(
                540, assertInstanceOf(Reply.Rejected.class, node.apply(asked)).code());
        node.raise(5);
        assertEquals(Reply.OK, node.apply(asked));
        assertEquals(Reply.OK, node.apply(asked));
        assertEquals(2, node.forced.size());
        List<AccessView.AuditEntry> noted = node.machine.access().audit();
        assertEquals(1, noted.size());
        assertEquals(
                "ann 192.0.2.3 connection.close",
                noted.get(0).by() + " " + noted.get(0).from() + " "
                        + noted.get(0).what());
        assertTrue(
                noted.get(0).subject().endsWith(": maintenance"), noted.get(0).subject());
        node.apply(new CloseConnection(node.connection, List.of()));
        assertInstanceOf(Reply.Rejected.class, node.apply(asked));
        assertEquals(1, node.machine.access().audit().size());
    }

    /** Nothing of it is kept: who comes back from the store has forgotten it. */
    @Test
    void theStateStaysAsItIs() {
        node.raise(4);
        force(7);
        node.commit();
        long before = new BrokerMachine(store, MachineLimits.FORMAT_1).digest();
        assertEquals(before, node.machine.digest());
        assertEquals(List.of(), node.forced);
    }

    @Test
    void belowItsLevelItIsRefused() {
        node.raise(3);
        Reply.Rejected refused = assertInstanceOf(Reply.Rejected.class, force(1));
        assertEquals(540, refused.code());
        assertEquals(List.of(), node.forced);
    }
}
