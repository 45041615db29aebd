package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.view.BrokerView.BindingView;
import io.tallymq.broker.view.BrokerView.ExchangeView;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** /api/exchanges and /api/bindings, as this node has applied them. */
public final class TopologyApi {
    private final AdminContext context;
    private final Sampler sampler;
    private final ExchangeWrites writes;

    public TopologyApi(AdminContext context, Sampler sampler, ExchangeWrites writes) {
        this.sampler = sampler;
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                list("/api/exchanges", this::exchanges),
                list("/api/exchanges/{vhost}", this::exchanges),
                writes.onExchange(list("/api/exchanges/{vhost}/{name}", this::exchange)),
                list("/api/exchanges/{vhost}/{name}/bindings/source", this::bindingsFrom),
                list("/api/exchanges/{vhost}/{name}/bindings/destination", this::bindingsToExchange),
                list("/api/queues/{vhost}/{name}/bindings", this::bindingsToQueue),
                list("/api/bindings", request -> bindings(request, b -> true)),
                list("/api/bindings/{vhost}", request -> bindings(request, b -> true)));
    }

    private static HttpRoute list(String path, Function<ApiRequest, Answer> answer) {
        return HttpRoute.of(path, Lane.STATE, answer).openTo(Access.MANAGEMENT);
    }

    private Answer exchanges(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        Rates rates = sampler.rates();
        return listing.render(
                Listing.Source.of(inVhost(request), ExchangeView::name, x -> row(x, rates)), context.held());
    }

    private Iterator<ExchangeView> inVhost(ApiRequest request) {
        context.requireVhost(request);
        return Rows.filtered(StateRows.exchanges(context.broker()), x -> request.isIn(x.vhost()));
    }

    private Answer exchange(ApiRequest request) {
        context.requireVhost(request);
        String name = exchangeName(request);
        return context.broker()
                .read(view -> view.exchange(request.variable("vhost"), name))
                .map(x -> Answer.ok(Columns.of(request.target()).of(row(x, sampler.rates()))))
                .orElseThrow(RefusedException::notFound);
    }

    private static String exchangeName(ApiRequest request) {
        return NamedExchange.of(request.variable("name"));
    }

    private static ObjectNode row(ExchangeView exchange, Rates rates) {
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
        ObjectNode stats = row.putObject("message_stats");
        Rates.put(stats, "publish_in", exchange.publishedIn(), rates.of(exchange, ExchangeView::publishedIn));
        Rates.put(stats, "publish_out", exchange.publishedOut(), rates.of(exchange, ExchangeView::publishedOut));
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
        Iterator<BindingView> shown = Rows.filtered(all(), b -> request.isIn(b.vhost()) && wanted.test(b));
        return listing.render(Listing.Source.of(shown, b -> b.binding().source(), TopologyApi::row), context.held());
    }

    /** Those of the default exchange first, which nobody made: each queue has one. */
    private Iterator<BindingView> all() {
        Iterator<BindingView> ofDefault =
                Rows.flat(StateRows.queues(context.broker()), q -> List.of(ofDefault(q.vhost(), q.name()))
                        .iterator());
        return Rows.flat(
                List.of(ofDefault, StateRows.bindings(context.broker())).iterator(), some -> some);
    }

    static BindingView ofDefault(String vhost, String queue) {
        return new BindingView(vhost, new BindingKey("", queue, queue, Arguments.NONE), true);
    }

    public static ObjectNode row(BindingView view) {
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

    /**
     * Tells bindings of one source and destination apart: {@code ~}, the quoted key, or the key and its arguments' hash. A space is never quoted as +,
     * which unquoted in a path stays what it is, and is another binding's key.
     */
    public static String propertiesKey(String routingKey, Arguments arguments) {
        String key = URLEncoder.encode(routingKey, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("~", "%7E");
        if (arguments.isEmpty()) {
            return key.isEmpty() ? "~" : key;
        }
        long hash = new StateDigest().add(arguments).value();
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(hash).array();
        return key + "~" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
