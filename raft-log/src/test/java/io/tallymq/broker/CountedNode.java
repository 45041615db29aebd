package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;

/** A machine of {@link OneNode} whose store counts what an entry does, and that can start again from what is committed. */
final class CountedNode {
    /** Entries after which it starts again while it is owed something. */
    private static final int RESTART_AFTER = 2;

    private final long most;
    private MemoryStore memory = new MemoryStore(0);
    private CountingStore store = new CountingStore(memory);
    final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    /** @param most operations of the store in one entry */
    CountedNode(long most) {
        this.most = most;
    }

    MemoryStore memory() {
        return memory;
    }

    CountingStore store() {
        return store;
    }

    /** An entry and its commit. */
    Reply apply(Command c) {
        Reply r = node.apply(c);
        node.commit();
        return r;
    }

    void restart() {
        long digest = node.machine.digest();
        memory = memory.copy();
        CountingStore before = store;
        store = new CountingStore(memory);
        store.mostOperations = before.mostOperations;
        store.mostLoads = before.mostLoads;
        node.machine = new BrokerMachine(store);
        assertEquals(digest, node.machine.digest());
    }

    /** Lets empty entries follow until nothing is owed; returns how many. A restart in between changes nothing. */
    int settle() {
        int entries = 0;
        while (node.machine.owes()) {
            apply(new Probe(false));
            if (++entries == RESTART_AFTER) {
                restart();
            }
        }
        assertTrue(store.mostOperations <= most, store.mostOperations + " operations in one entry");
        return entries;
    }

    /** The same, whatever an entry does. */
    void settleUncounted() {
        while (node.machine.owes()) {
            apply(new Probe(false));
        }
    }

    /** Nothing of these types is stored. */
    void assertEmpty(byte... types) {
        for (byte type : types) {
            memory.scan(Keys.of(type), (k, v) -> assertEquals(0, k.length, "a record of type " + type));
        }
    }
}
