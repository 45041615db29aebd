package io.tallymq.broker;

import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is told of a receipt, by name: the same over HTTP and AMQP. Values are strings, longs, booleans, lists and maps of these; times are
 * milliseconds since the epoch.
 */
public final class ReceiptFields {
    private ReceiptFields() {}

    /**
     * Those of one publish.
     *
     * @param status what this node knows of the others' logs: a node that is not named may have the entry, too
     */
    public static Map<String, Object> of(Receipt r, ClusterStatus status) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", r.vhost());
        f.put("producer", r.producer());
        f.put("seq", r.seq());
        f.put("outcome", r.outcome());
        f.put("final", r.isFinal());
        f.put("epoch", r.epoch());
        f.put("last", r.last());
        entry(f, r.entry(), status);
        if (!r.text().isEmpty()) {
            f.put("code", (long) r.code());
            f.put("reason", r.text());
        }
        places(f, r.places(), r.queues());
        if (r.entry() != null) {
            f.put("duplicates", r.duplicates());
        }
        f.put("asked_at_index", r.askedAt());
        if (r.forgottenUntil() > 0) {
            f.put("producers_forgotten_until", r.forgottenUntil());
        }
        return f;
    }

    /**
     * Those of one publish that has an id.
     *
     * @param status as above
     */
    public static Map<String, Object> of(IdReceipt r, ClusterStatus status) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", r.vhost());
        f.put("exchange", r.exchange());
        f.put("id", r.id());
        f.put("outcome", r.outcome());
        f.put("final", r.isFinal());
        entry(f, r.entry(), status);
        places(f, r.places(), r.queues());
        if (r.entry() != null) {
            f.put("duplicates", r.duplicates());
        }
        f.put("window", r.window());
        f.put("known_since", r.knownBehind() + 1);
        f.put("asked_at_index", r.askedAt());
        return f;
    }

    private static void entry(Map<String, Object> f, Receipt.Entry entry, ClusterStatus status) {
        if (entry != null) {
            f.put("term", entry.term());
            f.put("index", entry.index());
            f.put("time", entry.time());
            f.put("durable_on", durableOn(entry.index(), status));
        }
    }

    private static void places(Map<String, Object> f, List<Receipt.Place> places, int queues) {
        if (!places.isEmpty()) {
            f.put("queues", places(places));
            f.put("queues_total", (long) queues);
        }
    }

    private static List<Object> durableOn(long index, ClusterStatus status) {
        List<Object> nodes = new ArrayList<>();
        for (ClusterStatus.Member m : status.members()) {
            if (m.commitIndex() >= index) { // a node's commit index is never ahead of what its own log has flushed
                nodes.add(m.name());
            }
        }
        return nodes;
    }

    private static List<Object> places(List<Receipt.Place> places) {
        List<Object> all = new ArrayList<>();
        for (Receipt.Place p : places) {
            Map<String, Object> f = new LinkedHashMap<>();
            f.put("queue", p.queue());
            f.put("state", p.state());
            if (!p.from().isEmpty()) {
                f.put("from", p.from());
                f.put("because", p.why());
            }
            all.add(f);
        }
        return all;
    }

    /** Those of a producer. */
    public static Map<String, Object> of(Receipt.ProducerView p) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", p.vhost());
        f.put("producer", p.id());
        f.put("epoch", p.epoch());
        f.put("last", p.last());
        f.put("window_from", p.first());
        List<Object> gaps = new ArrayList<>();
        for (long[] gap : p.gaps()) {
            gaps.add(List.of(gap[0], gap[1]));
        }
        f.put("gaps", gaps);
        if (p.moreGaps()) {
            f.put("more_gaps", true);
        }
        f.put("connections", (long) p.connections());
        f.put("used", p.used());
        f.put("asked_at_index", p.askedAt());
        return f;
    }
}
