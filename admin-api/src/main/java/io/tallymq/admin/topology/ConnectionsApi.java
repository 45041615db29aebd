package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.OthersTraffic;
import io.tallymq.admin.request.OthersTraffic.Told;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.BrokerView.ConnectionView;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * /api/connections, /api/channels and /api/consumers of the whole cluster. What only the serving node counts (bytes, frames,
 * blocking) it is asked for.
 */
public final class ConnectionsApi {
    /** An open channel. One that neither consumes nor holds messages is known to its own node, and to who asked that. */
    record Channel(ConnectionView connection, int number, int consumers) {
        String name() {
            return channelName(connection.info(), number);
        }
    }

    private final AdminContext context;
    private final Sampler sampler;
    private final ConnectionWrites writes;
    private final Freshness freshness;
    private final Executor state;

    /** @param state where an answer goes on once the other nodes have told */
    public ConnectionsApi(
            AdminContext context, Sampler sampler, ConnectionWrites writes, Freshness freshness, Executor state) {
        this.freshness = freshness;
        this.state = state;
        this.context = context;
        this.sampler = sampler;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                told("/api/connections", request -> connections(request, shown(request))),
                told("/api/connections/{name}", this::connection)
                        .with("DELETE", Access.MANAGEMENT, request -> writes.close(request, named(request))),
                told("/api/connections/username/{user}", request -> connections(request, ofUser(request)))
                        .with("DELETE", Access.MANAGEMENT, this::closeOfUser),
                told("/api/connections/{name}/channels", this::channelsOf),
                list("/api/connections/{name}/sessions", this::sessionsOf),
                told("/api/vhosts/{vhost}/connections", request -> connections(request, shown(request))),
                told("/api/vhosts/{vhost}/channels", this::channels),
                told("/api/channels", this::channels),
                told("/api/channels/{name}", this::channel),
                list("/api/consumers", this::consumers),
                list("/api/consumers/{vhost}", this::consumers));
    }

    private static HttpRoute list(String path, Function<ApiRequest, Answer> answer) {
        return HttpRoute.of(path, Lane.STATE, answer).openTo(Access.MANAGEMENT);
    }

    private static HttpRoute told(String path, HttpRoute.Endpoint answer) {
        return HttpRoute.async(path, Lane.STATE, answer).openTo(Access.MANAGEMENT);
    }

    /** Without waiting on any thread: at once where no other node is asked. */
    private CompletionStage<Answer> once(CompletableFuture<Told> told, Function<KnownTraffic, Answer> answer) {
        Function<Told, Answer> then = t -> answer.apply(new KnownTraffic(context, t));
        return told.isDone() ? told.thenApply(then) : told.thenApplyAsync(then, state);
    }

    /** Those of the path's virtual host, and of them those that the user may see. */
    private Iterator<ConnectionView> shown(ApiRequest request) {
        context.requireVhost(request);
        return shown(context, request);
    }

    /** Those that the user may see. */
    public static Iterator<ConnectionView> shown(AdminContext context, ApiRequest request) {
        return Rows.filtered(
                StateRows.connections(context.broker()),
                c -> request.isIn(c.info().vhost())
                        && request.sight().seesConnectionOf(c.info().user()));
    }

    static String channelName(ConnectionInfo connection, int number) {
        return connection.name() + " (" + number + ")";
    }

    private Iterator<ConnectionView> ofUser(ApiRequest request) {
        return Rows.filtered(shown(request), c -> c.info().user().equals(request.variable("user")));
    }

    /** Of all that were there when it was asked for: one that this node had not heard of yet would live on, and the answer would say otherwise. */
    private CompletionStage<Answer> closeOfUser(ApiRequest request) {
        return freshness.ask().get().thenComposeAsync(done -> writes.closeAll(request, ofUser(request)), state);
    }

    private CompletionStage<Answer> connections(ApiRequest request, Iterator<ConnectionView> shown) {
        Listing listing = Listing.of(request.target());
        return once(context.stats().othersTraffic().connections(), known -> {
            Rates rates = sampler.rates();
            ClusterStatus status = context.broker().status();
            return listing.render(
                    Listing.Source.of(
                            shown, c -> c.info().name(), c -> row(c, known.connection(c.id()), rates, status)),
                    context.held());
        });
    }

    private CompletionStage<Answer> connection(ApiRequest request) {
        ConnectionView named = named(request);
        return once(
                context.stats().othersTraffic().of(named.id()),
                known -> Answer.ok(Columns.of(request.target())
                        .of(row(
                                named,
                                known.single(named.id()),
                                sampler.rates(),
                                context.broker().status()))));
    }

    private ConnectionView named(ApiRequest request) {
        Iterator<ConnectionView> found =
                Rows.filtered(shown(request), c -> c.info().name().equals(request.variable("name")));
        if (!found.hasNext()) {
            throw RefusedException.notFound();
        }
        return found.next();
    }

    private static ObjectNode row(
            ConnectionView connection, Optional<ClientTraffic.Counters> counters, Rates rates, ClusterStatus status) {
        ConnectionInfo info = connection.info();
        ObjectNode row = Json.object()
                .put("name", info.name())
                .put("node", status.nameOf(connection.id().node()))
                .put("user", info.user())
                .put("vhost", info.vhost())
                .put("protocol", "AMQP 0-9-1")
                .put("type", "network")
                .put("auth_mechanism", info.negotiated().mechanism())
                .put("host", info.local().host())
                .put("port", info.local().port())
                .put("peer_host", info.peer().host())
                .put("peer_port", info.peer().port())
                .put("timeout", info.negotiated().heartbeat())
                .put("frame_max", info.negotiated().frameMax())
                .put("channel_max", info.negotiated().channelMax())
                .put("connected_at", info.negotiated().connectedAt())
                .put("consumers", connection.consumers());
        row.set("client_properties", Json.arguments(info.clientProperties()));
        if (info.clientProperties().get("connection_name") instanceof String given) {
            row.put("user_provided_name", given);
        }
        counters.ifPresent(c -> addCounters(row, connection, c, rates));
        return row;
    }

    private static void addCounters(
            ObjectNode row, ConnectionView connection, ClientTraffic.Counters counters, Rates rates) {
        TlsFields.put(row, counters.tls());
        row.put("state", counters.state())
                .put("channels", counters.channels())
                .put("recv_cnt", counters.receivedPackets())
                .put("send_cnt", counters.sentPackets())
                .put("send_pend", counters.pendingBytes());
        Rates.put(
                row,
                "recv_oct",
                counters.receivedBytes(),
                rates.of(connection.id(), ClientTraffic.Counters::receivedBytes));
        Rates.put(row, "send_oct", counters.sentBytes(), rates.of(connection.id(), ClientTraffic.Counters::sentBytes));
    }

    private static Iterator<Channel> channels(Iterator<ConnectionView> connections, KnownTraffic known) {
        return Rows.flat(connections, connection -> known.consumers(connection).entrySet().stream()
                .map(e -> new Channel(connection, e.getKey(), e.getValue()))
                .iterator());
    }

    private CompletionStage<Answer> channels(ApiRequest request) {
        return channels(request, context.stats().othersTraffic().channels(), shown(request));
    }

    private CompletionStage<Answer> channelsOf(ApiRequest request) {
        ConnectionView named = named(request);
        return channels(
                request,
                context.stats().othersTraffic().of(named.id()),
                List.of(named).iterator());
    }

    /** Those are of AMQP 1.0, which nobody speaks here. */
    private Answer sessionsOf(ApiRequest request) {
        named(request);
        return Answer.ok(Json.array());
    }

    private CompletionStage<Answer> channels(
            ApiRequest request, CompletableFuture<Told> told, Iterator<ConnectionView> of) {
        Listing listing = Listing.of(request.target());
        return once(told, known -> {
            var rows = new ChannelRows(context, sampler.rates(), known);
            return listing.render(Listing.Source.of(channels(of, known), Channel::name, rows::row), context.held());
        });
    }

    private CompletionStage<Answer> channel(ApiRequest request) {
        String name = request.variable("name");
        List<ConnectionView> candidates = new ArrayList<>();
        Rows.filtered(shown(request), c -> name.startsWith(c.info().name() + " ("))
                .forEachRemaining(candidates::add);
        if (candidates.isEmpty()) {
            throw RefusedException.notFound();
        }
        OthersTraffic others = context.stats().othersTraffic();
        // A name may be another's beginning where a proxy says whose connections they are: hardly ever.
        CompletableFuture<Told> told =
                candidates.size() == 1 ? others.of(candidates.get(0).id()) : others.channels();
        return once(told, known -> {
            Iterator<Channel> found = Rows.filtered(
                    channels(candidates.iterator(), known), c -> c.name().equals(name));
            if (!found.hasNext()) {
                throw RefusedException.notFound();
            }
            return Answer.ok(Columns.of(request.target()).of(single(found.next(), known)));
        });
    }

    private ObjectNode single(Channel channel, KnownTraffic known) {
        ObjectNode row = new ChannelRows(context, sampler.rates(), known).row(channel);
        Iterator<ConsumerView> own = Rows.filtered(
                StateRows.consumers(context.broker()),
                c -> c.connection().equals(channel.connection.id()) && c.channel() == channel.number);
        new ConsumerRows(context.broker().status()).details(row, own);
        return row;
    }

    private Answer consumers(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        Iterator<ConsumerView> shown = Rows.filtered(
                StateRows.consumers(context.broker()),
                c -> request.isIn(c.vhost())
                        && request.sight().seesConnectionOf(c.info().user()));
        var rows = new ConsumerRows(context.broker().status());
        return listing.render(Listing.Source.of(shown, c -> c.spec().tag(), rows::row), context.held());
    }
}
