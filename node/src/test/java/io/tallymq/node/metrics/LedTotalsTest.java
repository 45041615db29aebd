package io.tallymq.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.view.BrokerView.Changes;
import io.tallymq.broker.view.BrokerView.Counters;
import org.junit.jupiter.api.Test;

/** What came while a node led is counted by it, and by it alone. */
class LedTotalsTest {
    private final LedTotals totals = new LedTotals();

    private void look(long published, long declared, long created, long deleted, boolean leads) {
        totals.look(new Counters(published, 0, 0, 0, 0, 0), new Changes(published, declared, created, deleted), leads);
    }

    private String queues() {
        Changes q = totals.queues();
        return q.queuesDeclared() + " " + q.queuesCreated() + " " + q.queuesDeleted();
    }

    @Test
    void queuesThatCameAndWentBetweenTwoLooksAreCounted() {
        look(0, 10, 5, 3, true);
        assertEquals("0 0 0", queues(), "what was before the first look is not known to have come while it led");
        look(0, 13, 7, 5, true);
        assertEquals("3 2 2", queues());
        look(0, 20, 9, 6, false);
        assertEquals("3 2 2", queues(), "another one led");
        look(0, 21, 10, 6, true);
        assertEquals("4 3 2", queues());
    }

    /** A node whose state came whole from another one counts changes anew. */
    @Test
    void whatIsCountedAnewTakesNothingAway() {
        look(0, 10, 5, 3, true);
        look(0, 12, 6, 3, true);
        look(0, 1, 1, 0, true);
        assertEquals("2 1 0", queues());
        look(0, 2, 2, 1, true);
        assertEquals("3 2 1", queues());
    }
}
