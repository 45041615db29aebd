package io.tallymq.amqp.session;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.delivery.DeliveryContext;
import io.tallymq.amqp.publish.PublishContext;
import io.tallymq.amqp.settle.SentMessages;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.view.User;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The channels of a connection, by number. Event loop only, but for what says otherwise. */
final class Channels {
    private final ConnectionContext connection;
    private final DeliveryContext deliveries;
    private final PublishContext publishing;
    private final ConnectionRegistry registry;
    private final IntObjectMap<AmqpChannel> open = new IntObjectHashMap<>();
    /** Where the numbers of publishes go on when a channel's number is used again. */
    private final Map<Integer, Long> lastPublishes = new HashMap<>();

    /** Those in {@code open}, for those who look on from other threads; its own lock. */
    private final SortedMap<Integer, AmqpChannel> seen = new TreeMap<>();

    private volatile int opened;

    /** @param registry all connections of the node, for limits that bind them together */
    Channels(
            ConnectionContext connection,
            DeliveryContext deliveries,
            PublishContext publishing,
            ConnectionRegistry registry) {
        this.connection = connection;
        this.deliveries = deliveries;
        this.publishing = publishing;
        this.registry = registry;
    }

    /** The open channel with this number, or null. */
    AmqpChannel find(int number) {
        return open.get(number);
    }

    /** The open channels' numbers, in order; a copy. Any thread. */
    List<Integer> numbers() {
        synchronized (seen) {
            return List.copyOf(seen.keySet());
        }
    }

    /** What there is to tell of the open channels, by number; a copy. Any thread. */
    SortedMap<Integer, AmqpChannelInfo> describe() {
        SortedMap<Integer, AmqpChannelInfo> all = new TreeMap<>();
        synchronized (seen) {
            seen.forEach((number, channel) -> all.put(number, channel.describe()));
        }
        return all;
    }

    /** Channels opened so far. Any thread. */
    int opened() {
        return opened;
    }

    void onMethod(int number, Method method) {
        AmqpChannel channel = open.get(number);
        if (channel != null) {
            channel.onMethod(method);
        } else if (method.id() == MethodId.CHANNEL_OPEN) {
            open(number);
        } else if (method.id() != MethodId.CHANNEL_CLOSE_OK) {
            connection.fail(AmqpError.connection(
                    ReplyCode.CHANNEL_ERROR,
                    "expected 'channel.open' on channel " + number + ", got " + method.name(),
                    method.id()));
        }
    }

    /** The open channel with this number for content; null, and the connection closed, if there is none. */
    AmqpChannel forContent(int number) {
        AmqpChannel channel = open.get(number);
        if (channel == null) {
            connection.fail(AmqpError.connection(
                    ReplyCode.UNEXPECTED_FRAME, "expected 'channel.open' on channel " + number + ", got content"));
        }
        return channel;
    }

    private void open(int number) {
        int most = connection.terms().channelMax();
        if (number > most || open.size() >= most) {
            connection.fail(AmqpError.of(
                    ReplyCode.NOT_ALLOWED,
                    "channel " + number + " with " + open.size() + " open is over the negotiated channel_max (" + most
                            + "), close channels or reuse them",
                    MethodId.CHANNEL_OPEN));
            return;
        }
        if (!userMayOpenChannel() || !nodeMayOpenChannel()) {
            return;
        }
        Long last = lastPublishes.remove(number);
        AmqpChannel channel =
                new AmqpChannel(connection, deliveries, publishing, this, number, last == null ? 0 : last);
        open.put(number, channel);
        synchronized (seen) {
            seen.put(number, channel);
        }
        opened = opened + 1; // written by the event loop only
        channel.opened();
    }

    /** Whether the user may have one more channel on this node; if not, the connection is closed. */
    private boolean userMayOpenChannel() {
        String name = connection.terms().user();
        User user = connection.broker().access().user(name);
        long most = user == null ? Long.MAX_VALUE : user.most(User.MAX_CHANNELS);
        if (most == Long.MAX_VALUE || registry.channelsOf(name) < most) {
            return true;
        }
        connection.fail(AmqpError.connection(
                ReplyCode.NOT_ALLOWED,
                "number of channels opened for user '" + name + "' has reached the maximum allowed user limit of ("
                        + most + ")",
                MethodId.CHANNEL_OPEN));
        return false;
    }

    /** The same of the node, which has the channel then; its heap is everybody's. */
    private boolean nodeMayOpenChannel() {
        if (registry.channelOpened(connection.terms().user())) {
            return true;
        }
        connection.fail(AmqpError.connection(
                ReplyCode.NOT_ALLOWED,
                "number of channels opened on node '" + connection.broker().node()
                        + "' has reached the maximum allowed limit of (" + registry.mostChannels() + ")",
                MethodId.CHANNEL_OPEN));
        return false;
    }

    void remove(AmqpChannel channel) {
        if (open.remove(channel.number()) != null) {
            registry.channelsClosed(connection.terms().user(), 1);
        }
        synchronized (seen) {
            seen.remove(channel.number());
        }
        if (channel.lastPublish() > 0) {
            lastPublishes.put(channel.number(), channel.lastPublish());
        }
    }

    /** Whether messages were or are delivered to the client that others may get. */
    boolean holdMessages() {
        return open.values().stream().anyMatch(AmqpChannel::holdsMessages);
    }

    /** Rights may have changed. */
    void accessChanged() {
        deliveries.rightsLook().accessChanged(look -> open.values().forEach(channel -> channel.accessChanged(look)));
    }

    /** What was withheld may be delivered now. */
    void deliverable() {
        open.values().forEach(AmqpChannel::deliverable);
    }

    /** What the client was sent and has not settled. */
    List<Sent> sent() {
        SentMessages sent = new SentMessages();
        tellSent(sent);
        return sent.toList(connection.settles());
    }

    /** The same. */
    void tellSent(SentMessages sent) {
        open.values().forEach(channel -> channel.tellSent(sent));
    }

    /** The client closes the connection: it hears the answers that are due, and nothing else. */
    void connectionCloses() {
        List.copyOf(open.values())
                .forEach(AmqpChannel::connectionCloses); // one that was to close behind a message goes with that
    }

    /** The connection is gone. */
    void abandonAll() {
        for (AmqpChannel channel : open.values()) {
            connection.run(channel::abandon); // each: what they hold of what all connections share has to be given back
        }
        if (!open.isEmpty()) {
            registry.channelsClosed(connection.terms().user(), open.size());
        }
        open.clear();
        synchronized (seen) {
            seen.clear();
        }
    }
}
