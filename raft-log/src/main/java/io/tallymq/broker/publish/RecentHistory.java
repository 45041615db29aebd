package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.history.RecentMessages;
import io.tallymq.broker.message.LaterMessage;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.moving.MovedMessages;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.ExchangeRules;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.List;
import java.util.function.IntSupplier;

/** Exchanges of type x-recent-history: what clients publish to them is kept, and a queue that is bound gets what there is, in the same entry. */
public final class RecentHistory {
    /** Bytes that bindings which are made in one entry get together, about 5 ms for each MiB; the first one gets what there is. */
    public static final long MOST_AT_ONCE = 8 << 20;

    /** The level of the state from which on copies have no name, and nobody is told of them. */
    private static final int NAMELESS = 5;

    private static final String NO_STORE = "x-recent-history-no-store";

    private final RecentMessages recent;
    private final Topology topology;
    private final Queues queues;
    private final Placement placement;
    private final IntSupplier level;
    /** What bindings of the entry in hand got, in bytes. */
    private long handed;

    private PublishRun run;
    /** By route: the exchange, if it keeps messages; else null. */
    private Exchange[] exchanges;

    /** @param level of the state */
    public RecentHistory(
            RecentMessages recent, Topology topology, Queues queues, Placement placement, IntSupplier level) {
        this.level = level;
        this.recent = recent;
        this.topology = topology;
        this.queues = queues;
        this.placement = placement;
    }

    public void begin(PublishRun r) {
        run = r;
        exchanges = null;
    }

    /** A route of the run in hand is used for the first time. */
    public void resolve(int route, Route r) {
        Exchange x = topology.exchange(r.vhost(), r.exchange());
        if (x != null && x.historyLength() > 0) {
            exchanges = exchanges == null ? new Exchange[run.table().length] : exchanges;
            exchanges[route] = x;
        }
    }

    /** Message {@code i} was not refused: its exchange may keep it. */
    public void published(int i) {
        Exchange x = exchanges == null ? null : exchanges[run.route(i)];
        if (x == null) {
            return;
        }
        byte[] bytes = run.bytes();
        int at = run.at(i);
        boolean wanted = !MessageRecord.isExternal(bytes, at)
                && RecentMessages.fits(MessageRecord.length(bytes, at))
                && !Boolean.TRUE.equals(MessageHeaders.decode(
                                bytes,
                                MessageRecord.propertiesOffset(bytes, at),
                                MessageRecord.propertiesLength(bytes, at))
                        .get(NO_STORE));
        if (wanted) {
            byte[] record = level.getAsInt() < NAMELESS
                    ? LaterMessage.of(bytes, at, 0, null, level.getAsInt())
                    : LaterMessage.nameless(bytes, at, level.getAsInt());
            recent.add(x.number(), new RecentMessages.Recent(run.table()[run.route(i)], record), x.historyLength());
        }
    }

    /** Whether the binding would be a new one of such an exchange. */
    public boolean concerns(BindQueue b) {
        Exchange x = topology.exchange(b.vhost(), b.binding().source());
        Queue q = queues.find(b.vhost(), b.binding().destination());
        return b.add()
                && x != null
                && q != null
                && x.historyLength() > 0
                && !topology.isBound(b.vhost(), b.binding(), q);
    }

    /** Why it can't be made in the entry in hand: others of the same moment got as much as one entry hands out. Null when it can. */
    public Reply.Rejected refusal(BindQueue b) {
        long more =
                recent.bytes(topology.exchange(b.vhost(), b.binding().source()).number());
        return handed == 0 || handed + more <= MOST_AT_ONCE
                ? null
                : new Reply.Rejected(
                        506,
                        Reply.Reason.LIMIT,
                        ExchangeRules.resource(b.vhost(), b.binding().source()) + " hands " + more
                                + " bytes of recent messages to a new binding, and at this moment others get "
                                + handed + ", of " + MOST_AT_ONCE + " at most: bind again");
    }

    /** What bindings of the entry in hand got, in bytes. */
    public long handed() {
        return handed;
    }

    /** The same as it was before a crash, or 0 for the next entry. */
    public void handed(long bytes) {
        handed = bytes;
    }

    /** It was made: the queue gets what is kept, as far as it has room. Returns the work of it, in the units of publishes. */
    public long bound(BindQueue b, Stamp entry, Effects effects) {
        Queue q = queues.find(b.vhost(), b.binding().destination());
        long exchange = topology.exchange(b.vhost(), b.binding().source()).number();
        List<RecentMessages.Recent> all = recent.of(exchange);
        if (all.isEmpty()) {
            return 0;
        }
        handed += recent.bytes(exchange);
        MovedMessages moved = new MovedMessages();
        for (RecentMessages.Recent m : all) {
            int at = moved.records.size();
            moved.records.raw(m.record(), 0, m.record().length);
            MessageRecord.setRoute(moved.records.array(), at, moved.number(m.route()));
        }
        PublishRun again = new PublishRun(moved.publish(), entry.time());
        RoutingTarget[] target = {q};
        placement.begin(again, 0, entry, effects, false);
        int n = 0;
        while (n < again.count() && !isFull(q, again, n)) {
            placement.add(n++, target);
        }
        placement.finish(n);
        return placement.work();
    }

    private boolean isFull(Queue q, PublishRun again, int i) {
        if (!q.limit().refuses()) {
            return false;
        }
        placement.place(i); // so that the queue knows what comes before it
        return q.limit().refusal(MessageRecord.bodyLength(again.bytes(), again.at(i))) != null;
    }
}
