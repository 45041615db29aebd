package io.tallymq.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.tallymq.timer.SparseLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The connections whose clients have not logged in, counted for each address they come from: one address must not take the places
 * of all others before anybody knows who it is. What counts as one address, {@link Origin} says. Loopback counts too: who comes from there
 * may be anybody whom a program on this machine lets through. An address is forgotten with the last of its newcomers. Any thread.
 */
public final class Newcomers {
    private static final AttributeKey<InetAddress> ORIGIN = AttributeKey.valueOf(Newcomers.class, "origin");

    private final int most;
    private final String key;
    private final SparseLog refusals;
    private final ConcurrentMap<InetAddress, Integer> counts = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /**
     * @param most of one address at a time
     * @param key where that is configured, for the log
     */
    public Newcomers(int most, String key, SparseLog refusals) {
        this.most = most;
        this.key = key;
        this.refusals = refusals;
    }

    /**
     * Counts a connection until it has logged in or ends; false if its address has too many already, and nothing is counted
     * then. Once for a connection.
     */
    public boolean admits(Channel channel, InetSocketAddress client) {
        InetAddress origin = Origin.of(client.getAddress());
        if (counts.merge(origin, 1, Integer::sum) > most) {
            forget(origin);
            refused.increment();
            refusals.warn(
                    "Connection of {} closed: {} of its address have not logged in, more than {} admits",
                    client,
                    most,
                    key);
            return false;
        }
        channel.attr(ORIGIN).set(origin);
        channel.closeFuture().addListener(ended -> left(channel));
        return true;
    }

    /** A connection has logged in or is over. */
    public void left(Channel channel) {
        InetAddress origin = channel.attr(ORIGIN).getAndSet(null);
        if (origin != null) {
            forget(origin);
        }
    }

    private void forget(InetAddress origin) {
        counts.computeIfPresent(origin, (of, count) -> count == 1 ? null : count - 1);
    }

    /** Connections that have not logged in. */
    public int count() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Addresses that have any. */
    public int addresses() {
        return counts.size();
    }

    /** Connections closed because their address had too many. */
    public long refused() {
        return refused.sum();
    }
}
