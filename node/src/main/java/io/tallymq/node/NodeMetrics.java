package io.tallymq.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tallymq.admin.AdminServer;
import io.tallymq.admin.request.AdminRoute;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Pieces;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.session.ClientErrors;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.settings.IdSettings;
import io.tallymq.login.Logins;
import io.tallymq.node.config.DescriptorPlan;
import io.tallymq.node.metrics.MemoryMetrics;
import io.tallymq.node.metrics.MetricText;
import io.tallymq.node.metrics.ObjectMetrics;
import io.tallymq.node.metrics.PhaseMetrics;
import io.tallymq.node.metrics.RabbitMetrics;
import io.tallymq.raft.RaftBroker;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.raft.session.RuntimeMetrics;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.store.StoreMetrics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The node's numbers for Prometheus; each limit of the broker has one that shows how close it is. */
final class NodeMetrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final RaftBroker broker;
    private final RabbitMetrics rabbit;
    private final ObjectMetrics objects;

    /** @param rabbit under RabbitMQ's names */
    NodeMetrics(RaftBroker broker, RocksStores stores, AmqpServer amqp, RabbitMetrics rabbit) {
        this.broker = broker;
        this.rabbit = rabbit;
        this.objects = new ObjectMetrics(broker, amqp.registry(), System::currentTimeMillis);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
        tasks("broker", broker, RaftBroker::failedTasks);
        tasks("store", stores, RocksStores::failedTasks);
        tasks("amqp", amqp, AmqpServer::failedTasks);
        batches(broker);
        store(stores);
        ports(broker, amqp);
        state(broker);
        gauge("tallymq.connections", "client connections of this node", amqp, a -> a.registry()
                .size());
        gauge("tallymq.connections.refused", "connections refused at the limit", amqp, AmqpServer::refusedConnections);
        gauge(
                "tallymq.handshakes",
                "connections that have not logged in, of clients whose address is known",
                amqp,
                a -> a.newcomers().count());
        gauge(
                "tallymq.handshakes.refused",
                "connections closed as too many of their address had not logged in",
                amqp,
                a -> a.newcomers().refused());
        gauge(
                "tallymq.connections.stuck",
                "connections dropped because their clients read nothing",
                amqp,
                a -> a.registry().stuck());
        gauge("tallymq.channels", "open channels of this node", amqp, a -> a.registry()
                .channelsOpen());
        gauge("tallymq.channels.limit", "most open channels of this node, by its heap", amqp, a -> a.registry()
                .mostChannels());
        gauge("tallymq.channels.refused", "channels refused at that limit", amqp, a -> a.registry()
                .channelsRefused());
        gauge(
                "tallymq.publish.bytes",
                "bytes reserved for messages that clients have sent in part",
                amqp,
                a -> a.publishBudget().bytes());
        gauge("tallymq.publish.waiting", "connections not read for want of that memory", amqp, a -> a.publishBudget()
                .waiting());
        gauge(
                "tallymq.publish.evicted",
                "connections closed because too little came of what they began while others waited",
                amqp,
                a -> a.publishBudget().evicted());
        gauge(
                "tallymq.outbound.bytes",
                "bytes for clients that their sockets have not taken",
                amqp,
                a -> a.outboundBudget().bytes());
        gauge(
                "tallymq.outbound.waiting",
                "connections that get nothing as that memory is full",
                amqp,
                a -> a.outboundBudget().waiting());
        gauge(
                "tallymq.unsettled.runs",
                "runs of delivery tags that clients have not settled, of channels with more than a few",
                amqp,
                a -> a.tagBudget().runs());
        channelErrors(amqp.errors());
        filters(amqp.filterCounts());
        gauge("tallymq.body.bytes", "bytes of large bodies in memory on their way to clients", amqp, a -> a.bodyBudget()
                .bytes());
        gauge("tallymq.body.waiting", "large bodies whose next part waits for room", amqp, a -> a.bodyBudget()
                .waiting());
    }

    private void channelErrors(ClientErrors errors) {
        for (ReplyCode code : ReplyCode.values()) {
            if (code.kind() == ReplyCode.Kind.SOFT) {
                FunctionCounter.builder("tallymq.channel.errors", errors, e -> e.channels(code))
                        .description("channels of clients that were closed with an error")
                        .tag("code", String.valueOf(code.code()))
                        .tag("name", code.name().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
        }
    }

    private void filters(FilterCounts c) {
        filtered("looked", "messages that filters of consumers were asked about", c, FilterCounts::looked);
        filtered("skipped", "of these, those that did not match", c, FilterCounts::skipped);
        filtered("taken", "messages that consumers with a filter took", c, FilterCounts::taken);
        filtered("lost", "messages that matched and were others' when their turn came", c, FilterCounts::lost);
        filtered("full", "times a consumer waited as its queue is in too many pieces", c, FilterCounts::full);
    }

    private void filtered(String name, String what, FilterCounts c, ToDoubleFunction<FilterCounts> of) {
        FunctionCounter.builder("tallymq.filter." + name, c, of)
                .description(what)
                .register(registry);
    }

    /** Counts failures of what a part of the node does by the clock. */
    final <T> void tasks(String part, T of, ToDoubleFunction<T> failures) {
        FunctionCounter.builder("tallymq.tasks.failed", of, failures)
                .description("runs of something done by the clock that failed and were tried again: see the log")
                .tag("part", part)
                .register(registry);
    }

    /** How many connections fit, beside how many there are. */
    final void http(AdminServer admin, DescriptorPlan plan) {
        gauge("tallymq.http.connections", "HTTP connections of this node", admin, AdminServer::connections);
        gauge("tallymq.http.connections.limit", "HTTP connections that fit", plan, DescriptorPlan::http);
        gauge("tallymq.connections.limit", "client connections that fit", plan, DescriptorPlan::amqp);
    }

    /** How many wait to be let in. */
    final void logins(Logins logins) {
        gauge("tallymq.logins.waiting", "logins that wait for their password to be compared", logins, Logins::waiting);
        FunctionCounter.builder("tallymq.logins.turned.away", logins, Logins::turnedAway)
                .description(
                        "logins that are to come again: too many of their address or of all waited, or this node was behind")
                .register(registry);
    }

    /**
     * How long a certificate is good.
     *
     * @param shown to whom: {@code clients}, {@code nodes}
     */
    final <T> void certificate(String shown, T of, Function<T, Instant> end) {
        Gauge.builder("tallymq.tls.certificate.seconds", of, i -> Duration.between(Instant.now(), end.apply(i))
                        .toSeconds())
                .description(
                        "until the first certificate ends of what clients or nodes are shown, its chain and the authorities; negative when it has")
                .tag("shown_to", shown)
                .register(registry);
    }

    private void batches(RaftBroker broker) {
        RuntimeMetrics m = broker.runtime().metrics();
        counter("tallymq.batches.sent", "batches sent to the leader", m, RuntimeMetrics::sentBatches);
        counter("tallymq.batches.resent", "batches sent again", m, RuntimeMetrics::resentBatches);
        counter("tallymq.batches.sent.bytes", "bytes of batches sent, packed", m, RuntimeMetrics::sentBytes);
        counter("tallymq.batches.gathered.bytes", "the same, not packed", m, RuntimeMetrics::gatheredBytes);
        counter("tallymq.batches.applied", "batches of this node applied", m, RuntimeMetrics::ownBatches);
        counter(
                "tallymq.messages.applied",
                "messages published through this node and applied",
                m,
                RuntimeMetrics::ownMessages);
        counter("tallymq.log.entries", "entries applied", m, RuntimeMetrics::entries);
        counter(
                "tallymq.log.batches",
                "batches in them: of several nodes, if they came at once",
                m,
                RuntimeMetrics::batches);
        counter("tallymq.log.bytes", "bytes of entries applied", m, RuntimeMetrics::entryBytes);
        counter("tallymq.log.duplicates", "entries passed over: applied before", m, RuntimeMetrics::duplicates);
        counter("tallymq.log.gaps", "entries passed over: an earlier batch was missing", m, RuntimeMetrics::gaps);
        counter("tallymq.apply.nanoseconds", "time spent applying", m, RuntimeMetrics::applyNanos);
        counter("tallymq.log.entries.slow", "entries that took more than 20 ms", m, RuntimeMetrics::slowEntries);
        gauge("tallymq.log.entry.slowest.nanoseconds", "what one took at most", m, RuntimeMetrics::slowestEntryNanos);
        counter(
                "tallymq.flush.nanoseconds",
                "time spent committing and telling sessions",
                m,
                RuntimeMetrics::flushNanos);
        counter("tallymq.flushes", "commits to the store", m, RuntimeMetrics::flushes);
        counter(
                "tallymq.registrations",
                "times this node was declared lost and came back",
                m,
                RuntimeMetrics::registrations);
        counter("tallymq.blockings", "times publishers were blocked", m, RuntimeMetrics::blockings);
        counter(
                "tallymq.withholdings",
                "times deliveries waited because this node may have been left behind",
                m,
                RuntimeMetrics::withholdings);
        counter(
                "tallymq.direct.replies.dropped",
                "direct replies that were not delivered because their client reads too slowly",
                m,
                RuntimeMetrics::droppedReplies);
        counter(
                "tallymq.traces",
                "messages whose publishers asked for their times (x-trace)",
                m,
                RuntimeMetrics::traced);
        counter(
                "tallymq.traces.skipped",
                "those that were not traced: more than 16 in a batch, or trace.messages is 0",
                m,
                RuntimeMetrics::skippedTraces);
        gauge("tallymq.traces.kept", "traced messages that this node can tell of", broker, b -> b.traceBook()
                .size());
        gauge("tallymq.traces.limit", "the most that it keeps", broker, b -> b.traceBook()
                .most());
        Pacer pacer = broker.runtime().pacer();
        FunctionCounter.builder("tallymq.confirms.held", pacer, Pacer::everHeld)
                .description("confirms that waited for consumers on a full machine")
                .register(registry);
        FunctionCounter.builder("tallymq.confirms.held.nanoseconds", pacer, Pacer::heldNanos)
                .description("time that they waited")
                .register(registry);
        gauge("tallymq.confirms.holding", "confirms that wait for consumers now", pacer, Pacer::held);
        gauge("tallymq.batches.in.flight", "batches sent and not applied", broker, b -> b.runtime()
                .inFlightBatches());
        gauge("tallymq.pending.bytes", "bytes gathered or sent and not applied", broker, b -> b.runtime()
                .pendingBytes());
        gauge(
                "tallymq.log.waiting.batches",
                "batches at this leader that wait for the entry on its way",
                broker,
                b -> b.waitingBatches());
        gauge("tallymq.reads.waiting", "reads of the store that wait for a thread", broker, b -> b.runtime()
                .waitingReads());
        gauge(
                "tallymq.confirms.awaiting.all",
                "channels, commits and requests that wait until all nodes have copies (x-confirm: all)",
                broker,
                b -> b.copiesAwaited().count());
        gauge(
                "tallymq.blocked",
                "1 while publishers are blocked",
                broker,
                b -> b.runtime().blockedReason() == null ? 0 : 1);
        gauge(
                "tallymq.heap.kept.bytes",
                "bytes of the heap that were in use for good, or are in use, when they are few",
                broker,
                b -> heap(b).kept());
        gauge(
                "tallymq.heap.kept.limit.bytes",
                "bytes with which publishers are blocked and nothing can be added",
                broker,
                b -> heap(b).limit());
        gauge("tallymq.level", "the cluster's level as applied here, see decision 013", broker, b -> b.runtime()
                .level());
        gauge(
                "tallymq.serving",
                "1 while publishes would be confirmed",
                broker,
                b -> b.status().serving() ? 1 : 0);
    }

    private static NodeVitals.Heap heap(RaftBroker broker) {
        NodeVitals own = broker.vitals().get(broker.node());
        return own == null ? NodeVitals.Heap.UNKNOWN : own.heap();
    }

    private void ports(RaftBroker broker, AmqpServer amqp) {
        refused("amqp", amqp, AmqpServer::refused);
        refused("raft", broker, b -> b.logGauges().raftRefusals());
        refused("link", broker, b -> b.logGauges().linkRefusals());
        gauge(
                "tallymq.checkpoint.holds",
                "nodes for which the log is kept behind a checkpoint",
                broker,
                b -> b.logGauges().checkpointHolds());
        gauge(
                "tallymq.log.flush.pending.nanoseconds",
                "how long the oldest entry that this disk lacks has been waiting",
                broker,
                b -> b.logGauges().flushPendingNanos());
        gauge(
                "tallymq.raft.rank",
                "how well this node would lead: 0 fit, 1 slow, 2 behind, 3 late; see decision 011",
                broker,
                b -> b.logGauges().rank().ordinal());
    }

    /** Counts what strangers were refused on a port: connections, logins, calls. */
    final <T> void refused(String port, T of, ToDoubleFunction<T> refusals) {
        FunctionCounter.builder("tallymq.refused", of, refusals)
                .description(
                        "connections, logins and calls refused for what their clients did; the log has one line in 10 s")
                .tag("port", port)
                .register(registry);
    }

    private void state(RaftBroker broker) {
        for (StateLimit limit : StateLimit.values()) {
            limited(broker, limit.kind(), StateLimits.DEFAULTS.of(limit), b -> b.read(v -> v.used(limit)));
        }
        limited(
                broker,
                "producers",
                ProducerLimits.MOST,
                b -> b.read(v -> v.receipts().count()));
        limited(
                broker,
                "past_producers",
                ProducerLimits.PAST,
                b -> b.read(v -> v.receipts().past()));
        limited(
                broker,
                "users",
                AccessState.MOST_USERS,
                b -> b.read(v -> v.access().users().size()));
        limited(
                broker,
                "vhosts",
                AccessState.MOST_VHOSTS,
                b -> b.read(v -> v.access().vhosts().size()));
        limited(
                broker,
                "permissions",
                AccessState.MOST_PERMISSIONS,
                b -> b.read(v -> v.access().permissions()));
        limited(broker, "ids", IdSettings.MOST, b -> b.read(v -> v.ids().count()));
        gauge(
                "tallymq.producers.forgotten",
                "producers forgotten since the start",
                broker,
                b -> b.read(v -> v.receipts().forgotten()));
        reports(broker);
        gauge("tallymq.state.owed", "things that later entries are to do or take out", broker, b -> b.runtime()
                .owed());
    }

    private void reports(RaftBroker broker) {
        FunctionCounter.builder(
                        "tallymq.reports", broker, b -> b.read(v -> v.reports().told()))
                .description("reports (x-report) that came into their queues, in the whole cluster")
                .register(registry);
        FunctionCounter.builder(
                        "tallymq.reports.lost",
                        broker,
                        b -> b.read(v -> v.reports().lost()))
                .description("reports that had no queue, or none with room")
                .register(registry);
    }

    private void limited(RaftBroker broker, String kind, int most, ToDoubleFunction<RaftBroker> used) {
        Gauge.builder("tallymq.state.used", broker, used)
                .description("what the cluster has of a kind that has a limit")
                .tag("kind", kind)
                .register(registry);
        Gauge.builder("tallymq.state.limit", () -> most)
                .description("the most that the cluster takes of it")
                .tag("kind", kind)
                .register(registry);
    }

    /** What the HTTP server refused and holds. */
    final void admin(AdminServer admin) {
        refused("http", admin, AdminServer::refused);
        gauge(
                "tallymq.http.newcomers",
                "HTTP connections that have shown no login yet, of clients whose address is known",
                admin,
                a -> a.newcomers().count());
        gauge(
                "tallymq.http.newcomers.refused",
                "HTTP connections closed as too many of their address had shown no login",
                admin,
                a -> a.newcomers().refused());
        gauge("tallymq.http.sessions", "logins to the page that have not ended", admin, AdminServer::sessions);
        gauge("tallymq.http.rows.held", "rows in memory of sorted lists", admin, AdminServer::heldRows);
        gauge(
                "tallymq.http.answer.bytes",
                "answers of the HTTP API that clients have not read yet",
                admin,
                AdminServer::waitingAnswers);
    }

    private void store(RocksStores stores) {
        stored("tallymq.store.memtable.bytes", "memtables", stores, StoreMetrics::memtables);
        stored("tallymq.store.body.cache.bytes", "messages kept on the heap", stores, StoreMetrics::bodyCache);
        stored("tallymq.store.block.cache.bytes", "what was read from the disk", stores, StoreMetrics::blockCache);
        stored(
                "tallymq.store.live.bytes",
                "what table files hold without what was removed",
                stores,
                StoreMetrics::liveData);
        stored(
                "tallymq.store.pending.compaction.bytes",
                "what compactions still have to write again",
                stores,
                StoreMetrics::pendingCompaction);
        stored("tallymq.store.table.bytes", "table files on the disk", stores, StoreMetrics::tables);
        gauge(
                "tallymq.store.background.errors",
                "flushes and compactions that failed or had to wait for room",
                stores,
                s -> s.metrics().backgroundErrors());
    }

    private void stored(String name, String what, RocksStores stores, ToDoubleFunction<StoreMetrics> of) {
        gauge(name, "bytes of " + what, stores, s -> of.applyAsDouble(s.metrics()));
    }

    private <T> void gauge(String name, String what, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(what).register(registry);
    }

    private void counter(String name, String what, RuntimeMetrics m, ToDoubleFunction<RuntimeMetrics> of) {
        FunctionCounter.builder(name, m, of).description(what).register(registry);
    }

    String scrape() {
        return scrape(Set.of());
    }

    private String scrape(Set<String> without) {
        MetricText more = new MetricText(without);
        write(more);
        return registry.scrape() + more;
    }

    private void write(MetricText out) {
        rabbit.write(out);
        PhaseMetrics.write(out, broker.runtime().metrics().phases());
    }

    /** Where the server finds all of them. */
    List<AdminRoute> routes() {
        return List.of(
                new AdminRoute("/metrics", CONTENT_TYPE, false, this::scrape),
                new AdminRoute("/metrics/memory-breakdown", CONTENT_TYPE, false, () -> MemoryMetrics.of(scrape())),
                new AdminRoute(
                        "/metrics/per-object", false, request -> streamed(objects.perObject(this::bytesBesideObjects))),
                new AdminRoute("/metrics/detailed", false, request -> streamed(objects.detailed(request))));
    }

    private byte[] bytesBesideObjects() {
        return scrape(ObjectMetrics.perObjectNames()).getBytes(StandardCharsets.UTF_8);
    }

    private static Answer streamed(Pieces pieces) {
        return Answer.streamed(CONTENT_TYPE, pieces);
    }
}
