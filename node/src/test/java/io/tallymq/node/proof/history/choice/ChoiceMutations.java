package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.Forge;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Mutation;
import io.tallymq.node.proof.history.Rule;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** Histories of queues that choose wrongly. */
public final class ChoiceMutations {
    private ChoiceMutations() {}

    public static List<Mutation> all() {
        return Stream.of(queues(), OutcomeMutations.all()).flatMap(List::stream).toList();
    }

    private static List<Mutation> queues() {
        return List.of(
                new Mutation(Feature.PRIORITIES, Rule.PRIORITY, "a lower level comes before a higher one", h -> {
                    swap(h, (a, b) -> a > b);
                }),
                new Mutation(Feature.PRIORITIES, Rule.PRIORITY, "two of one level swapped", h -> {
                    swap(h, (a, b) -> a.equals(b));
                }),
                new Mutation(
                        Feature.RETRY, Rule.EARLY, "what failed comes again at once", h -> comesAtOnce(h, Kind.FAILED)),
                new Mutation(
                        Feature.RETRY, Rule.EARLY, "so does what was given back", h -> comesAtOnce(h, Kind.REQUEUED)),
                new Mutation(
                        Feature.RETRY, Rule.OVERDUE, "what rests comes again much later", ChoiceMutations::comesLate),
                new Mutation(Feature.RETRY, Rule.LOST, "what rests never comes again", h -> {
                    MessageId id = ((Answering) h.get(lastRest(h))).id();
                    int at = lastRest(h);
                    h.subList(at + 1, h.size())
                            .removeIf(e -> e instanceof Delivered d && d.id().equals(id)
                                    || e instanceof Answering a && a.id().equals(id));
                }),
                new Mutation(Feature.VALUES, Rule.STALE, "the newest never comes", h -> {
                    Published one = Forge.published(h, Forge.answered(h, Kind.CONFIRMED, p -> true));
                    h.stream()
                            .filter(e -> e instanceof Published p && sameValue(p, one))
                            .map(e -> ((Published) e).id())
                            .toList()
                            .forEach(id -> Forge.lose(h, id));
                }),
                new Mutation(Feature.VALUES, Rule.STALE, "what was replaced comes to somebody new", h -> {
                    MessageId id = Forge.answered(h, Kind.CONFIRMED, p -> !comes(h, p.id()));
                    int end = h.size() - 1;
                    long t = h.get(end).time();
                    h.add(end, new Channel(Kind.ASKED, t, "c999.1"));
                    h.add(end + 1, new Channel(Kind.SETTLED, t, "c999.1"));
                    Forge.comes(h, id);
                }),
                new Mutation(Feature.VALUES, Rule.STALE, "what was replaced comes behind its successor", h -> {
                    MessageId id = Forge.answered(h, Kind.CONFIRMED, p -> !comes(h, p.id()) && next(h, p) >= 0);
                    Published p = Forge.published(h, id);
                    int at = next(h, p);
                    String channel = ((Delivered) h.get(at)).consumer();
                    long t = h.get(at).time();
                    h.add(at + 1, new Delivered(t, channel, p.queue(), id, false, -1, p.crc()));
                    h.add(at + 2, new Answering(Kind.ACKED, t, channel, id));
                }),
                new Mutation(
                        Feature.SCHEDULES,
                        Rule.REPLACED,
                        "what was replaced comes nevertheless",
                        h -> Forge.comes(h, replaced(h, true)),
                        Set.of(Rule.OVERDUE)),
                new Mutation(
                        Feature.SCHEDULES,
                        Rule.REPLACED,
                        "what was called off comes nevertheless",
                        h -> Forge.comes(h, replaced(h, false)),
                        Set.of(Rule.OVERDUE)),
                new Mutation(
                        Feature.SCHEDULES,
                        Rule.LOST,
                        "what took a place never comes",
                        h -> Forge.lose(
                                h,
                                Forge.answered(
                                        h, Kind.CONFIRMED, p -> isLast(h, p) && "0".equals(p.note(Published.AFTER))))),
                new Mutation(Feature.FILTERS, Rule.FILTER, "somebody gets what his filter does not let through", h -> {
                    int at = Forge.next(
                            h, h.size() / 2, Delivered.class, d -> d.consumer().contains("-red") && high(h, d) != null);
                    Forge.move(h, at, high(h, (Delivered) h.get(at)));
                }),
                new Mutation(
                        Feature.FILTERS,
                        Rule.LOST,
                        "what only one may have never comes",
                        h -> Forge.lose(
                                h, Forge.answered(h, Kind.CONFIRMED, p -> "red".equals(p.note(Published.FOR))))));
    }

    /** A channel with the other filter that lives; null if there is none. */
    private static String high(List<HistoryEvent> h, Delivered d) {
        return Forge.living(h, h.indexOf(d)).stream()
                .filter(c -> c.contains("-high"))
                .findFirst()
                .orElse(null);
    }

    // ---- priorities

    /** Swaps two that waited when their consumer came. */
    private static void swap(List<HistoryEvent> h, BiPredicate<Integer, Integer> levels) {
        Forge.swapFirst(
                h,
                d -> !d.redelivered() && waited(h, d),
                (a, b) -> a.consumer().equals(b.consumer())
                        && levels.test(level(h, a), level(h, b))
                        && a.id().publisher().equals(b.id().publisher()));
    }

