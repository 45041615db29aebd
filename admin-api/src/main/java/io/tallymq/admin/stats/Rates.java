package io.tallymq.admin.stats;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView.Changes;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.BrokerView.Ways;
import java.util.Map;
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

    /** Of what is counted anew when the node's state comes from another one. */
    public OptionalDouble ofChanges(ToLongFunction<Changes> value) {
        return older == null
                ? OptionalDouble.empty()
                : growth(value.applyAsLong(older.changes()), value.applyAsLong(newer.changes()));
    }

    public OptionalDouble ofTraffic(ToLongFunction<ClientTraffic.Totals> value) {
        if (older == null || older.traffic().isEmpty() || newer.traffic().isEmpty()) {
            return OptionalDouble.empty();
        }
        return perSecond(
                value.applyAsLong(older.traffic().get()),
                value.applyAsLong(newer.traffic().get()));
    }

    /** Of clients of all nodes: none while one of them has begun anew or is not heard of any more. */
    public OptionalDouble ofChurn(ToLongFunction<ClientTraffic.Churn> value) {
        if (older == null || older.churn().isEmpty() || newer.churn().isEmpty()) {
            return OptionalDouble.empty();
        }
        return growth(
                value.applyAsLong(older.churn().get()),
                value.applyAsLong(newer.churn().get()));
    }

    /** Of the clients of another node. */
    public OptionalDouble ofNode(String node, ToLongFunction<ClientTraffic.Churn> value) {
        ClientTraffic.Churn was = older == null ? null : older.others().get(node);
        ClientTraffic.Churn is = older == null ? null : newer.others().get(node);
        return was == null || is == null
                ? OptionalDouble.empty()
                : growth(value.applyAsLong(was), value.applyAsLong(is));
    }

    /** Of one exchange's counters. */
    public OptionalDouble of(ExchangeView exchange, ToLongFunction<ExchangeView> value) {
        if (older == null) {
            return OptionalDouble.empty();
        }
        var name = Sample.ExchangeName.of(exchange);
        ExchangeView was = older.exchanges().get(name);
        ExchangeView is = newer.exchanges().get(name);
        return was == null || is == null
                ? OptionalDouble.empty()
                : growth(value.applyAsLong(was), value.applyAsLong(is));
    }

    /** Of what a virtual host's queues and exchanges have counted: none while one of them has gone. */
    public OptionalDouble ofVhost(String vhost, ToLongFunction<VhostCounts> value) {
        if (older == null) {
            return OptionalDouble.empty();
        }
        VhostCounts was = older.vhosts().get(vhost);
        VhostCounts is = newer.vhosts().get(vhost);
        return was == null || is == null
                ? OptionalDouble.empty()
                : growth(value.applyAsLong(was), value.applyAsLong(is));
    }

    /** Of one channel's counters. */
    public OptionalDouble ofChannel(
            ConnectionId connection, int channel, ToLongFunction<ClientTraffic.ChannelMessages> value) {
        if (older == null) {
            return OptionalDouble.empty();
        }
        ClientTraffic.ChannelCounters was = channel(older, connection, channel);
        ClientTraffic.ChannelCounters is = channel(newer, connection, channel);
        return was == null || is == null
                ? OptionalDouble.empty()
                : growth(value.applyAsLong(was.messages()), value.applyAsLong(is.messages()));
    }

    private static ClientTraffic.ChannelCounters channel(Sample in, ConnectionId connection, int channel) {
        return in.channels().getOrDefault(connection, Map.of()).get(channel);
    }

    /** Of what only grows: where it has not, it was begun anew. */
    private OptionalDouble growth(long was, long is) {
        return is < was ? OptionalDouble.empty() : perSecond(was, is);
    }

    /** One queue in both samples, or null when it was not there or was made anew between them. */
    public QueuePair of(QueueInfo queue) {
        if (older == null) {
            return null;
        }
        var name = QueueCounts.Name.of(queue);
        QueueCounts was = older.queues().get(name);
        QueueCounts is = newer.queues().get(name);
        // A queue that was deleted and made anew counts from zero again.
        boolean same = was != null && is != null && hasGrown(was.counters(), is.counters());
        return same ? new QueuePair(was, is) : null;
    }

    private static boolean hasGrown(Counters was, Counters is) {
        return is.published() >= was.published()
                && is.delivered() >= was.delivered()
                && is.redelivered() >= was.redelivered()
                && is.acked() >= was.acked();
    }

    public record QueuePair(QueueCounts was, QueueCounts is) {}

    public OptionalDouble of(QueuePair pair, ToLongFunction<QueueCounts> value) {
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

    /** Messages that consumers got who ack. */
    private static long delivered(Counters c) {
        return c.delivered() - c.ways().noAck() - c.ways().got() - c.ways().gotNoAck();
    }

    /** RabbitMQ's message_stats, as far as every queue counts them. */
    public static ObjectNode messageStats(Counters counters, CounterRate rate) {
        ObjectNode stats = Json.object();
        put(stats, "publish", counters.published(), rate.of(Counters::published));
        Ways ways = counters.ways();
        put(stats, "deliver", delivered(counters), rate.of(Rates::delivered));
        put(stats, "deliver_no_ack", ways.noAck(), rate.of(c -> c.ways().noAck()));
        put(stats, "get", ways.got(), rate.of(c -> c.ways().got()));
        put(stats, "get_no_ack", ways.gotNoAck(), rate.of(c -> c.ways().gotNoAck()));
        put(stats, "get_empty", ways.gotNothing(), rate.of(c -> c.ways().gotNothing()));
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
        put(stats, "dead_letter_copies_lost", counters.deaths().copiesLost(), rate.of(c -> c.deaths()
                .copiesLost()));
        return stats;
    }
}
