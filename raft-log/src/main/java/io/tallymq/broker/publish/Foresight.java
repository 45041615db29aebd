package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.routing.Resolved;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.broker.view.Foreseen.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What {@link Publishing} would do with one message, without doing it. Nothing changes. */
public final class Foresight {
    private static final RoutingTarget[] NOWHERE = Placement.NOWHERE;

    private final Topology topology;
    private final SeenKeys seen;
    private final Ids ids;
    private final Producers producers;
    private final Connections connections;
    private final Predicate<String> vhostIsThere;

    /**
     * What came before, by its name or its id, and what these and its conditions refuse.
     *
     * @param by which of both; null: it did not come
     * @param refused by its name or its id; null: it is not
     * @param unmet why a condition is not met; null: they are
     */
    private record Before(String by, String refused, String unmet) {}

    public Foresight(
            Topology topology,
            SeenKeys seen,
            Ids ids,
            Producers producers,
            Connections connections,
            Predicate<String> vhostIsThere) {
        this.producers = producers;
        this.connections = connections;
        this.vhostIsThere = vhostIsThere;
        this.ids = ids;
        this.topology = topology;
        this.seen = seen;
    }

    /**
     * Looks ahead.
     *
     * @param record of the message, with its body in it
     * @param index of the last entry that is applied
     * @param now the state's time, milliseconds since the epoch
     */
    public Foreseen look(Route route, byte[] record, long index, long now) {
        Resolved to = topology.routes().resolve(route);
        RoutedMessage m = new RoutedMessage().of(record, 0, index + 1 << Integer.SIZE);
        Stamp at = new Stamp(0, index, now);
        if (to.refusal() != null) {
            Before before = before(route, record, m, NOWHERE, at, false);
            String refusal = before.by != null
                    ? null
                    : before.refused != null ? before.refused : to.refusal().text();
            return new Foreseen(index, refusal, 0, before.by != null, false, 0, List.of(), 0, List.of());
        }
        long later = m.due(now);
        boolean byRoute = !to.needsMessage() && m.keys().isEmpty();
        RoutingTarget[] targets = byRoute ? to.targets() : topology.routes().match(route, m);
        boolean byChance = !byRoute && topology.routes().choseByChance();
        Reply.Rejected givenUp = byRoute ? null : topology.routes().givenUp();
        List<Way> others = new ArrayList<>();
        topology.routes().unmatched(route, targets).forEach((name, why) -> others.add(new Way(name, why)));
        boolean delayed = later > now;
        RoutingTarget[] unseen = unseen(route, record, to, targets, delayed, now);
        Before before = before(route, record, m, targets, at, true);
        String byRoutes = givenUp != null ? givenUp.text() : refusal(to, m, targets, route);
        String first = before.refused != null ? before.refused : byRoutes;
        first = first == null ? before.unmet : first;
        boolean duplicate = before.by != null || first == null && unseen == Duplicates.DUPLICATE;
        String refusal = duplicate ? null : first;
        String twice =
                "a message with its " + (before.by != null ? before.by : "deduplication key") + " was seen before";
        List<Way> get = new ArrayList<>();
        List<Way> miss = new ArrayList<>();
        int inAll = 0;
        int next = 0; // of those that have not seen it, in the order of all
        for (RoutingTarget t : targets) {
            if (refusal != null && miss.size() >= Foreseen.MOST_WAYS) {
                break; // no queue gets it, and why the others do not is not told: to write it for 100,000 takes long
            }
            boolean isNew = !duplicate && next < unseen.length && unseen[next] == t;
            next += isNew ? 1 : 0;
            String full = !isNew || delayed ? null : full((Queue) t, record);
            refusal = refusal == null ? full : refusal;
            inAll += isNew && full == null ? 1 : 0;
            List<Way> ways = isNew && full == null ? get : miss;
            if (ways.size() < Foreseen.MOST_WAYS) {
                ways.add(new Way(t.name(), isNew ? full : twice));
            }
        }
        return new Foreseen(
                index,
                refusal,
                delayed ? later : 0,
                duplicate,
                byChance,
                refusal == null ? inAll : 0,
                told(get, miss, refusal),
                targets.length - get.size() - miss.size(),
                others);
    }

    /** As {@link Publishing} looks at them: the name first, wherever the message goes; then the id, if its exchange is there; then conditions. */
    private Before before(
            Route route, byte[] record, RoutedMessage m, RoutingTarget[] targets, Stamp at, boolean hasRoute) {
        PublishRun run = new PublishRun(alone(route, record), at.time());
        NamedPublishes names = new NamedPublishes(producers, connections, new Named(producers), vhostIsThere);
        names.begin(run);
        names.looks(true);
        if (m.terms().hasName() && names.isDuplicate(0, m.terms(), at)) {
            return new Before("name", null, null);
        }
        if (m.terms().hasName() && names.refusal() != null) {
            return new Before(null, names.refusal().text(), null);
        }
        PublishIds its = new PublishIds(ids, topology);
        its.begin(run);
        its.looks(true);
        if (hasRoute && its.concern() && its.isDuplicate(0, at, false)) {
            return new Before("id", null, null);
        }
        Reply.Rejected unmet = m.terms() == Terms.NONE ? null : names.unmet(0, m.terms(), targets);
        return new Before(
                null, its.refusal() == null ? null : its.refusal().text(), unmet == null ? null : unmet.text());
    }

    private RoutingTarget[] unseen(
            Route route, byte[] record, Resolved to, RoutingTarget[] targets, boolean later, long now) {
        Duplicates duplicates = new Duplicates(seen, topology, () -> 0);
        duplicates.begin(new PublishRun(alone(route, record), now));
        duplicates.resolve(0, route, to.targets());
        return duplicates.concern(0, targets, targets == to.targets())
                ? duplicates.unseen(0, targets, later, now)
                : targets;
    }

    private static Publish alone(Route route, byte[] record) {
        return new Publish(List.of(route), record, 0, record.length, 0, Origins.NONE);
    }

    private static String refusal(Resolved to, RoutedMessage m, RoutingTarget[] targets, Route route) {
        Reply.Rejected few = targets.length < to.minQueues()
                ? RouteDecisions.tooFew(
                        targets.length, "min-queues of exchange '" + route.exchange() + "' is " + to.minQueues())
                : targets.length < m.minQueues()
                        ? RouteDecisions.tooFew(targets.length, "its header x-min-queues asks for " + m.minQueues())
                        : null;
        return few == null ? null : few.text();
    }

    private static String full(Queue q, byte[] record) {
        Reply.Rejected full = q.limit().refusal(0, 0, MessageRecord.bodyLength(record, 0));
        return full == null ? null : full.text();
    }

    /** A fan-out is in all of its queues or in none. */
    private static List<Way> told(List<Way> get, List<Way> miss, String refusal) {
        List<Way> all = new ArrayList<>();
        get.forEach(w -> all.add(refusal == null ? w : new Way(w.queue(), "the publish is refused: " + refusal)));
        all.addAll(miss);
        return all;
    }
}
