package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.dedup.ForeseenKeys;
import io.tallymq.broker.dedup.KeyCache;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.time.Scheduled;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Messages that an exchange or a queue has seen before go nowhere, and are confirmed. Looked at once, when a client publishes; what was refused
 * or reached no queue was not seen, so that it may be tried again.
 */
final class Duplicates {
    /** All of a message's queues have seen it, or its exchange has. */
    static final RoutingTarget[] DUPLICATE = {};

    /** What a key that is remembered costs, in units of {@link io.tallymq.broker.limits.WorkLimits#slice}; one that is looked for, one. */
    private static final int KEY_WORK = 8;

    private final SeenKeys seen;
    private final Topology topology;
    private final IntSupplier level;
    private PublishRun run;
    /** What was seen before the message in hand. */
    private KeyCache keys;
    /** By route: the exchange, if it looks for duplicates; else null. */
    private Exchange[] exchanges;
    /** By route: whether a queue looks for them to which all messages of the route go; null: none does. */
    private boolean[] queues;

    /** The headers of the message looked at last. */
    private Map<String, Object> headers;

    private long work;

    Duplicates(SeenKeys seen, Topology topology, IntSupplier level) {
        this.level = level;
        this.seen = seen;
        this.topology = topology;
        this.keys = seen;
    }

    /** Units since the last call: none before the level from which on they count. */
    long takeWork() {
        long units = work;
        work = 0;
        return level.getAsInt() < SeenKeys.LEVEL ? 0 : units;
    }

    void begin(PublishRun r) {
        run = r;
        work = 0;
        keys = seen;
        exchanges = null;
        queues = null;
    }

    /** From now on the run is only looked at, or carried out: then what has come is remembered. */
    void looks(boolean only) {
        keys = only ? new ForeseenKeys(seen) : seen;
        work = 0;
    }

    /**
     * A route of the run in hand is used for the first time.
     *
     * @param targets where it leads as far as the route alone decides
     */
    void resolve(int route, Route r, RoutingTarget[] targets) {
        Exchange x = topology.exchange(r.vhost(), r.exchange());
        if (x != null && x.deduplication() != null) {
            exchanges = exchanges == null ? new Exchange[run.table().length] : exchanges;
            exchanges[route] = x;
        }
        if (anyLooks(targets)) {
            queues = queues == null ? new boolean[run.table().length] : queues;
            queues[route] = true;
        }
    }

    private static boolean anyLooks(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).settings().deduplication() != null) {
                return true;
            }
        }
        return false;
    }

    private Exchange exchange(int i) {
        return exchanges == null ? null : exchanges[run.route(i)];
    }

    /**
     * Whether somebody on a message's way looks for duplicates.
     *
     * @param byRoute whether the targets are those of its route
     */
    boolean concern(int i, RoutingTarget[] targets, boolean byRoute) {
        return exchange(i) != null || (byRoute ? queues != null && queues[run.route(i)] : anyLooks(targets));
    }

    /**
     * Those of a message's queues that have not seen it; {@link #DUPLICATE} if that is all there is to it.
     *
     * @param later whether it is kept until its time has come: its queues are those of its time, and are not asked
     */
    RoutingTarget[] unseen(int i, RoutingTarget[] targets, boolean later, long now) {
        byte[] bytes = run.bytes();
        int at = run.at(i);
        headers = MessageHeaders.decode(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
        Exchange x = exchange(i);
        if (x != null && has(x.number(), x.deduplication(), now)) {
            return DUPLICATE;
        }
        if (later) {
            return targets;
        }
        RoutingTarget[] left = Arrays.stream(targets)
                .filter(t -> !has(t.number(), ((Queue) t).settings().deduplication(), now))
                .toArray(RoutingTarget[]::new);
        return left.length == 0 && targets.length > 0 ? DUPLICATE : left.length == targets.length ? targets : left;
    }

    /** What the exchange of the message that {@link #came} last remembers of it; null for nothing. */
    Scheduled.Seen seen(int i) {
        Exchange x = exchange(i);
        String key = x == null
                ? null
                : MessageHeaders.key(headers.get(x.deduplication().header()));
        return key == null ? null : new Scheduled.Seen(x.number(), seen.place(x.number(), key), key);
    }

    private boolean has(long owner, Deduplication d, long now) {
        String key = d == null ? null : MessageHeaders.key(headers.get(d.header()));
        work += d == null ? 0 : 1;
        return key != null && keys.has(owner, key, now);
    }

    /** Why the message looked at last can't be remembered; null when it can. */
    Reply.Rejected refusal(int i, RoutingTarget[] targets) {
        Exchange x = exchange(i);
        boolean room = x == null || keys.hasRoom(x.number());
        for (RoutingTarget t : targets) {
            room &= ((Queue) t).settings().deduplication() == null || keys.hasRoom(t.number());
        }
        return room
                ? null
                : new Reply.Rejected(
                        506, Reply.Reason.LIMIT, StateLimits.text(StateLimit.SEEN_KEYS.text(), keys.most()));
    }

    /** The message looked at last has come to these queues, or will. */
    void came(int i, RoutingTarget[] targets, long now) {
        Exchange x = exchange(i);
        if (x != null) {
            remember(x.number(), x.deduplication(), now);
        }
        for (RoutingTarget t : targets) {
            remember(t.number(), ((Queue) t).settings().deduplication(), now);
        }
    }

    private void remember(long owner, Deduplication d, long now) {
        String key = d == null ? null : MessageHeaders.key(headers.get(d.header()));
        if (key != null) {
            work += KEY_WORK;
            keys.add(owner, key, now, d.timeToLive(headers), d.size());
        }
    }
}
