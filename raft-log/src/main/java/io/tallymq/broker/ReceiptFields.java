package io.tallymq.broker;

import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * What is told of a receipt, by name: the same over HTTP and AMQP. Values are strings, longs, booleans, lists and maps of these; times are
 * milliseconds since the epoch.
 */
public final class ReceiptFields {
    private ReceiptFields() {}

    /**
     * Those of one publish.
     *
     * @param durableOn as {@link Broker#durableOn}
     */
    public static Map<String, Object> of(Receipt r, LongFunction<List<String>> durableOn) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", r.vhost());
        f.put("producer", r.producer());
        f.put("seq", r.seq());
        f.put("outcome", r.outcome());
        f.put("final", r.isFinal());
        f.put("epoch", r.epoch());
        f.put("last", r.last());
        entry(f, r.entry(), durableOn);
        if (!r.text().isEmpty()) {
            f.put("code", (long) r.code());
            f.put("reason", r.text());
        }
        places(f, r.places(), r.queues());
        if (r.entry() != null) {
            f.put("duplicates", r.duplicates());
        }
        f.put("asked_at_index", r.askedAt());
        forgotten(f, r.forgottenUntil());
        return f;
    }

    /**
     * Those of one publish that has an id.
     *
     * @param durableOn as above
     */
    public static Map<String, Object> of(IdReceipt r, LongFunction<List<String>> durableOn) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", r.vhost());
        f.put("exchange", r.exchange());
        f.put("id", r.id());
        f.put("outcome", r.outcome());
        f.put("final", r.isFinal());
        entry(f, r.entry(), durableOn);
        places(f, r.places(), r.queues());
        if (r.entry() != null) {
            f.put("duplicates", r.duplicates());
        }
        f.put("window", r.window());
        f.put("known_since", r.knownBehind() + 1);
        f.put("asked_at_index", r.askedAt());
        return f;
    }

    private static void forgotten(Map<String, Object> f, long until) {
        if (until > 0) {
            f.put("producers_forgotten_until", until);
        }
    }

    private static void entry(Map<String, Object> f, Receipt.Entry entry, LongFunction<List<String>> durableOn) {
        if (entry != null) {
            f.put("term", entry.term());
            f.put("index", entry.index());
            f.put("time", entry.time());
            f.put("durable_on", durableOn.apply(entry.index()));
        }
    }

    private static void places(Map<String, Object> f, List<Receipt.Place> places, int queues) {
        if (!places.isEmpty()) {
            f.put("queues", places(places));
            f.put("queues_total", (long) queues);
        }
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
        if (p.first() < 0) {
            f.put("begins", true);
        } else {
            f.put("window_from", p.first());
        }
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
        forgotten(f, p.forgottenUntil());
        return f;
    }
}
