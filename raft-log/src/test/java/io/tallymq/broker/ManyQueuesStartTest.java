package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.Test;

/** A start with many queues looks for what is stored of single ones where there is something. */
class ManyQueuesStartTest {
    private static final int FEW = 10;
    private static final int MANY = 400;

    /** How often the store is looked through at a start. */
    private static long scansWith(int queues) {
        MemoryStore memory = new MemoryStore(0);
        OneNode node = new OneNode(memory, MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        for (int i = 0; i < queues; i++) {
            node.declare("q" + i);
        }
        node.commit();
        CountingStore store = new CountingStore(memory);
        assertEquals(node.machine.digest(), new BrokerMachine(store).digest());
        return store.scans;
    }

    @Test
    void emptyQueuesCostNoLooks() {
        assertEquals(scansWith(FEW), scansWith(MANY));
    }
}
