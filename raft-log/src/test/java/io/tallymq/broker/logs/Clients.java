package io.tallymq.broker.logs;

import io.tallymq.broker.command.Sent;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * What clients and their nodes know: connections, consumers, and which deliveries they have not settled. What was taken from them without
 * their doing they may settle nevertheless.
 */
final class Clients {
    static final int CHANNELS = 3;

    /** A channel that is there, or that somebody still speaks of. */
    record Channel(ConnectionId connection, int number) {}

    /** A consumer, or a channel that fetched something. */
    static final class Taker {
        final long number;
        final Channel channel;
        final ConsumerSpec spec;
        final boolean getter;
        final TreeSet<Long> has = new TreeSet<>();
        long queue;

        Taker(long number, Channel channel, ConsumerSpec spec, boolean getter) {
            this.number = number;
            this.channel = channel;
            this.spec = spec;
            this.getter = getter;
        }
    }

    final List<ConnectionId> connections = new ArrayList<>();
    final Map<Long, Taker> takers = new TreeMap<>();
    /** Channels that an error has ended and that are not closed yet. */
    final List<Channel> ended = new ArrayList<>();

    private long connectionNumber;
    private long uploadNumber;

    ConnectionId newConnection(String node) {
        return new ConnectionId(node, ++connectionNumber);
    }

    long newUpload() {
        return ++uploadNumber;
    }

    boolean hasEnded(Channel c) {
        return ended.contains(c);
    }

    /** An error ends the channel. */
    void end(Channel c) {
        if (connections.contains(c.connection) && !ended.contains(c)) {
            ended.add(c);
        }
    }

    /** Somebody is known from now on. */
    Taker taker(long number, Channel channel, ConsumerSpec spec, boolean getter) {
        return takers.computeIfAbsent(number, n -> new Taker(n, channel, spec, getter));
    }

    void delivered(Taker t, Delivery d) {
        t.queue = d.chunk().queue();
        for (int i = 0; i < d.count(); i++) {
            t.has.add(d.firstSeq() + i);
        }
    }

    /** Those who have something. */
    List<Taker> having() {
        return takers.values().stream().filter(t -> !t.has.isEmpty()).toList();
    }

    List<Taker> of(ConnectionId c, int channel) {
        return takers.values().stream()
                .filter(t -> t.channel.connection.equals(c) && (channel < 0 || t.channel.number == channel))
                .toList();
    }

    /** A channel (all of a connection when -1) is gone. Returns what its clients were sent. */
    List<Sent> gone(ConnectionId c, int channel, LongPredicate wasSent) {
        List<Sent> sent = new ArrayList<>();
        for (Taker t : of(c, channel)) {
            long[] its = pairs(t.has.stream().mapToLong(s -> s).filter(wasSent));
            if (its.length > 0) {
                sent.add(new Sent(t.number, its));
            }
            takers.remove(t.number);
        }
        ended.removeIf(e -> e.connection.equals(c) && (channel < 0 || e.number == channel));
        return sent;
    }

    void dropped(ConnectionId c) {
        connections.remove(c);
        gone(c, -1, s -> false);
    }

    /** As pairs of first and last number; neighbours are one pair. */
    static long[] pairs(LongStream ascending) {
        List<Long> pairs = new ArrayList<>();
        for (long s : ascending.toArray()) {
            if (!pairs.isEmpty() && pairs.get(pairs.size() - 1) == s - 1) {
                pairs.set(pairs.size() - 1, s);
            } else {
                pairs.add(s);
                pairs.add(s);
            }
        }
        return pairs.stream().mapToLong(p -> p).toArray();
    }
}
