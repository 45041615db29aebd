package io.tallymq.admin.stats;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/**
 * Changes per second between two samples. Where there is no pair of samples (a new queue, a node that has just started) there
 * is no rate: none is made up.
 *
 * @param older null when there is no pair
 */
public record Rates(Sample older, Sample newer) {
    public static final Rates NONE = new Rates(null, null);
    private static final double NANOS_PER_SECOND = 1e9;

    public OptionalDouble of(ToLongFunction<Sample> value) {
        return older == null ? OptionalDouble.empty() : perSecond(value.applyAsLong(older), value.applyAsLong(newer));
    }

    public OptionalDouble ofTraffic(ToLongFunction<ClientTraffic.Totals> value) {
        if (older == null || older.traffic().isEmpty() || newer.traffic().isEmpty()) {
            return OptionalDouble.empty();
        }
        return perSecond(
                value.applyAsLong(older.traffic().get()),
                value.applyAsLong(newer.traffic().get()));
    }

    /** One queue in both samples, or null when it was not there or was made anew between them. */
    public QueuePair of(QueueInfo queue) {
        if (older == null) {
            return null;
        }
        var name = Sample.QueueName.of(queue);
        QueueInfo was = older.queues().get(name);
        QueueInfo is = newer.queues().get(name);
        // A queue that was deleted and made anew counts from zero again.
        boolean same = was != null
                && is != null
                && is.counters().published() >= was.counters().published();
        return same ? new QueuePair(was, is) : null;
    }

    public record QueuePair(QueueInfo was, QueueInfo is) {}

    public OptionalDouble of(QueuePair pair, ToLongFunction<QueueInfo> value) {
        return pair == null
                ? OptionalDouble.empty()
                : perSecond(value.applyAsLong(pair.was), value.applyAsLong(pair.is));
    }

    public OptionalDouble of(ConnectionId connection, ToLongFunction<ClientTraffic.Counters> value) {
        if (older == null) {
            return OptionalDouble.empty();
        }
        ClientTraffic.Counters was = older.connections().get(connection);
        ClientTraffic.Counters is = newer.connections().get(connection);
        return was == null || is == null
                ? OptionalDouble.empty()
                : perSecond(value.applyAsLong(was), value.applyAsLong(is));
    }

    private OptionalDouble perSecond(long was, long is) {
        double rate = (is - was) * NANOS_PER_SECOND / (newer.nanos() - older.nanos());
        return OptionalDouble.of(Math.round(rate * 100) / 100.0);
    }

    /** Sets a value and, where it is known, its rate. */
    public static void put(ObjectNode to, String field, long value, OptionalDouble rate) {
        to.put(field, value);
        if (rate.isPresent()) {
            to.putObject(field + "_details").put("rate", rate.getAsDouble());
        }
    }

    /** Gives the rate of one of the counters. */
    @FunctionalInterface
    public interface CounterRate {
        OptionalDouble of(ToLongFunction<Counters> counter);
    }

    /** RabbitMQ's message_stats, as far as every queue counts them. */
    public static ObjectNode messageStats(Counters counters, CounterRate rate) {
        ObjectNode stats = Json.object();
        put(stats, "publish", counters.published(), rate.of(Counters::published));
        put(stats, "deliver_get", counters.delivered(), rate.of(Counters::delivered));
        put(stats, "redeliver", counters.redelivered(), rate.of(Counters::redelivered));
        put(stats, "ack", counters.acked(), rate.of(Counters::acked));
        put(stats, "drop_overflow", counters.overflowed(), rate.of(Counters::overflowed));
        put(stats, "replaced", counters.replaced(), rate.of(Counters::replaced));
        put(stats, "drop_expired", counters.deaths().expired(), rate.of(c -> c.deaths()
                .expired()));
        put(stats, "drop_rejected", counters.deaths().rejected(), rate.of(c -> c.deaths()
                .rejected()));
        put(stats, "drop_delivery_limit", counters.deaths().failed(), rate.of(c -> c.deaths()
                .failed()));
        put(stats, "dead_lettered", counters.deaths().deadLettered(), rate.of(c -> c.deaths()
                .deadLettered()));
        put(stats, "dead_letter_lost", counters.deaths().deadDropped(), rate.of(c -> c.deaths()
                .deadDropped()));
        return stats;
    }
}
