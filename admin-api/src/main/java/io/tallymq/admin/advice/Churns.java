package io.tallymq.admin.advice;

import io.tallymq.admin.request.ClientTraffic.Churn;
import io.tallymq.admin.request.ClientTraffic.Totals;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.NodeStats.LoginCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/**
 * How much came and went on each node in the minutes before the last look. Only what both came and went counts, and in each of these minutes: clients that come again
 * after a node was lost come, and come once. {@link #look} on one thread, all else on any.
 */
final class Churns {
    /** Two minutes have three ends. */
    private static final int LOOKS = 3;

    private static final String AMQP = "amqp091";

    /** What can come and go. */
    enum Kind {
        CONNECTIONS("connections", Churn::connectionsCreated, Churn::connectionsClosed),
        CHANNELS("channels", Churn::channelsCreated, Churn::channelsClosed);

        private final String text;

        @SuppressWarnings("ImmutableEnumChecker") // method references, which capture nothing
        private final ToLongFunction<Churn> created;

        @SuppressWarnings("ImmutableEnumChecker")
        private final ToLongFunction<Churn> closed;

        Kind(String text, ToLongFunction<Churn> created, ToLongFunction<Churn> closed) {
            this.text = text;
            this.created = created;
            this.closed = closed;
        }

        String text() {
            return text;
        }
    }

    /**
     * Who opened most of what this node's clients opened.
     *
     * @param who in words
     * @param opened how many in the two minutes
     */
    record Most(String who, long opened) {}

    /**
     * What was counted since the nodes' starts.
     *
     * @param own null where nobody counts
     * @param logins to AMQP, by who it was in words; of the last ones
     * @param channels opened, by the name of the open connection
     */
    private record Look(
            long nanos, Churn own, Map<String, Churn> others, Map<String, Long> logins, Map<String, Long> channels) {
        private Churn of(String node) {
            return node == null ? own : others.get(node);
        }

        private Map<String, Long> byWhom(Kind kind) {
            return kind == Kind.CONNECTIONS ? logins : channels;
        }
    }

    private final NodeStats stats;
    private volatile List<Look> looks = List.of();

    Churns(NodeStats stats) {
        this.stats = stats;
    }

    void look(long now) {
        List<Look> all = new ArrayList<>(looks);
        if (all.size() == LOOKS) {
            all.remove(0);
        }
        all.add(new Look(
                now,
                stats.traffic().totals().map(Totals::churn).orElse(null),
                Map.copyOf(stats.othersClients()),
                logins(),
                Map.copyOf(stats.traffic().channelsOpened())));
        looks = List.copyOf(all);
    }

    private Map<String, Long> logins() {
        Map<String, Long> logins = new HashMap<>();
        for (LoginCounts c : stats.loginSources()) {
            if (c.protocol().equals(AMQP)) {
                logins.put("user '" + c.user() + "' from " + c.address(), c.succeeded());
            }
        }
        return logins;
    }

    /** Whether this node has looked for long enough to tell. */
    boolean isKnown() {
        return looks.size() == LOOKS;
    }

    /**
     * How many a second came and went, in the quieter one of the two minutes; empty while that is not known.
     *
     * @param node null for this one
     */
    OptionalDouble perSecond(String node, Kind kind) {
        List<Look> all = looks;
        double least = all.size() == LOOKS ? Double.MAX_VALUE : -1;
        for (int i = 1; i < all.size(); i++) {
            least = Math.min(least, between(all.get(i - 1), all.get(i), node, kind));
        }
        return least < 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.round(least * 100) / 100.0);
    }

    /** Below zero: the node was not heard of, or has begun anew. */
    private static double between(Look a, Look b, String node, Kind kind) {
        Churn was = a.of(node);
        Churn is = b.of(node);
        if (was == null || is == null || b.nanos <= a.nanos) {
            return -1;
        }
        long came = kind.created.applyAsLong(is) - kind.created.applyAsLong(was);
        long went = kind.closed.applyAsLong(is) - kind.closed.applyAsLong(was);
        return Math.min(came, went) * 1e9 / (b.nanos - a.nanos);
    }

    /** Who of this node's clients opened most in the two minutes; empty where that is not counted. */
    Optional<Most> most(Kind kind) {
        List<Look> all = looks;
        if (all.size() < LOOKS) {
            return Optional.empty();
        }
        Map<String, Long> was = all.get(0).byWhom(kind);
        Most most = null;
        for (Map.Entry<String, Long> is : all.get(LOOKS - 1).byWhom(kind).entrySet()) {
            long opened = is.getValue() - was.getOrDefault(is.getKey(), 0L);
            if (opened > 0 && (most == null || opened > most.opened)) {
                most = new Most(is.getKey(), opened);
            }
        }
        return Optional.ofNullable(most);
    }
}
