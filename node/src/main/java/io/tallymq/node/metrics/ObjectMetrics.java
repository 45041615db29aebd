package io.tallymq.node.metrics;

import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Pieces;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.amqp.session.AmqpConnectionInfo;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.broker.Broker;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.QueueHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Numbers of single queues and connections: {@code /metrics/per-object} and {@code /metrics/detailed}. Read and written some at a time, and of the first
 * {@link #MOST} queues or connections only. All nodes tell of all queues: ask one of them. Connections are those of the node that is asked.
 */
public final class ObjectMetrics {
    /** So many queues, and so many connections, are told of. */
    public static final int MOST = 10_000;

    private static final String PLAIN = "rabbitmq_";

    /** One metric of a kind of object. */
    private record Column<T>(String name, String help, boolean counter, ToDoubleFunction<T> value) {}

    private static final List<Column<QueueInfo>> QUEUE_COUNTS = List.of(
            new Column<>("queue_messages_ready", "Messages that consumers can get", false, QueueInfo::ready),
            new Column<>("queue_messages_unacked", "Messages that consumers have", false, QueueInfo::unacked),
            new Column<>("queue_messages", "Both together", false, q -> q.ready() + q.unacked()));

    private static final List<Column<QueueInfo>> QUEUE_CONSUMERS =
            List.of(new Column<>("queue_consumers", "Consumers", false, QueueInfo::consumers));

    /** What is known of each queue beside {@link #age}. */
    private static final List<Column<QueueInfo>> QUEUE_MORE = List.of(
            new Column<>("queue_messages_ready_bytes", "Bytes of ready bodies", false, QueueInfo::readyBytes),
            new Column<>("queue_messages_unacked_bytes", "Bytes of unacked bodies", false, QueueInfo::unackedBytes),
            new Column<>("queue_messages_published_total", "Messages put in", true, q -> q.counters()
                    .published()),
            new Column<>("queue_messages_delivered_total", "Messages handed out", true, q -> q.counters()
                    .delivered()),
            new Column<>("queue_messages_redelivered_total", "Messages handed out again", true, q -> q.counters()
                    .redelivered()),
            new Column<>("queue_messages_acked_total", "Messages acknowledged", true, q -> q.counters()
                    .acked()));

    private static final List<Column<AmqpConnectionInfo>> CONNECTIONS = List.of(
            new Column<>("connection_incoming_bytes_total", "Bytes received", true, c -> c.traffic()
                    .receivedBytes()),
            new Column<>("connection_outgoing_bytes_total", "Bytes sent", true, c -> c.traffic()
                    .sentBytes()),
            new Column<>("connection_channels", "Open channels", false, AmqpConnectionInfo::channels));

    /** RabbitMQ's families, as far as there is something to tell. */
    private static final Set<String> QUEUE_FAMILIES = Set.of("queue_coarse_metrics", "queue_metrics");

    private static final String AGE = "queue_head_message_age_seconds";

    private final Broker broker;
    private final ConnectionRegistry clients;
    private final LongSupplier clock;
    private final Column<QueueInfo> age =
            new Column<>(AGE, "Since the oldest message came; nothing where only the disk knows", false, this::age);

    /** @param clock milliseconds since the epoch */
    public ObjectMetrics(Broker broker, ConnectionRegistry clients, LongSupplier clock) {
        this.broker = broker;
        this.clients = clients;
        this.clock = clock;
    }

    /** No number for an empty queue, and when memory does not tell. */
    private double age(QueueInfo q) {
        QueueHead head = broker.read(v -> v.head(q.vhost(), q.name()));
        return head == null ? Double.NaN : Math.max(0, clock.getAsLong() - head.publishedAt()) / 1_000.0;
    }

    /** What {@link #perObject} tells object by object: sums of the same name are left out beside it, or they would be counted twice. */
    public static Set<String> perObjectNames() {
        Stream<Column<?>> all = Stream.of(QUEUE_COUNTS, QUEUE_CONSUMERS, QUEUE_MORE, CONNECTIONS)
                .flatMap(List::stream);
        return Stream.concat(all.map(c -> c.name), Stream.of(AGE))
                .map(name -> PLAIN + name)
                .collect(Collectors.toSet());
    }

    /** All, under RabbitMQ's names. @param first what goes before, without {@link #perObjectNames} */
    public Pieces perObject(Supplier<byte[]> first) {
        List<Part> parts = new ArrayList<>();
        List.of(QUEUE_COUNTS, QUEUE_CONSUMERS, QUEUE_MORE)
                .forEach(columns -> columns.forEach(c -> parts.add(queues(PLAIN, c, Wanted.ALL))));
        parts.add(queues(PLAIN, age, Wanted.ALL));
        CONNECTIONS.forEach(c -> parts.add(connections(PLAIN, c)));
        return new Parts(first, parts);
    }

    /**
     * Of the families, virtual hosts and queues that the request names, with the prefix that RabbitMQ gives them. Each may be named more than once, as
     * Prometheus sends lists; families also with commas in between.
     */
    public Pieces detailed(ApiRequest request) {
        Set<String> families = request.target().all("family").stream()
                .flatMap(given -> Arrays.stream(given.split(",")))
                .collect(Collectors.toSet());
        Wanted wanted = new Wanted(given(request, "vhost"), given(request, "queue"));
        List<Part> parts = new ArrayList<>();
        if (families.stream().anyMatch(QUEUE_FAMILIES::contains)) {
            QUEUE_COUNTS.forEach(c -> parts.add(queues("rabbitmq_detailed_", c, wanted)));
        }
        if (families.contains("queue_metrics")) {
            QUEUE_MORE.forEach(c -> parts.add(queues("rabbitmq_detailed_", c, wanted)));
            parts.add(queues("rabbitmq_detailed_", age, wanted));
        }
        if (families.contains("queue_consumer_count") || families.contains("queue_metrics")) {
            QUEUE_CONSUMERS.forEach(c -> parts.add(queues("rabbitmq_detailed_", c, wanted)));
        }
        if (families.contains("connection_coarse_metrics")) {
            CONNECTIONS.forEach(c -> parts.add(connections("rabbitmq_detailed_", c)));
        }
        return new Parts(() -> new byte[0], parts);
    }

    private static Set<String> given(ApiRequest request, String parameter) {
        return request.target().all(parameter).stream()
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toSet());
    }

    /** Which queues are told of. @param vhosts empty for all @param queues empty for all */
    private record Wanted(Set<String> vhosts, Set<String> queues) {
        static final Wanted ALL = new Wanted(Set.of(), Set.of());

        boolean has(QueueInfo q) {
            return (vhosts.isEmpty() || vhosts.contains(q.vhost())) && (queues.isEmpty() || queues.contains(q.name()));
        }
    }

    private Part queues(String prefix, Column<QueueInfo> column, Wanted wanted) {
        return new Part() {
            private Iterator<QueueInfo> all;
            private int told;

            @Override
            public boolean write(MetricText out) {
                if (all == null) {
                    all = StateRows.queues(broker);
                    head(out, prefix, column);
                }
                while (all.hasNext() && told < MOST && out.length() < Pieces.BYTES) {
                    QueueInfo q = all.next();
                    if (wanted.has(q)) {
                        told++;
                        double value = column.value.applyAsDouble(q);
                        if (!Double.isNaN(value)) {
                            out.value(prefix + column.name, value, "vhost", q.vhost(), "queue", q.name());
                        }
                    }
                }
                return all.hasNext() && told < MOST;
            }
        };
    }

    private Part connections(String prefix, Column<AmqpConnectionInfo> column) {
        return out -> {
            head(out, prefix, column);
            clients.infos().stream()
                    .limit(MOST)
                    .forEach(c ->
                            out.value(prefix + column.name, column.value.applyAsDouble(c), "connection", c.name()));
            return false;
        };
    }

    private static void head(MetricText out, String prefix, Column<?> column) {
        if (column.counter) {
            out.counter(prefix + column.name, column.help);
        } else {
            out.gauge(prefix + column.name, column.help);
        }
    }

    /** One metric of all objects. */
    private interface Part {
        /** Writes about a piece of it. Returns whether there is more. */
        boolean write(MetricText out);
    }

    /** One after the other. */
    private static final class Parts implements Pieces {
        private final Iterator<Part> parts;
        private final MetricText out = new MetricText();
        private Supplier<byte[]> first;
        private Part part;

        Parts(Supplier<byte[]> first, List<Part> parts) {
            this.first = first;
            this.parts = parts.iterator();
        }

        @Override
        public boolean hasNext() {
            return first != null || part != null || parts.hasNext();
        }

        @Override
        public byte[] next() {
            if (first != null) {
                byte[] bytes = first.get();
                first = null;
                if (bytes.length > 0 || !hasNext()) {
                    return bytes;
                }
            }
            while ((part != null || parts.hasNext()) && out.length() < Pieces.BYTES) {
                if (part == null) {
                    part = parts.next();
                }
                if (!part.write(out)) {
                    part = null;
                }
            }
            return out.take();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
