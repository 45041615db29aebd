package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tallymq.admin.access.GlobalParametersApi;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ClientTraffic.Churn;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.OthersTraffic.Told;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.CounterSums;
import io.tallymq.admin.stats.History;
import io.tallymq.admin.stats.QueueSums;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sample;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.admin.topology.ConnectionsApi;
import io.tallymq.admin.topology.KnownTraffic;
import io.tallymq.broker.Broker;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.Publishes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** /api/overview and /api/whoami. */
public final class OverviewApi {
    /**
     * What is counted.
     *
     * @param publishes for who does not see everything what exchanges have counted that he sees: they do not know what came back or was dropped
     * @param index of the last entry that was applied before
     */
    private record Totals(
            BrokerView.Counters counters,
            BrokerView.Publishes publishes,
            BrokerView.Sizes sizes,
            QueueSums queues,
            int channels,
            long index) {}

    private final AdminContext context;
    private final Sampler sampler;
    private final Freshness freshness;

    private final History messages = new History();
    private final History lengths = new History();
    private final LongSupplier time;
    private final Executor state;

    /**
     * Made once.
     *
     * @param time milliseconds since the epoch
     * @param state where an answer goes on once the other nodes have told
     */
    public OverviewApi(AdminContext context, Sampler sampler, Freshness freshness, LongSupplier time, Executor state) {
        this.state = state;
        this.time = time;
        sampler.watch(new Sampler.Watcher() {
            @Override
            public void sampled(Sample sample) {
                ObjectNode stats = messageStats(sample.totals(), sample.publishes(), true, Rates.NONE);
                sample.churn().ifPresent(c -> stats.put("confirm", c.confirmed()));
                messages.add(sample.nanos(), stats);
                lengths.add(sample.nanos(), lengths(sample.ready(), sample.unacked(), Rates.NONE));
            }

            @Override
            public void ended() {
                messages.clear();
                lengths.clear();
            }
        });
        this.freshness = freshness;
        this.context = context;
        this.sampler = sampler;
    }

    public List<HttpRoute> routes() {
        String rabbit = context.config().rabbitVersion();
        return List.of(
                HttpRoute.async("/api/overview", Lane.STATE, request -> freshness.answer(request, this::overview))
                        .openTo(HttpRoute.Access.MANAGEMENT),
                HttpRoute.of("/api/version", Lane.LOCAL, request -> Answer.ok(TextNode.valueOf(rabbit)))
                        .openTo(HttpRoute.Access.USER),
                // Plugins of RabbitMQ's page, which tools ask for: this page has none.
                HttpRoute.of("/api/extensions", Lane.LOCAL, request -> Answer.ok(Json.array()))
                        .openTo(HttpRoute.Access.USER),
                HttpRoute.of("/api/whoami", Lane.LOCAL, OverviewApi::whoAmI).openTo(HttpRoute.Access.USER));
    }

    private static Answer whoAmI(ApiRequest request) {
        ObjectNode node = Json.object().put("name", request.user().name());
        node.set("tags", Json.strings(request.user().tags()));
        return Answer.ok(node);
    }

    /** Each node knows how many channels its clients have: the others are asked, and no thread waits for them. */
    private CompletableFuture<Answer> overview(ApiRequest request) {
        CompletableFuture<Told> told = context.stats().othersTraffic().connections();
        return told.isDone()
                ? CompletableFuture.completedFuture(overview(request, told.join()))
                : told.thenApplyAsync(t -> overview(request, t), state);
    }

