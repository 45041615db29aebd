package io.tallymq.broker;

import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.AfterEach;

/** Tests of one node: whatever they did, the same comes back from the store. */
abstract class OneNodeTest {
    final OneNode node;

    OneNodeTest() {
        this(MachineLimits.FORMAT_1);
    }

    OneNodeTest(MachineLimits limits) {
        node = new OneNode(new MemoryStore(0), limits);
    }

    /** What is committed, and what is written since. */
    final MemoryStore store() {
        return node.memory;
    }

    @AfterEach
    void restart() {
        node.restart();
    }
}
