package io.tallymq.broker.processing;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.routing.Resolved;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.broker.view.Foreseen.Way;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@link Publishing} would do with one message, without doing it. Nothing changes. */
public final class Foresight {
    private final Topology topology;
    private final SeenKeys seen;
    private final Ids ids;

    public Foresight(Topology topology, SeenKeys seen, Ids ids) {
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
        Resolved to = topology.resolve(route);
        if (to.refusal() != null) {
            return new Foreseen(index, to.refusal().text(), 0, false, false, List.of(), List.of());
        }
        RoutedMessage m = new RoutedMessage().of(record, 0, index + 1 << Integer.SIZE);
        long later = m.due(now);
        boolean byRoute = !to.needsMessage() && m.keys().isEmpty();
        RoutingTarget[] targets = byRoute ? to.targets() : topology.match(route, m);
        List<Way> others = new ArrayList<>();
        topology.unmatched(route, targets).forEach((name, why) -> others.add(new Way(name, why)));
        boolean delayed = later > now;
        RoutingTarget[] unseen = unseen(route, record, to, targets, delayed, now);
        PublishIds publishIds = new PublishIds(ids, topology);
        publishIds.begin(new PublishRun(alone(route, record), now));
        publishIds.looks(true);
        boolean came = publishIds.concern() && publishIds.isDuplicate(0, new Stamp(0, index, now), false);
        boolean duplicate = came || unseen == Duplicates.DUPLICATE;
        String refusal = duplicate
                ? null
                : publishIds.refusal() == null
                        ? refusal(to, m, targets, route)
                        : publishIds.refusal().text();
        List<Way> ways = new ArrayList<>();
        for (RoutingTarget t : targets) {
            String why = duplicate || !Arrays.asList(unseen).contains(t)
                    ? "a message with its " + (came ? "id" : "deduplication key") + " was seen before"
                    : delayed ? null : full((Queue) t, record);
            refusal = refusal == null
                            && why != null
                            && !duplicate
                            && Arrays.asList(unseen).contains(t)
                    ? why
                    : refusal;
            ways.add(new Way(t.name(), why));
        }
        return new Foreseen(
                index,
                refusal,
                delayed ? later : 0,
                duplicate,
                topology.choosesByChance(route),
                told(ways, refusal),
                others);
    }

    private RoutingTarget[] unseen(
            Route route, byte[] record, Resolved to, RoutingTarget[] targets, boolean later, long now) {
        Duplicates duplicates = new Duplicates(seen, topology);
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
                ? Publishing.tooFew(
                        targets.length, "min-queues of exchange '" + route.exchange() + "' is " + to.minQueues())
                : targets.length < m.minQueues()
                        ? Publishing.tooFew(targets.length, "its header x-min-queues asks for " + m.minQueues())
                        : null;
        return few == null ? null : few.text();
    }

    private static String full(Queue q, byte[] record) {
        Reply.Rejected full = q.limit().refusal(0, 0, MessageRecord.bodyLength(record, 0));
        return full == null ? null : full.text();
    }

    /** A fan-out is in all of its queues or in none. */
    private static List<Way> told(List<Way> ways, String refusal) {
        return refusal == null
                ? ways
                : ways.stream()
                        .map(w -> w.why() != null ? w : new Way(w.queue(), "the publish is refused: " + refusal))
                        .toList();
    }
}
