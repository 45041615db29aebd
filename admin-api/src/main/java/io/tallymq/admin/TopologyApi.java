package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.HttpRoute.Lane;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.view.BrokerView.BindingView;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** /api/exchanges, /api/bindings and /api/vhosts, as this node has applied them. */
final class TopologyApi {
    /** How paths name the default exchange, whose name is empty. */
    private static final String DEFAULT_EXCHANGE = "amq.default";

    private final AdminContext context;

    TopologyApi(AdminContext context) {
        this.context = context;
    }

    List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/exchanges", Lane.STATE, this::exchanges),
                HttpRoute.of("/api/exchanges/{vhost}", Lane.STATE, this::exchanges),
                HttpRoute.of("/api/exchanges/{vhost}/{name}", Lane.STATE, this::exchange),
                HttpRoute.of("/api/exchanges/{vhost}/{name}/bindings/source", Lane.STATE, this::bindingsFrom),
                HttpRoute.of(
                        "/api/exchanges/{vhost}/{name}/bindings/destination", Lane.STATE, this::bindingsToExchange),
                HttpRoute.of("/api/queues/{vhost}/{name}/bindings", Lane.STATE, this::bindingsToQueue),
                HttpRoute.of("/api/bindings", Lane.STATE, request -> bindings(request, b -> true)),
                HttpRoute.of("/api/bindings/{vhost}", Lane.STATE, request -> bindings(request, b -> true)),
                HttpRoute.of("/api/vhosts", Lane.STATE, this::vhosts),
                HttpRoute.of("/api/vhosts/{vhost}", Lane.STATE, this::vhost));
    }

    private Answer exchanges(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        return listing.render(
                Listing.Source.of(inVhost(request), ExchangeView::name, TopologyApi::row), context.held());
    }

    private Iterator<ExchangeView> inVhost(ApiRequest request) {
        context.requireVhost(request);
        return Rows.filtered(StateRows.exchanges(context.broker()), x -> request.isIn(x.vhost()));
    }

    private Answer exchange(ApiRequest request) {
        String name = exchangeName(request);
        Iterator<ExchangeView> found =
                Rows.filtered(inVhost(request), x -> x.name().equals(name));
        if (!found.hasNext()) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Columns.of(request.target()).of(row(found.next())));
    }

    private static String exchangeName(ApiRequest request) {
        String name = request.variable("name");
        return name.equals(DEFAULT_EXCHANGE) ? "" : name;
    }

    private static ObjectNode row(ExchangeView exchange) {
        ObjectNode row = Json.object()
                .put("name", exchange.name())
                .put("vhost", exchange.vhost())
                .put("type", exchange.spec().type())
                .put("durable", exchange.spec().durable())
                .put("auto_delete", exchange.spec().autoDelete())
                .put("internal", exchange.spec().internal());
        row.set("arguments", Json.arguments(exchange.spec().arguments()));
        if (exchange.policy() != null && exchange.policy().policy() != null) {
            row.put("policy", exchange.policy().policy()); // as with RabbitMQ it is missing if there is none
        }
        return row;
    }

    private Answer bindingsFrom(ApiRequest request) {
        String name = exchangeName(request);
        return bindings(request, b -> b.binding().source().equals(name));
    }

    private Answer bindingsToExchange(ApiRequest request) {
        String name = exchangeName(request);
        return bindings(request, b -> !b.toQueue() && b.binding().destination().equals(name));
    }

    private Answer bindingsToQueue(ApiRequest request) {
        String name = request.variable("name");
        return bindings(request, b -> b.toQueue() && b.binding().destination().equals(name));
    }

    private Answer bindings(ApiRequest request, Predicate<BindingView> wanted) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        Iterator<BindingView> shown =
                Rows.filtered(StateRows.bindings(context.broker()), b -> request.isIn(b.vhost()) && wanted.test(b));
        return listing.render(Listing.Source.of(shown, b -> b.binding().source(), TopologyApi::row), context.held());
    }

    private static ObjectNode row(BindingView view) {
        ObjectNode row = Json.object()
                .put("source", view.binding().source())
                .put("vhost", view.vhost())
                .put("destination", view.binding().destination())
                .put("destination_type", view.toQueue() ? "queue" : "exchange")
                .put("routing_key", view.binding().routingKey())
                .put(
                        "properties_key",
                        propertiesKey(
                                view.binding().routingKey(), view.binding().arguments()));
        row.set("arguments", Json.arguments(view.binding().arguments()));
        return row;
    }

    /** Tells bindings of one source and destination apart: {@code ~}, the quoted key, or the key and its arguments' hash. */
    static String propertiesKey(String routingKey, Arguments arguments) {
        String key = URLEncoder.encode(routingKey, StandardCharsets.UTF_8).replace("~", "%7E");
        if (arguments.isEmpty()) {
            return key.isEmpty() ? "~" : key;
        }
        long hash = new StateDigest().add(arguments).value();
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(hash).array();
        return key + "~" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A virtual host and what stands in its queues. */
    private static final class Vhost {
        private final String name;
        private final QueueSums sums = new QueueSums();

        Vhost(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }
    }

    private List<Vhost> readVhosts() {
        Map<String, Vhost> vhosts = new TreeMap<>();
        context.broker().read(view -> List.copyOf(view.vhosts())).forEach(name -> vhosts.put(name, new Vhost(name)));
        StateRows.queues(context.broker()).forEachRemaining(q -> {
            Vhost vhost = vhosts.get(q.vhost());
            if (vhost != null) {
                vhost.sums.add(q);
            }
        });
        return List.copyOf(vhosts.values());
    }

    private Answer vhosts(ApiRequest request) {
        return Listing.of(request.target())
                .render(Listing.Source.of(readVhosts().iterator(), Vhost::name, this::row), context.held());
    }

    private Answer vhost(ApiRequest request) {
        return readVhosts().stream()
                .filter(vhost -> vhost.name.equals(request.variable("vhost")))
                .findFirst()
                .map(vhost -> Answer.ok(Columns.of(request.target()).of(row(vhost))))
                .orElseThrow(RefusedException::notFound);
    }

    private ObjectNode row(Vhost vhost) {
        ObjectNode row = Json.object()
                .put("name", vhost.name)
                .put("messages", vhost.sums.ready() + vhost.sums.unacked())
                .put("messages_ready", vhost.sums.ready())
                .put("messages_unacknowledged", vhost.sums.unacked());
        ObjectNode state = row.putObject("cluster_state");
        ClusterStatus status = context.broker().status();
        status.members().stream()
                .filter(ClusterStatus.Member::reachable)
                .forEach(member -> state.put(member.name(), "running"));
        return row;
    }
}
