package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Replies that nobody reads are bounded for the node, and who reads goes on to get his. */
class ReplyBudgetTest {
    private static final int MIB = 1 << 20;

    private final NodeReplies node = new NodeReplies(4 * MIB);

    private ReplyBudget unread() {
        ReplyBudget budget = new ReplyBudget(node);
        while (budget.take(MIB / 2, 0)) {
            assertTrue(node.bytes() < 12 * MIB);
        }
        return budget;
    }

    @Test
    void whoReadsNothingGetsNoMoreWhileTheyAreScarce() {
        ReplyBudget first = unread();
        ReplyBudget second = unread();
        assertTrue(node.isScarce());
        ReplyBudget reader = new ReplyBudget(node);
        for (int i = 0; i < 100; i++) {
            assertTrue(reader.take(MIB, 0));
            assertFalse(reader.take(MIB, 0));
            reader.give(MIB, 0);
        }
        first.end();
        second.end();
        assertEquals(0, node.bytes());
        first.give(MIB / 2, 0);
        assertEquals(0, node.bytes());
        assertTrue(reader.take(MIB, 0));
        assertTrue(reader.take(MIB, 0));
    }

    @Test
    void nobodyGetsLargeOnesWhenTheyAreFull() {
        while (!node.isFull()) {
            assertTrue(new ReplyBudget(node).take(MIB, 0));
        }
        ReplyBudget reader = new ReplyBudget(node);
        assertFalse(reader.take(MIB, 0));
        assertTrue(reader.take(1_000, 0));
    }
}
