package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.ConnectionView;
import io.tallymq.broker.BrokerView.ConsumerView;
import io.tallymq.broker.ConnectionId;
import io.tallymq.broker.ConnectionInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * /api/connections, /api/channels and /api/consumers of the whole cluster. What only the serving node counts (bytes, frames,
 * blocking) is told for its own clients only.
 */
final class ConnectionsApi {
    private record Look(List<ConnectionView> connections, List<ConsumerView> consumers) {
        static Look at(BrokerView view) {
            return new Look(List.copyOf(view.connections()), List.copyOf(view.consumers()));
        }

        Map<ChannelId, List<ConsumerView>> byChannel() {
            return consumers.stream().collect(Collectors.groupingBy(c -> new ChannelId(c.connection(), c.channel())));
        }
    }

    private record ChannelId(ConnectionId connection, int number) {}

    /** A channel of this node, or another node's that consumes or holds messages: one that only publishes is known to its own node. */
    private record Channel(ConnectionView connection, int number) {
        String name() {
            return channelName(connection, number);
        }

        ChannelId id() {
            return new ChannelId(connection.id(), number);
        }
    }

    private final AdminContext context;
    private final Sampler sampler;

    ConnectionsApi(AdminContext context, Sampler sampler) {
        this.context = context;
        this.sampler = sampler;
    }

    List<Route> routes() {
        return List.of(
                Route.of("/api/connections", Lane.STATE, this::connections),
                Route.of("/api/connections/{name}", Lane.STATE, this::connection),
                Route.of("/api/connections/{name}/channels", Lane.STATE, this::channelsOf),
                Route.of("/api/vhosts/{vhost}/connections", Lane.STATE, this::connections),
                Route.of("/api/channels", Lane.STATE, this::channels),
                Route.of("/api/channels/{name}", Lane.STATE, this::channel),
                Route.of("/api/consumers", Lane.STATE, this::consumers),
                Route.of("/api/consumers/{vhost}", Lane.STATE, this::consumers));
    }

    static String channelName(ConnectionView connection, int number) {
        return connection.info().name() + " (" + number + ")";
    }

    private List<ConnectionView> read() {
        return context.broker().read(view -> List.copyOf(view.connections()));
    }

    private Answer connections(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        String vhost = request.variable("vhost");
        List<ConnectionView> shown = read().stream()
                .filter(c -> vhost == null || c.info().vhost().equals(vhost))
                .toList();
        Rates rates = sampler.rates();
        // Once for all rows: to gather the counters takes as long as there are clients.
        Map<ConnectionId, ClientTraffic.Counters> counters =
                context.stats().traffic().connections();
        return listing.render(
                shown, c -> c.info().name(), c -> row(c, Optional.ofNullable(counters.get(c.id())), rates));
    }

    private Answer connection(ApiRequest request) {
        ConnectionView named = named(request, read());
        Optional<ClientTraffic.Counters> counters = context.stats().traffic().connection(named.id());
        return Answer.ok(Columns.of(request.target()).of(row(named, counters, sampler.rates())));
    }

    private static ConnectionView named(ApiRequest request, List<ConnectionView> connections) {
        return connections.stream()
                .filter(c -> c.info().name().equals(request.variable("name")))
                .findFirst()
                .orElseThrow(RefusedException::notFound);
    }

    private static ObjectNode row(ConnectionView connection, Optional<ClientTraffic.Counters> counters, Rates rates) {
        ConnectionInfo info = connection.info();
        ObjectNode row = Json.object()
                .put("name", info.name())
                .put("node", connection.id().node())
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

    private List<Channel> channels(List<ConnectionView> connections) {
        Map<ConnectionId, List<Integer>> own = context.stats().traffic().channels();
        List<Channel> channels = new ArrayList<>();
        for (ConnectionView connection : connections) {
            numbers(connection, own).forEach(number -> channels.add(new Channel(connection, number)));
        }
        return channels;
    }

    /** The numbers of a connection's open channels, as far as they are known here: all of this node's own. */
    static SortedSet<Integer> numbers(ConnectionView connection, Map<ConnectionId, List<Integer>> own) {
        SortedSet<Integer> numbers = new TreeSet<>(connection.channels());
        numbers.addAll(own.getOrDefault(connection.id(), List.of()));
        return numbers;
    }

    private Answer channels(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        Look look = context.broker().read(Look::at);
        return channels(listing, look.connections, look);
    }

    private Answer channelsOf(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        Look look = context.broker().read(Look::at);
        return channels(listing, List.of(named(request, look.connections)), look);
    }

    private Answer channels(Listing listing, List<ConnectionView> of, Look look) {
        Map<ChannelId, List<ConsumerView>> consumers = look.byChannel();
        return listing.render(channels(of), Channel::name, c -> row(c, consumers.getOrDefault(c.id(), List.of())));
    }

    private Answer channel(ApiRequest request) {
        Look look = context.broker().read(Look::at);
        return channels(look.connections).stream()
                .filter(c -> c.name().equals(request.variable("name")))
                .findFirst()
                .map(c -> Answer.ok(Columns.of(request.target()).of(single(c, look))))
                .orElseThrow(RefusedException::notFound);
    }

    private static ObjectNode row(Channel channel, List<ConsumerView> consumers) {
        ConnectionInfo info = channel.connection.info();
        ObjectNode row = Json.object()
                .put("name", channel.name())
                .put("number", channel.number)
                .put("node", channel.connection.id().node())
                .put("user", info.user())
                .put("vhost", info.vhost())
                .put("consumer_count", consumers.size());
        row.putObject("connection_details")
                .put("name", info.name())
                .put("peer_host", info.peer().host())
                .put("peer_port", info.peer().port());
        return row;
    }

    private ObjectNode single(Channel channel, Look look) {
        List<ConsumerView> consumers = look.byChannel().getOrDefault(channel.id(), List.of());
        ObjectNode row = row(channel, consumers);
        var rows = new ConsumerRows(context.broker().status(), look.connections);
        var details = row.putArray("consumer_details");
        consumers.forEach(c -> details.add(rows.row(c)));
        return row;
    }

    private Answer consumers(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        String vhost = request.variable("vhost");
        Look look = context.broker().read(Look::at);
        List<ConsumerView> shown = look.consumers.stream()
                .filter(c -> vhost == null || c.vhost().equals(vhost))
                .toList();
        var rows = new ConsumerRows(context.broker().status(), look.connections);
        return listing.render(shown, c -> c.spec().tag(), rows::row);
    }
}
