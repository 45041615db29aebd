package io.tallymq.node;

import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.session.AmqpConnectionInfo;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the AMQP server of this node knows of its clients, for the HTTP API. */
final class LocalTraffic implements ClientTraffic {
    private final ConnectionRegistry registry;

    LocalTraffic(ConnectionRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Optional<Totals> totals() {
        ConnectionRegistry.Totals t = registry.totals();
        return Optional.of(new Totals(
                t.receivedBytes(),
                t.sentBytes(),
                t.connectionsCreated(),
                t.connectionsClosed(),
                t.channelsCreated(),
                t.channelsClosed(),
                registry.confirmed()));
    }

    @Override
    public Map<ConnectionId, Counters> connections() {
        Map<ConnectionId, Counters> all = new TreeMap<>();
        for (AmqpConnectionInfo c : registry.infos()) {
            if (c.id() != null) {
                all.put(c.id(), counters(c));
            }
        }
        return all;
    }

    @Override
    public Map<ConnectionId, List<Integer>> channels() {
        return registry.channels();
    }

    @Override
    public Map<String, Long> channelsOpened() {
        Map<String, Long> all = new TreeMap<>();
        for (AmqpConnectionInfo c : registry.infos()) {
            if (c.channelsOpened() > 1) {
                all.put(described(c), (long) c.channelsOpened());
            }
        }
        return all;
    }

    private static String described(AmqpConnectionInfo c) {
        return "connection " + c.name()
                + (c.info() == null ? "" : " of user '" + c.info().user() + "'");
    }

    @Override
    public Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
        Map<ConnectionId, Map<Integer, ChannelCounters>> all = new TreeMap<>();
        registry.channelInfos().forEach((id, channels) -> all.put(id, counters(channels)));
        return all;
    }

    @Override
    public Map<Integer, ChannelCounters> channelCounters(ConnectionId id) {
        return counters(registry.channelInfos(id));
    }

    private static Map<Integer, ChannelCounters> counters(Map<Integer, AmqpChannelInfo> channels) {
        Map<Integer, ChannelCounters> of = new TreeMap<>();
        channels.forEach((number, channel) -> of.put(number, counters(channel)));
        return of;
    }

    private static ChannelCounters counters(AmqpChannelInfo c) {
        return new ChannelCounters(
                c.prefetch(),
                c.globalPrefetch(),
                c.confirms(),
                c.transactional(),
                c.unacked(),
                c.unconfirmed(),
                c.uncommitted(),
                c.uncommittedAcks(),
                messages(c.messages()));
    }

    private static ChannelMessages messages(AmqpChannelInfo.Messages m) {
        return new ChannelMessages(
                m.published(),
                m.confirmed(),
                m.returned(),
                m.delivered(),
                m.deliveredNoAck(),
                m.got(),
                m.gotNoAck(),
                m.gotNothing(),
                m.redelivered(),
                m.acked());
    }

    @Override
    public Optional<Counters> connection(ConnectionId id) {
        return registry.info(id).map(LocalTraffic::counters);
    }

    private static Counters counters(AmqpConnectionInfo c) {
        AmqpConnectionInfo.Traffic t = c.traffic();
        return new Counters(
                c.channels(),
                t.receivedBytes(),
                t.sentBytes(),
                t.reads(),
                t.sends(),
                t.pendingBytes(),
                c.state().equals("blocked"),
                c.tls());
    }
}
