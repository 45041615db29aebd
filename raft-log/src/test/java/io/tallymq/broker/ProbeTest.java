package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.RecentDigests;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
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

    private static final MachineLimits LARGE = BrokerMachineLogTest.SMALL.withState(StateLimits.DEFAULTS);

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
        machine.begin(new Stamp(1, 1, 5), "n1", 1, 0, true);
        machine.apply(new NodeUp("n1", 1), IGNORED);
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

    /** In single steps; what changes meanwhile is in it or not, the same everywhere. */
    @Test
    void aLargeStateIsDigestedByLaterEntries() {
        MemoryStore stored = new MemoryStore(0);
        OneNode one = new OneNode(new MemoryStore(0), LARGE);
        OneNode other = new OneNode(stored, LARGE);
        OneNode different = new OneNode(new MemoryStore(0), LARGE);
        OneNode same = new OneNode(new MemoryStore(), LARGE);
        List<OneNode> all = List.of(one, same, other, different);
        for (int i = 0; i < 6; i++) {
            String queue = "q" + i;
            all.forEach(n -> n.declare(n == different && queue.equals("q4") ? "another" : queue));
        }
        all.forEach(
                n -> assertEquals(new Reply.Probed(n.index + 1, 0), n.apply(new Probe(true)), "the state is large"));
        long asked = one.index;
        assertTrue(one.machine.recentDigests().isEmpty());
        assertTrue(one.machine.owes());
        other.commit();
        for (int i = 0; one.machine.owes(); i++) {
            if (i == 3) {
                all.forEach(n -> n.declare("late"));
            }
            if (i == 5) {
                other.commit();
                other.machine = new BrokerMachine(stored.copy(), LARGE);
            }
            all.forEach(n -> n.apply(new Probe(false)));
        }
        assertEquals(asked, one.machine.recentDigests().get(0).index());
        assertEquals(one.machine.recentDigests(), same.machine.recentDigests());
        assertTrue(other.machine.recentDigests().isEmpty(), "it was started meanwhile, and claims nothing");
        assertTrue(different.machine.recentDigests().get(0).digest()
                != one.machine.recentDigests().get(0).digest());
    }

    /** A node with one queue, of whose messages it remembers so many keys from the first one on. */
    private static OneNode remembering(long first, int keys) {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q", Map.of("x-message-deduplication", true, "x-cache-size", 2_000L));
        List<String> all = LongStream.range(first, first + keys)
                .mapToObj(k -> Long.toString(10_000 + k))
                .toList();
        node.apply(GroupsTest.messages(0, "x-deduplication-header", all));
        assertEquals(keys, node.machine.used(StateLimit.SEEN_KEYS));
        return node;
    }

    /** Also those of one queue are not walked in one entry. */
    @Test
    void soAreManyKeysThatAreRemembered() {
        List<OneNode> all = List.of(remembering(0, 1_100), remembering(0, 1_100), remembering(1, 1_100));
        OneNode one = all.get(0);
        all.forEach(n -> assertEquals(new Reply.Probed(n.index + 1, 0), n.apply(new Probe(true))));
        int entries = 1;
        for (; one.machine.owes(); entries++) {
            all.forEach(n -> n.apply(new Probe(false)));
        }
        assertEquals(5, entries, "250 units each");
        assertEquals(one.machine.recentDigests(), all.get(1).machine.recentDigests());
        assertTrue(one.machine.recentDigests().get(0).digest()
                != all.get(2).machine.recentDigests().get(0).digest());
    }

    private static Reply.Probed probe(BrokerMachine machine, long index, boolean digest) {
        machine.begin(new Stamp(1, index, 1), "n1", 1, index, false);
        return assertInstanceOf(Reply.Probed.class, machine.apply(new Probe(digest), IGNORED));
    }
}
