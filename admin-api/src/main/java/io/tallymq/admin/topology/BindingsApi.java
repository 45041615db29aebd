package io.tallymq.admin.topology;

import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.RequestPermits;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView.BindingView;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * /api/bindings/{vhost}/e/{source}/q/{destination} and .../e/{destination}: the bindings between two, which are made and taken away by the rules
 * of queue.bind, exchange.bind and their opposites. Each has a properties_key, by which its path ends.
 */
public final class BindingsApi {
    private static final String BETWEEN = "/api/bindings/{vhost}/e/{source}/";

    private final AdminContext context;
    private final StateWrites writes;

    public BindingsApi(AdminContext context, StateWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(between(true), one(true), between(false), one(false));
    }

    private static String path(boolean toQueue) {
        return BETWEEN + (toQueue ? "q" : "e") + "/{destination}";
    }

    private HttpRoute between(boolean toQueue) {
        return HttpRoute.of(path(toQueue), Lane.STATE, request -> list(request, toQueue))
                .openTo(Access.MANAGEMENT)
                .with("POST", Access.MANAGEMENT, request -> bind(request, toQueue));
    }

    private HttpRoute one(boolean toQueue) {
        return HttpRoute.of(
                        path(toQueue) + "/{properties}",
                        Lane.STATE,
                        request -> Answer.ok(Columns.of(request.target()).of(TopologyApi.row(find(request, toQueue)))))
                .openTo(Access.MANAGEMENT)
                .with("DELETE", Access.MANAGEMENT, request -> unbind(request, toQueue));
    }

    private static String source(ApiRequest request) {
        return NamedExchange.of(request.variable("source"));
    }

    private static String destination(ApiRequest request, boolean toQueue) {
        String segment = request.variable("destination");
        return toQueue ? segment : NamedExchange.of(segment);
    }

    /** In no order; of the default exchange the one that every queue has. */
    private Iterator<BindingView> all(ApiRequest request, boolean toQueue) {
        context.requireVhost(request);
        String vhost = request.variable("vhost");
        String source = source(request);
        String destination = destination(request, toQueue);
        if (source.isEmpty()) {
            boolean isThere = toQueue
                    && context.broker().<Boolean>read(view -> view.queue(vhost, destination)
                            .isPresent());
            return (isThere ? List.of(TopologyApi.ofDefault(vhost, destination)) : List.<BindingView>of()).iterator();
        }
        return Rows.filtered(
                StateRows.bindings(context.broker()),
                b -> request.isIn(b.vhost())
                        && b.toQueue() == toQueue
                        && b.binding().source().equals(source)
                        && b.binding().destination().equals(destination));
    }

    private Answer list(ApiRequest request, boolean toQueue) {
        return Listing.of(request.target())
                .render(
                        Listing.Source.of(
                                all(request, toQueue), b -> b.binding().source(), TopologyApi::row),
                        context.held());
    }

    /**
     * The one that the path names. Who puts a properties_key into a path has to quote it once more, as RabbitMQ's page does; of who does not, it
     * comes as what it was before it was quoted. What may be one or the other is neither: it is not known which of the two somebody means.
     */
    private BindingView find(ApiRequest request, boolean toQueue) {
        String properties = request.variable("properties");
        Iterator<BindingView> found = Rows.filtered(all(request, toQueue), b -> {
            String key = TopologyApi.propertiesKey(
                    b.binding().routingKey(), b.binding().arguments());
            return key.equals(properties) || unquoted(key).equals(properties);
        });
        if (!found.hasNext()) {
            throw RefusedException.notFound();
        }
        BindingView one = found.next();
        if (found.hasNext()) {
            throw RefusedException.badRequest("the path names two bindings, one by its properties_key quoted once more"
                    + " and another one by its properties_key as it is: delete the other one first, by its"
                    + " properties_key quoted once more, or unbind by AMQP");
        }
        return one;
    }

    private static String unquoted(String key) {
        return URLDecoder.decode(key, StandardCharsets.UTF_8);
    }

    private Command command(ApiRequest request, BindingKey key, boolean toQueue, boolean add) {
        String vhost = request.variable("vhost");
        return toQueue
                ? new BindQueue(ConnectionId.operator(context.broker().node()), vhost, key, add)
                : new BindExchange(vhost, key, add);
    }

    private CompletionStage<Answer> bind(ApiRequest request, boolean toQueue) {
        context.requireVhost(request);
        RequestFields f = RequestFields.of(request);
        BindingKey key = new BindingKey(
                source(request), destination(request, toQueue), f.shortText("routing_key", ""), f.arguments());
        RequestPermits.of(context, request).bind(key, toQueue);
        String made = "/api/bindings/" + segment(request.variable("vhost")) + "/e/" + segment(key.source()) + "/"
                + (toQueue ? "q/" : "e/") + segment(key.destination()) + "/"
                + segment(TopologyApi.propertiesKey(key.routingKey(), key.arguments()));
        return writes.submit(
                request, command(request, key, toQueue, true), Answer.empty(201).with("Location", made));
    }

    private static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%7E", "~");
    }

    private CompletionStage<Answer> unbind(ApiRequest request, boolean toQueue) {
        BindingKey key = find(request, toQueue).binding();
        if (key.source().isEmpty()) {
            throw RefusedException.badRequest("operation not permitted on the default exchange");
        }
        RequestPermits.of(context, request).bind(key, toQueue);
        return writes.submit(request, command(request, key, toQueue, false));
    }
}
