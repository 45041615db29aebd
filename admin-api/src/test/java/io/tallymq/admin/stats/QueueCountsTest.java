package io.tallymq.admin.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    /** 2^n names with one hash. */
    private static List<String> alike(int n) {
        List<String> all = List.of("");
        for (int i = 0; i < n; i++) {
            List<String> longer = new ArrayList<>();
            all.forEach(s -> {
                longer.add(s + "Aa");
                longer.add(s + "BB");
            });
            all = longer;
        }
        return all;
    }

    /** Clients choose them, and each sample looks all of them up: it would take minutes. */
    @Test
    @Timeout(20)
    void namesWithOneHashAreFoundAtOnce() {
        Map<QueueCounts.Name, String> queues = new HashMap<>();
        Map<Sample.ExchangeName, String> exchanges = new HashMap<>();
        for (String name : alike(15)) {
            queues.put(new QueueCounts.Name("/", name), name);
            exchanges.put(new Sample.ExchangeName("/", name), name);
        }
        assertEquals(1 << 15, queues.size());
        assertEquals(1 << 15, exchanges.size());
        assertEquals(queues.get(new QueueCounts.Name("/", "AaBB".repeat(7) + "Aa")), "AaBB".repeat(7) + "Aa");
    }
}
