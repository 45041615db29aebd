package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What is promised of a message for several queues, broken. */
final class RoutesMutations {
    private RoutesMutations() {}

    static List<Mutation> all() {
        return List.of(
                new Mutation(
                        Feature.ROUTES,
                        Rule.TORN,
                        "what was not answered is in one of its queues",
                        h -> isMissing(h, d -> isForSeveral(h, d) && !isAnswered(h, d.id(), Kind.CONFIRMED))),
                new Mutation(
                        Feature.ROUTES,
                        Rule.LOST,
                        "what was confirmed is not in all of its queues",
                        h -> isMissing(h, d -> isForSeveral(h, d) && isAnswered(h, d.id(), Kind.CONFIRMED)),
                        Set.of(Rule.TORN)),
                new Mutation(
                        Feature.ROUTES,
                        Rule.REFUSED,
                        "what was nacked is in one of its queues",
                        h -> {
                            Published p = (Published) h.get(Forge.first(
                                    h, Published.class, m -> isAnswered(h, m.id(), Kind.NACKED) && isForSeveral(m)));
                            String queue = EachQueue.of(p)[0];
                            int last = h.size() - queues(h);
                            long time = h.get(last).time();
                            h.add(last, new Delivered(time, "late.1", queue, p.id(), false, -1, p.crc()));
                            h.add(last + 1, new Answering(Kind.ACKED, time, "late.1", p.id()));
                        },
                        Set.of(Rule.TORN)));
    }

    private static int queues(List<HistoryEvent> h) {
        return (int) h.stream().filter(e -> e.kind() == Kind.DRAINED).count();
    }

    private static boolean isForSeveral(Published p) {
        return EachQueue.of(p).length > 1;
    }

    private static boolean isForSeveral(List<HistoryEvent> h, Delivered d) {
        return isForSeveral(Forge.published(h, d.id()));
    }

    private static boolean isAnswered(List<HistoryEvent> h, MessageId id, Kind how) {
        return h.stream().anyMatch(e -> e instanceof Answered a && a.kind() == how && a.id().equals(id));
    }

    /** Takes out one that came, and its ack. */
    private static void isMissing(List<HistoryEvent> h, Predicate<Delivered> wanted) {
        Delivered d = (Delivered) h.get(Forge.first(h, Delivered.class, wanted));
        h.removeIf(e -> e.equals(d)
                || e instanceof Answering a
                        && a.id().equals(d.id())
                        && a.consumer().equals(d.consumer()));
    }
}
