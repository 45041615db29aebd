package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.Broker;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The consumers that have a queue for themselves, whose tags are told in its row: exclusive ones, and the active ones of single active consumers. */
final class ConsumerTags {
    /** In an order, as clients may choose names whose hashes are the same. */
    private record Name(String vhost, String queue) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int c = queue.compareTo(o.queue);
            return c == 0 ? vhost.compareTo(o.vhost) : c;
        }
    }

    private final Map<Name, List<ConsumerView>> alone = new HashMap<>();

    /** Looks at all consumers once, in steps. */
    static ConsumerTags of(Broker broker) {
        ConsumerTags tags = new ConsumerTags();
        StateRows.consumers(broker).forEachRemaining(tags::add);
        return tags;
    }

    void add(ConsumerView c) {
        if (c.spec().exclusive() || c.single() && c.active()) {
            alone.computeIfAbsent(new Name(c.vhost(), c.queue()), n -> new ArrayList<>(1))
                    .add(c);
        }
    }

    void addTo(ObjectNode row, QueueInfo queue) {
        for (ConsumerView c : alone.getOrDefault(new Name(queue.vhost(), queue.name()), List.of())) {
            row.put(
                    c.spec().exclusive() ? "exclusive_consumer_tag" : "single_active_consumer_tag",
                    c.spec().tag());
        }
    }
}
