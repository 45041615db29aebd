package io.tallymq.admin.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.FakeBroker;
import io.tallymq.admin.FakeView;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsumerRowsTest {
    private static ObjectNode details(int consumers) {
        List<ConsumerView> all =
                Collections.nCopies(consumers, FakeView.SMALL.consumers().get(0));
        ObjectNode row = Json.object();
        new ConsumerRows(new FakeBroker().status()).details(row, all.iterator());
        return row;
    }

    /** The others are in the list of all consumers, which is read in pieces. */
    @Test
    void aQueueTellsOfSoManyConsumersAtMost() {
        ObjectNode some = details(ConsumerRows.MOST_DETAILS);
        assertEquals(ConsumerRows.MOST_DETAILS, some.get("consumer_details").size());
        assertFalse(some.has("consumer_details_left_out"));
        ObjectNode many = details(50_000);
        assertEquals(ConsumerRows.MOST_DETAILS, many.get("consumer_details").size());
        assertEquals(49_500, many.get("consumer_details_left_out").asInt());
    }
}
