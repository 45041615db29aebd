package io.tallymq.admin.stats;

import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;

/** What a sample keeps of a queue: what rates are made of, and no more, since there may be 100,000. Samples in which it is the same share it. */
public record QueueCounts(Name name, long ready, long unacked, int consumers, Counters counters) {
    /** In an order, as clients may choose names whose hashes are the same. */
    record Name(String vhost, String name) implements Comparable<Name> {
        static Name of(QueueInfo queue) {
            return new Name(queue.vhost(), queue.name());
        }

        @Override
        public int compareTo(Name o) {
            int c = name.compareTo(o.name);
            return c == 0 ? vhost.compareTo(o.vhost) : c;
        }
    }

    /** @param was in the sample before; null if it was not there */
    static QueueCounts of(Name name, QueueInfo queue, QueueCounts was) {
        Name kept = was == null ? name : was.name;
        var is = new QueueCounts(kept, queue.ready(), queue.unacked(), queue.consumers(), queue.counters());
        return is.equals(was) ? was : is;
    }
}
