package io.tallymq.broker;

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
        if (r.entry() != null) {
            f.put("term", r.entry().term());
            f.put("index", r.entry().index());
            f.put("time", r.entry().time());
            f.put("durable_on", durableOn(r.entry().index(), status));
        }
        if (!r.text().isEmpty()) {
            f.put("code", (long) r.code());
            f.put("reason", r.text());
        }
        if (!r.places().isEmpty()) {
            f.put("queues", places(r.places()));
            f.put("queues_total", (long) r.queues());
        }
        f.put("asked_at_index", r.askedAt());
        if (r.forgottenUntil() > 0) {
            f.put("producers_forgotten_until", r.forgottenUntil());
        }
        return f;
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
        f.put("connections", (long) p.connections());
        f.put("used", p.used());
        f.put("asked_at_index", p.askedAt());
        return f;
    }
}