    private Answer overview(ApiRequest request, Told told) {
        boolean all = request.sight().ofEverything();
        var known = new KnownTraffic(context, told);
        Totals totals = all ? totals(known) : visible(request, known);
        Rates rates = all ? sampler.rates() : Rates.NONE; // those are of everything
        ClusterStatus status = context.broker().status();
        ObjectNode node = Json.object()
                .put("product_name", "TallyMQ")
                .put("product_version", context.config().version())
                .put("management_version", context.config().rabbitVersion())
                .put("rabbitmq_version", context.config().rabbitVersion())
                .put("cluster_name", GlobalParametersApi.clusterName(context))
                .put("node", status.node())
                .put("rates_mode", "basic")
                .put("default_queue_type", "classic")
                .put("disable_stats", false)
                .put("enable_queue_totals", false)
                .put("is_op_policy_updating_enabled", true)
                .put("uptime", context.stats().machine().uptime());
        if (Freshness.isWanted(request)) {
            node.put("applied_index", totals.index);
        }
        node.set("exchange_types", exchangeTypes());
        ObjectNode stats = messageStats(totals.counters, totals.publishes, all, rates);
        node.set("message_stats", stats);
        if (all) {
            Sample.churn(context).ifPresent(now -> {
                Rates.put(stats, "confirm", now.confirmed(), rates.ofChurn(Churn::confirmed));
                node.set("churn_rates", churn(now, rates));
            });
        }
        ObjectNode lengthsNow = queueTotals(totals, rates);
        node.set("queue_totals", lengthsNow);
        if (all) {
            tellHistory(request, messages, "msg_rates", stats);
            tellHistory(request, lengths, "lengths", lengthsNow);
        }
        node.set("object_totals", objectTotals(totals));
        node.set("listeners", listeners(status, all));
        return Answer.ok(Columns.of(request.target()).of(node));
    }

    /** For who asks for it. */
    private void tellHistory(ApiRequest request, History history, String parameters, ObjectNode figures) {
        History.Wish wish = History.Wish.of(request.target(), parameters, sampler.nanos(), time.getAsLong());
        if (wish != null) {
            history.tell(figures, wish);
        }
    }

    /** Each list is read in steps: together they are of no one moment. */
    private Totals totals(KnownTraffic known) {
        Broker broker = context.broker();
        long index = broker.read(BrokerView::appliedIndex);
        QueueSums queues = new QueueSums();
        StateRows.queues(broker).forEachRemaining(queues::add);
        int channels = 0;
        for (var all = StateRows.connections(broker); all.hasNext(); ) {
            channels += known.channelCount(all.next());
        }
        return new Totals(
                broker.read(BrokerView::totals),
                broker.read(BrokerView::publishes),
                broker.read(OverviewApi::sizes),
                queues,
                channels,
                index);
    }

    /** With the exchanges without a name, which nobody declares: one per virtual host. */
    private static BrokerView.Sizes sizes(BrokerView view) {
        BrokerView.Sizes s = view.sizes();
        int exchanges = s.exchanges() + view.vhosts().size();
        return new BrokerView.Sizes(s.queues(), exchanges, s.bindings(), s.consumers(), s.connections(), s.uploads());
    }

    /** Of what the user may see, which is counted now. */
    private Totals visible(ApiRequest request, KnownTraffic known) {
        Broker broker = context.broker();
        long index = broker.read(BrokerView::appliedIndex);
        QueueSums queues = new QueueSums();
        BrokerView.Counters counters = CounterSums.NONE;
        int queueCount = 0;
        for (var q = Rows.filtered(StateRows.queues(broker), x -> request.isIn(x.vhost())); q.hasNext(); queueCount++) {
            BrokerView.QueueInfo queue = q.next();
            queues.add(queue);
            counters = CounterSums.sum(counters, queue.counters());
        }
        int exchanges = 0;
        long came = 0;
        for (var x = Rows.filtered(StateRows.exchanges(broker), e -> request.isIn(e.vhost()));
                x.hasNext();
                exchanges++) {
            BrokerView.ExchangeView exchange = x.next();
            came += exchange.publishedIn();
        }
        int bindings = 0;
        for (var b = Rows.filtered(StateRows.bindings(broker), e -> request.isIn(e.vhost())); b.hasNext(); bindings++) {
            b.next();
        }
        int connections = 0;
        int channels = 0;
        for (var c = ConnectionsApi.shown(context, request); c.hasNext(); connections++) {
            channels += known.channelCount(c.next());
        }
        var sizes = new BrokerView.Sizes(queueCount, exchanges, bindings, queues.consumers(), connections, 0);
        var publishes = new BrokerView.Publishes(came, 0, 0);
        return new Totals(counters, publishes, sizes, queues, channels, index);
    }