    private static int level(List<HistoryEvent> h, Delivered d) {
        return Integer.parseInt(Forge.published(h, d.id()).note(Published.LEVEL));
    }

    private static boolean waited(List<HistoryEvent> h, Delivered d) {
        int began = Forge.first(h, Channel.class, c -> c.consumer().equals(d.consumer()));
        return h.subList(0, began).stream()
                .anyMatch(e -> e.kind() == Kind.CONFIRMED && ((Answered) e).id().equals(d.id()));
    }

    // ---- retries

    private static void comesAtOnce(List<HistoryEvent> h, Kind how) {
        int back = Forge.first(
                h,
                Answering.class,
                a -> a.kind() == how && comesAgain(h, a) && Forge.living(h, 0).contains(a.consumer()));
        MessageId id = ((Answering) h.get(back)).id();
        int again = Forge.next(h, back, Delivered.class, d -> d.id().equals(id));
        Delivered d = (Delivered) h.remove(again);
        h.add(
                back + 1,
                new Delivered(h.get(back).time(), d.consumer(), d.queue(), id, d.redelivered(), d.count(), d.crc()));
    }

    /** To a channel that lives. */
    private static boolean comesAgain(List<HistoryEvent> h, Answering a) {
        return h.subList(h.indexOf(a), h.size()).stream()
                .filter(e -> e instanceof Delivered d && d.id().equals(a.id()))
                .findFirst()
                .filter(e -> Forge.living(h, 0).contains(((Delivered) e).consumer()))
                .isPresent();
    }

    /** The last time that a message rested which was acked then; early in the history. */
    private static int lastRest(List<HistoryEvent> h) {
        int from = h.size() / 2;
        return Forge.next(h, from, Answering.class, a -> a.kind() == Kind.REQUEUED && isAckedNext(h, a));
    }

    private static boolean isAckedNext(List<HistoryEvent> h, Answering a) {
        List<HistoryEvent> rest = h.subList(h.indexOf(a) + 1, h.size());
        return rest.stream()
                                .filter(e -> e instanceof Delivered d && d.id().equals(a.id()))
                                .count()
                        == 1
                && rest.stream()
                        .anyMatch(e -> e instanceof Answering b && b.id().equals(a.id()) && b.kind() == Kind.ACKED);
    }

    private static void comesLate(List<HistoryEvent> h) {
        int at = lastRest(h);
        MessageId id = ((Answering) h.get(at)).id();
        int again = Forge.next(h, at, Delivered.class, d -> d.id().equals(id));
        Delivered d = (Delivered) h.remove(again);
        int answer = Forge.next(h, again, Answering.class, a -> a.id().equals(id));
        h.remove(answer);
        int end = h.size() - 1;
        long t = h.get(end).time();
        h.add(end, new Delivered(t, "c999.1", d.queue(), id, true, d.count(), d.crc()));
        h.add(end + 1, new Answering(Kind.ACKED, t, "c999.1", id));
    }

    // ---- values

    private static boolean sameValue(Published a, Published b) {
        return a.note(Published.VALUE).equals(b.note(Published.VALUE));
    }

    private static boolean comes(List<HistoryEvent> h, MessageId id) {
        return h.stream().anyMatch(e -> e instanceof Delivered d && d.id().equals(id));
    }

    /** Where one with the same value that was published later comes to a channel that lives; -1. */
    private static int next(List<HistoryEvent> h, Published p) {
        for (int i = 0; i < h.size(); i++) {
            if (h.get(i) instanceof Delivered d && d.id().place() > p.id().place()) {
                if (sameValue(Forge.published(h, d.id()), p) && lives(h, d)) {
                    return i;
                }
            }
        }
        return -1;
    }

    private static boolean lives(List<HistoryEvent> h, Delivered d) {
        return Forge.living(h, h.indexOf(d)).contains(d.consumer());
    }

    // ---- schedules

    /** One that never came because another one took its place, or called it off. */
    private static MessageId replaced(List<HistoryEvent> h, boolean byAnother) {
        return Forge.answered(h, Kind.CONFIRMED, p -> {
            Published next = successor(h, p);
            return next != null
                    && next.queue().equals(p.queue()) == byAnother
                    && !comes(h, p.id())
                    && Long.parseLong(p.note(Published.AFTER)) > 10_000
                    && h.stream()
                            .anyMatch(e -> e instanceof Answered a
                                    && a.id().equals(next.id())
                                    && a.kind() == Kind.CONFIRMED
                                    && a.time() < p.time() + 9_000_000_000L);
        });
    }

    private static boolean isLast(List<HistoryEvent> h, Published p) {
        return !p.queue().equals("-") && successor(h, p) == null;
    }

    private static Published successor(List<HistoryEvent> h, Published p) {
        return h.subList(h.indexOf(p) + 1, h.size()).stream()
                .filter(e -> e instanceof Published)
                .map(e -> (Published) e)
                .filter(n -> n.note(Published.PLAN).equals(p.note(Published.PLAN)))
                .findFirst()
                .orElse(null);
    }
}
