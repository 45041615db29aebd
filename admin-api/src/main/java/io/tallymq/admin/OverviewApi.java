package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ConnectionId;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** /api/overview and /api/whoami. */
final class OverviewApi {
    /** Whose API this is like: tools read it to know what fields they may ask for. */
    private static final String RABBITMQ_VERSION = "3.13.7";

    private record Totals(
            BrokerView.Counters counters,
            long ready,
            long unacked,
            int queues,
            List<BrokerView.ConnectionView> connections,
            int consumers,
            int exchanges,
            int bindings,
            TreeSet<String> exchangeTypes) {
        static Totals of(BrokerView view) {
            long ready = 0;
            long unacked = 0;
            List<BrokerView.QueueInfo> queues = view.queues();
            for (BrokerView.QueueInfo queue : queues) {
                ready += queue.ready();
                unacked += queue.unacked();
            }
            var types = new TreeSet<String>();
            List<BrokerView.ExchangeView> exchanges = view.exchanges();
            exchanges.forEach(x -> types.add(x.spec().type()));
            return new Totals(
                    view.totals(),
                    ready,
                    unacked,
                    queues.size(),
                    List.copyOf(view.connections()),
                    queues.stream().mapToInt(BrokerView.QueueInfo::consumers).sum(),
                    exchanges.size(),
                    view.bindings().size(),
                    types);
        }
    }

    private final AdminContext context;
    private final Sampler sampler;

    OverviewApi(AdminContext context, Sampler sampler) {
        this.context = context;
        this.sampler = sampler;
    }

    List<Route> routes() {
        return List.of(
                Route.of("/api/overview", Lane.STATE, this::overview),
                Route.of("/api/whoami", Lane.LOCAL, OverviewApi::whoAmI).openTo(Route.Access.USER));
    }

    private static Answer whoAmI(ApiRequest request) {
        ObjectNode node = Json.object().put("name", request.user().name());
        node.set("tags", Json.strings(request.user().tags()));
        return Answer.ok(node);
    }

    private Answer overview(ApiRequest request) {
        Totals totals = context.broker().read(Totals::of);
        Rates rates = sampler.rates();
        ClusterStatus status = context.broker().status();
        ObjectNode node = Json.object()
                .put("product_name", "TallyMQ")
                .put("product_version", context.config().version())
                .put("management_version", RABBITMQ_VERSION)
                .put("rabbitmq_version", RABBITMQ_VERSION)
                .put("cluster_name", status.cluster())
                .put("node", status.node())
                .put("rates_mode", "basic")
                .put("uptime", context.stats().machine().uptime());
        node.set("exchange_types", exchangeTypes(totals));
        node.set("message_stats", messageStats(totals, rates));
        context.stats().traffic().totals().ifPresent(now -> node.set("churn_rates", churn(now, rates)));
        node.set("queue_totals", queueTotals(totals, rates));
        node.set("object_totals", objectTotals(totals, context.stats().traffic().channels()));
        node.set("listeners", listeners(status));
        return Answer.ok(Columns.of(request.target()).of(node));
    }

    private static ArrayNode exchangeTypes(Totals totals) {
        ArrayNode types = Json.array();
        totals.exchangeTypes.forEach(type -> types.addObject().put("name", type).put("enabled", true));
        return types;
    }

    private static ObjectNode messageStats(Totals totals, Rates rates) {
        ObjectNode stats = Rates.messageStats(
                totals.counters, counter -> rates.of(sample -> counter.applyAsLong(sample.totals())));
        Rates.put(stats, "drop_unroutable", totals.counters.droppedUnroutable(), rates.of(s -> s.totals()
                .droppedUnroutable()));
        return stats;
    }

    /** What came and went on this node; other nodes' clients are counted there. */
    private static ObjectNode churn(ClientTraffic.Totals now, Rates rates) {
        ObjectNode churn = Json.object();
        Rates.put(
                churn,
                "connection_created",
                now.connectionsCreated(),
                rates.ofTraffic(ClientTraffic.Totals::connectionsCreated));
        Rates.put(
                churn,
                "connection_closed",
                now.connectionsClosed(),
                rates.ofTraffic(ClientTraffic.Totals::connectionsClosed));
        Rates.put(
                churn,
                "channel_created",
                now.channelsCreated(),
                rates.ofTraffic(ClientTraffic.Totals::channelsCreated));
        Rates.put(churn, "channel_closed", now.channelsClosed(), rates.ofTraffic(ClientTraffic.Totals::channelsClosed));
        return churn;
    }

    private static ObjectNode queueTotals(Totals totals, Rates rates) {
        ObjectNode node = Json.object();
        Rates.put(node, "messages", totals.ready + totals.unacked, rates.of(s -> s.ready() + s.unacked()));
        Rates.put(node, "messages_ready", totals.ready, rates.of(Sample::ready));
        Rates.put(node, "messages_unacknowledged", totals.unacked, rates.of(Sample::unacked));
        return node;
    }

    /** @param own this node's channels; of other nodes' only those that consume or hold messages are known here */
    private static ObjectNode objectTotals(Totals totals, Map<ConnectionId, List<Integer>> own) {
        int channels = totals.connections.stream()
                .mapToInt(c -> ConnectionsApi.numbers(c, own).size())
                .sum();
        return Json.object()
                .put("connections", totals.connections.size())
                .put("channels", channels)
                .put("consumers", totals.consumers)
                .put("exchanges", totals.exchanges)
                .put("queues", totals.queues)
                .put("bindings", totals.bindings);
    }

    private ArrayNode listeners(ClusterStatus status) {
        ArrayNode listeners = Json.array();
        for (NodeStats.Listener listener : context.stats().listeners()) {
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
