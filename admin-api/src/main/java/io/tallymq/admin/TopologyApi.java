package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.Arguments;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.BindingView;
import io.tallymq.broker.BrokerView.ExchangeView;
import io.tallymq.broker.BrokerView.QueueInfo;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.StateDigest;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;

/** /api/exchanges, /api/bindings and /api/vhosts, as this node has applied them. */
final class TopologyApi {
    /** How paths name the default exchange, whose name is empty. */
    private static final String DEFAULT_EXCHANGE = "amq.default";

    private final AdminContext context;

    TopologyApi(AdminContext context) {
        this.context = context;
    }

    List<Route> routes() {
        return List.of(
                Route.of("/api/exchanges", Lane.STATE, this::exchanges),
                Route.of("/api/exchanges/{vhost}", Lane.STATE, this::exchanges),
                Route.of("/api/exchanges/{vhost}/{name}", Lane.STATE, this::exchange),
                Route.of("/api/exchanges/{vhost}/{name}/bindings/source", Lane.STATE, this::bindingsFrom),
                Route.of("/api/exchanges/{vhost}/{name}/bindings/destination", Lane.STATE, this::bindingsToExchange),
                Route.of("/api/queues/{vhost}/{name}/bindings", Lane.STATE, this::bindingsToQueue),
                Route.of("/api/bindings", Lane.STATE, request -> bindings(request, b -> true)),
                Route.of("/api/bindings/{vhost}", Lane.STATE, request -> bindings(request, b -> true)),
                Route.of("/api/vhosts", Lane.STATE, this::vhosts),
                Route.of("/api/vhosts/{vhost}", Lane.STATE, this::vhost));
    }

    private Answer exchanges(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        List<ExchangeView> shown = inVhost(request, view -> view.exchanges().stream()
                .filter(x -> in(request, x.vhost()))
                .toList());
        return listing.render(shown, ExchangeView::name, TopologyApi::row);
    }

    private Answer exchange(ApiRequest request) {
        String name = exchangeName(request);
        List<ExchangeView> found = inVhost(request, view -> view.exchanges().stream()
                .filter(x -> in(request, x.vhost()) && x.name().equals(name))
                .toList());
        if (found.isEmpty()) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Columns.of(request.target()).of(row(found.get(0))));
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
        List<BindingView> shown = inVhost(request, view -> view.bindings().stream()
                .filter(b -> in(request, b.vhost()) && wanted.test(b))
                .toList());
        return listing.render(shown, b -> b.binding().source(), TopologyApi::row);
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

    private record Vhost(String name, long ready, long unacked) {}

    private static Vhost total(String name, List<QueueInfo> queues) {
        long ready = 0;
        long unacked = 0;
        for (QueueInfo queue : queues) {
            if (queue.vhost().equals(name)) {
                ready += queue.ready();
                unacked += queue.unacked();
            }
        }
        return new Vhost(name, ready, unacked);
    }

    private List<Vhost> readVhosts() {
        return context.broker().read(view -> {
            List<QueueInfo> queues = view.queues();
            return view.vhosts().stream().map(name -> total(name, queues)).toList();
        });
    }

    private Answer vhosts(ApiRequest request) {
        return Listing.of(request.target()).render(readVhosts(), Vhost::name, this::row);
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
                .put("messages", vhost.ready + vhost.unacked)
                .put("messages_ready", vhost.ready)
                .put("messages_unacknowledged", vhost.unacked);
        ObjectNode state = row.putObject("cluster_state");
        ClusterStatus status = context.broker().status();
        status.members().stream()
                .filter(ClusterStatus.Member::reachable)
                .forEach(member -> state.put(member.name(), "running"));
        return row;
    }

    private static boolean in(ApiRequest request, String vhost) {
        return request.variable("vhost") == null || request.variable("vhost").equals(vhost);
    }

    /** Reads, and refuses a virtual host that does not exist. */
    private <T> List<T> inVhost(ApiRequest request, java.util.function.Function<BrokerView, List<T>> look) {
        String vhost = request.variable("vhost");
        List<T> found =
                context.broker().read(view -> vhost == null || view.vhosts().contains(vhost) ? look.apply(view) : null);
        if (found == null) {
            throw RefusedException.notFound();
        }
        return found;
    }
}
