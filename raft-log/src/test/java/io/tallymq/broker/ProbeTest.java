package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.Test;

/** Replicas are compared by digests of the same entry, whichever of them was asked to write it. */
class ProbeTest {
    private static final Effects IGNORED = new Effects() {
        @Override
        public void deliver(Consumer consumer, Delivery delivery) {}

        @Override
        public void consumerCancelled(Consumer consumer) {}

        @Override
        public void connectionClosed(ConnectionId id, String reason) {}

        @Override
        public void unroutable(int ordinal) {}

        @Override
        public void publishRefused(int ordinal, Reply.Rejected why) {}
    };

    private final BrokerMachine machine = new BrokerMachine(new MemoryStore());
    private final BrokerMachine replica = new BrokerMachine(new MemoryStore());

    @Test
    void replicasRememberTheSameDigests() {
        probe(machine, 1, true);
        Reply.Probed probed = probe(replica, 1, true);
        assertEquals(machine.recentDigests(), replica.recentDigests());
        assertEquals(
                new BrokerView.DigestAt(1, probed.digest()),
                machine.recentDigests().get(0));
    }

    @Test
    void anotherStateHasAnotherDigest() {
        machine.begin(new Entry(1, 1, 5), "n1", 1, 0, true);
        machine.apply(new Command.NodeUp("n1", 1), IGNORED);
        long up = probe(machine, 2, true).digest();
        assertTrue(up != probe(replica, 2, true).digest());
    }

    @Test
    void onlyTheLastOnesAreRemembered() {
        for (int i = 1; i <= RecentDigests.MOST + 1; i++) {
            probe(machine, i, true);
        }
        probe(machine, RecentDigests.MOST + 2, false);
        assertEquals(RecentDigests.MOST, machine.recentDigests().size());
        assertEquals(2, machine.recentDigests().get(0).index());
    }

    private static Reply.Probed probe(BrokerMachine machine, long index, boolean digest) {
        machine.begin(new Entry(1, index, 1), "n1", 1, index, false);
        return assertInstanceOf(Reply.Probed.class, machine.apply(new Command.Probe(digest), IGNORED));
    }
}
