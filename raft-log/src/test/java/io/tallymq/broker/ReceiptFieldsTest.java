package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tallymq.broker.view.Receipt;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of a receipt beside what the state knows. */
class ReceiptFieldsTest {
    private static ClusterStatus.Member member(String name, long committed, long stored) {
        return new ClusterStatus.Member(name, name, "h", "FOLLOWER", true, 1, committed, stored, stored, 0, null, null);
    }

    private static Map<String, Object> told(Receipt.Entry entry, ClusterStatus.Member... members) {
        Receipt r = new Receipt("/", "p", 1, "stored", true, 0, 1, entry, 0, "", 0, List.of(), 3, 20, 0);
        return ReceiptFields.of(r, new ClusterStatus("c", "n1", "n1", 1, true, 5, List.of(members))::durableOn);
    }

    /** The store is written later than the log, and none of it has to be for a message to be safe on a node. */
    @Test
    void aNodeHasItDurableWhoseLogHas() {
        Map<String, Object> f =
                told(new Receipt.Entry(1, 10, 0), member("n1", 12, 3), member("n2", 10, 10), member("n3", 9, 9));
        assertEquals(List.of("n1", "n2"), f.get("durable_on"));
        assertEquals(3L, f.get("duplicates"));
    }

    @Test
    void ofWhatNoEntryBroughtNoneIsTold() {
        assertFalse(told(null, member("n1", 12, 12)).containsKey("durable_on"));
    }
}