    /** Those that an exchange may have, whether there is one or not: tools offer them. */
    private static ArrayNode exchangeTypes() {
        ArrayNode types = Json.array();
        for (ExchangeType type : ExchangeType.values()) {
            types.addObject().put("name", type.amqpName()).put("enabled", true);
        }
        return types;
    }

    private static ObjectNode messageStats(Counters counters, Publishes p, boolean all, Rates rates) {
        ObjectNode stats =
                Rates.messageStats(counters, counter -> rates.of(sample -> counter.applyAsLong(sample.totals())));
        // What queues took is theirs; here it is what clients published, into however many queues.
        Rates.put(stats, "publish", p.came(), rates.of(s -> s.publishes().came()));
        if (all) {
            Rates.put(stats, "return_unroutable", p.returned(), rates.of(s -> s.publishes()
                    .returned()));
            Rates.put(stats, "drop_unroutable", p.dropped(), rates.of(s -> s.publishes()
                    .dropped()));
        }
        return stats;
    }

    /** What came and went on the nodes that tell. */
    private static ObjectNode churn(Churn now, Rates rates) {
        ObjectNode churn = Json.object();
        Rates.put(churn, "connection_created", now.connectionsCreated(), rates.ofChurn(Churn::connectionsCreated));
        Rates.put(churn, "connection_closed", now.connectionsClosed(), rates.ofChurn(Churn::connectionsClosed));
        Rates.put(churn, "channel_created", now.channelsCreated(), rates.ofChurn(Churn::channelsCreated));
        Rates.put(churn, "channel_closed", now.channelsClosed(), rates.ofChurn(Churn::channelsClosed));
        return churn;
    }

    private static ObjectNode queueTotals(Totals totals, Rates rates) {
        QueueSums queues = totals.queues;
        return lengths(queues.ready(), queues.unacked(), rates)
                .put("message_bytes", queues.readyBytes() + queues.unackedBytes())
                .put("message_bytes_ready", queues.readyBytes())
                .put("message_bytes_unacknowledged", queues.unackedBytes());
    }

    private static ObjectNode lengths(long ready, long unacked, Rates rates) {
        ObjectNode node = Json.object();
        Rates.put(node, "messages", ready + unacked, rates.of(s -> s.ready() + s.unacked()));
        Rates.put(node, "messages_ready", ready, rates.of(Sample::ready));
        Rates.put(node, "messages_unacknowledged", unacked, rates.of(Sample::unacked));
        return node;
    }

    private static ObjectNode objectTotals(Totals totals) {
        return Json.object()
                .put("connections", totals.sizes.connections())
                .put("channels", totals.channels)
                .put("consumers", totals.queues.consumers())
                .put("exchanges", totals.sizes.exchanges())
                .put("queues", totals.sizes.queues())
                .put("bindings", totals.sizes.bindings());
    }

    /** Where AMQP is to be had everybody may know who may log in: programs ask here for it. */
    private ArrayNode listeners(ClusterStatus status, boolean all) {
        ArrayNode listeners = Json.array();
        for (NodeStats.Listener listener : context.stats().listeners()) {
            if (!all && !listener.protocol().startsWith("amqp")) {
                continue;
            }
            listeners
                    .addObject()
                    .put("node", status.node())
                    .put("protocol", listener.protocol())
                    .put("ip_address", listener.address())
                    .put("port", listener.port())
                    .put("tls", listener.tls());
        }
        return listeners;
    }
}
