package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.BrokerView.ConnectionView;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * /api/connections, /api/channels and /api/consumers of the whole cluster. What only the serving node counts (bytes, frames,
 * blocking) is told for its own clients only.
 */
public final class ConnectionsApi {
    /** A channel of this node, or another node's that consumes or holds messages: one that only publishes is known to its own node. */
    record Channel(ConnectionView connection, int number, int consumers) {
        String name() {
            return channelName(connection.info(), number);
        }
    }

    private final AdminContext context;
    private final Sampler sampler;
    private final ConnectionWrites writes;

    public ConnectionsApi(AdminContext context, Sampler sampler, ConnectionWrites writes) {
        this.context = context;
        this.sampler = sampler;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                list("/api/connections", this::connections),
                list("/api/connections/{name}", this::connection)
                        .with("DELETE", Access.MANAGEMENT, request -> writes.close(request, named(request))),
                list("/api/connections/username/{user}", request -> connections(request, ofUser(request)))
                        .with("DELETE", Access.MANAGEMENT, request -> writes.closeAll(request, ofUser(request))),
                list("/api/connections/{name}/channels", this::channelsOf),
                list("/api/connections/{name}/sessions", this::sessionsOf),
                list("/api/vhosts/{vhost}/connections", this::connections),
                list("/api/vhosts/{vhost}/channels", this::channels),
                list("/api/channels", this::channels),
                list("/api/channels/{name}", this::channel),
                list("/api/consumers", this::consumers),
                list("/api/consumers/{vhost}", this::consumers));
    }

    private static HttpRoute list(String path, Function<ApiRequest, Answer> answer) {
        return HttpRoute.of(path, Lane.STATE, answer).openTo(Access.MANAGEMENT);
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

    private Answer connections(ApiRequest request) {
        return connections(request, shown(request));
    }

    private Answer connections(ApiRequest request, Iterator<ConnectionView> shown) {
        Listing listing = Listing.of(request.target());
        Rates rates = sampler.rates();
        // Once for all rows: to gather the counters takes as long as there are clients.
        Map<ConnectionId, ClientTraffic.Counters> counters =
                context.stats().traffic().connections();
        ClusterStatus status = context.broker().status();
        return listing.render(
                Listing.Source.of(
                        shown,
                        c -> c.info().name(),
                        c -> row(c, Optional.ofNullable(counters.get(c.id())), rates, status)),
                context.held());
    }

    private Answer connection(ApiRequest request) {
        ConnectionView named = named(request);
        Optional<ClientTraffic.Counters> counters = context.stats().traffic().connection(named.id());
        return Answer.ok(Columns.of(request.target())
                .of(row(named, counters, sampler.rates(), context.broker().status())));
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
        row.put("state", counters.blocked() ? "blocked" : "running")
                .put("ssl", counters.tls())
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

    private Iterator<Channel> channels(Iterator<ConnectionView> connections) {
        Map<ConnectionId, List<Integer>> own = context.stats().traffic().channels();
        return Rows.flat(connections, connection -> {
            Map<Integer, Integer> consumers = consumers(connection, own);
            return consumers.entrySet().stream()
                    .map(e -> new Channel(connection, e.getKey(), e.getValue()))
                    .iterator();
        });
    }

    /**
     * A connection's open channels, as far as they are known here, and how many consumers each has.
     *
     * @param own all channels of this node's connections
     */
    public static SortedMap<Integer, Integer> consumers(
            ConnectionView connection, Map<ConnectionId, List<Integer>> own) {
        SortedMap<Integer, Integer> channels = new TreeMap<>();
        connection.channels().forEach(c -> channels.put(c.number(), c.consumers()));
        own.getOrDefault(connection.id(), List.of()).forEach(number -> channels.putIfAbsent(number, 0));
        return channels;
    }

    private Answer channels(ApiRequest request) {
        return channels(request, shown(request));
    }

    private Answer channelsOf(ApiRequest request) {
        return channels(request, List.of(named(request)).iterator());
    }

    /** Those are of AMQP 1.0, which nobody speaks here. */
    private Answer sessionsOf(ApiRequest request) {
        named(request);
        return Answer.ok(Json.array());
    }

    private Answer channels(ApiRequest request, Iterator<ConnectionView> of) {
        var rows = new ChannelRows(context, sampler.rates());
        return Listing.of(request.target())
                .render(Listing.Source.of(channels(of), Channel::name, rows::row), context.held());
    }

    private Answer channel(ApiRequest request) {
        String name = request.variable("name");
        Iterator<ConnectionView> candidates =
                Rows.filtered(shown(request), c -> name.startsWith(c.info().name()));
        Iterator<Channel> found =
                Rows.filtered(channels(candidates), c -> c.name().equals(name));
        if (!found.hasNext()) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Columns.of(request.target()).of(single(found.next())));
    }

    private ObjectNode single(Channel channel) {
        ObjectNode row = new ChannelRows(context, sampler.rates()).row(channel);
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
