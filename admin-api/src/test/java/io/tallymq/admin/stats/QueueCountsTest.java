package io.tallymq.admin.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import org.junit.jupiter.api.Test;

class QueueCountsTest {
    private static QueueCounts look(long published, QueueCounts was) {
        var counters = new Counters(published, 0, 0, 0, 0, 0);
        var info = new QueueInfo("/", "q", null, null, null, 1, 0, 0, 0, 0, counters, null);
        return QueueCounts.of(QueueCounts.Name.of(info), info, was);
    }

    /** Most of many queues are idle: they cost once, in however many samples they are. */
    @Test
    void whatIsTheSameIsKeptOnce() {
        QueueCounts first = look(1, null);
        assertSame(first, look(1, first));
        QueueCounts next = look(2, first);
        assertNotSame(first, next);
        assertSame(first.name(), next.name());
        assertEquals(2, next.counters().published());
    }
}
