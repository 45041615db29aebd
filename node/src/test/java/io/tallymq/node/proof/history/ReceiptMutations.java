package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Inquiring;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** What receipts promise, broken. */
final class ReceiptMutations {
    private static final String KNOWN_AGAIN = "forgotten, and known again";

    private ReceiptMutations() {}

    /** Of names, and what of it ids promise as well. */
    static List<Mutation> all() {
        List<Mutation> all = new ArrayList<>(ofNames());
        all.addAll(ofNames().stream()
                .filter(m -> m.rule() != Rule.FENCED && !m.name().equals(KNOWN_AGAIN))
                .map(m -> new Mutation(Feature.IDS, m.rule(), m.name(), m.of(), m.also()))
                .toList());
        return all;
    }

    private static List<Mutation> ofNames() {
        return List.of(
                of(Rule.RECEIPT, "confirmed, and then not seen", h -> {
                    int at = told(
                            h,
                            t -> isFor(t, ReceiptJudge.STORED)
                                    && confirmed(h, t.name()) < asked(h, t)
                                    && firstFinal(h, t.name()) >= asked(h, t));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.UNSEEN, false, -1));
                }),
                of(Rule.RECEIPT, "stored as is told, and nowhere", h -> {
                    int at = told(
                            h,
                            t -> t.outcome().equals(ReceiptJudge.UNSEEN)
                                    && published(h, t)
                                    && firstFinal(h, t.name()) == Long.MAX_VALUE
                                    && isLast(h, t));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.STORED, true, 1));
                }),
                of(
                        Rule.RECEIPT,
                        "stored, though it never came out of one of its queues",
                        h -> {
                            int at = told(
                                    h,
                                    t -> isFor(t, ReceiptJudge.STORED)
                                            && h.stream()
                                                    .anyMatch(e -> e instanceof Published p
                                                            && isOf(p, t)
                                                            && p.queue().contains("+")));
                            Told t = (Told) h.get(at);
                            h.removeIf(e -> e instanceof Delivered d
                                    && d.queue().equals("b")
                                    && isOf(Forge.published(h, d.id()), t));
                        },
                        Set.of(Rule.LOST)),
                of(Rule.RECEIPT, "void, and nobody made it void", h -> {
                    int at = told(
                            h,
                            t -> t.outcome().equals(ReceiptJudge.UNSEEN)
                                    && firstFinal(h, t.name()) == Long.MAX_VALUE
                                    && isLast(h, t)
                                    && nothingCame(h, t)
                                    && h.stream()
                                            .noneMatch(e -> e.kind() == Kind.VOIDING
                                                    && ((Inquiring) e).name().equals(t.name())));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.VOID, true, 1));
                }),
                of(Rule.RECEIPT, "an old answer", h -> {
                    int at = Forge.next(h, h.size() / 2, Told.class, t -> t.askedAt() > 0);
                    Told t = (Told) h.get(at);
                    h.set(at, new Told(t.kind(), t.time(), t.who(), t.name(), t.outcome(), t.isFinal(), t.entry(), 1));
                }),
                of(Rule.RECEIPT, "final as is told, and may come", h -> {
                    int at = told(h, t -> t.outcome().equals(ReceiptJudge.UNSEEN));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.UNSEEN, true, -1));
                }),
                of(
                        Rule.VOIDCAME,
                        "what is void comes",
                        h -> {
                            int at = told(h, t -> isFor(t, ReceiptJudge.VOID) && tempted(h, t) >= 0);
                            Forge.comes(h, ((Published) h.get(tempted(h, (Told) h.get(at)))).id());
                        },
                        Set.of(Rule.REFUSED)),
                of(
                        Rule.VOIDCAME,
                        "what is void as AMQP says comes",
                        h -> {
                            int at = told(h, t -> t.outcome().equals(Told.DONE) && tempted(h, t) >= 0);
                            Forge.comes(h, ((Published) h.get(tempted(h, (Told) h.get(at)))).id());
                        },
                        Set.of(Rule.REFUSED)),
                of(Rule.FICKLE, "stored, and then not seen", h -> {
                    int at = told(h, t -> isFor(t, ReceiptJudge.STORED) && firstFinal(h, t.name()) < asked(h, t));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.UNSEEN, false, -1));
                }),
                of(Rule.FICKLE, "two entries", h -> {
                    int at = told(h, t -> isFor(t, ReceiptJudge.STORED) && isToldBefore(h, t) && isLast(h, t));
                    Told t = (Told) h.get(at);
                    h.set(at, as(t, t.outcome(), true, t.entry() + 1));
                }),
                of(Rule.FICKLE, "stored, and to others void", h -> {
                    int at = told(
                            h,
                            t -> isFor(t, ReceiptJudge.STORED)
                                    && isToldBefore(h, t)
                                    && h.stream()
                                            .anyMatch(e -> e.kind() == Kind.VOIDING
                                                    && ((Inquiring) e).name().equals(t.name())
                                                    && e.time() < t.time()));
                    Told t = (Told) h.get(at);
                    h.set(at, as(t, ReceiptJudge.VOID, true, t.entry()));
                }),
                of(
                        Rule.FICKLE,
                        KNOWN_AGAIN,
                        h -> {
                            int at = told(
                                    h,
                                    t -> t.outcome().equals(ReceiptJudge.FORGOTTEN)
                                            && h.subList(0, h.indexOf(t)).stream()
                                                    .anyMatch(e -> e instanceof Told other
                                                            && other.name().equals(t.name())
                                                            && other.outcome().equals(ReceiptJudge.FORGOTTEN)
                                                            && other.time() < asked(h, t)));
                            h.set(at, as((Told) h.get(at), ReceiptJudge.UNSEEN, false, -1));
                        },
                        Set.of(Rule.RECEIPT)),
                of(Rule.FORGOTTEN, "too soon", h -> {
                    int at = told(h, t -> t.outcome().equals(ReceiptJudge.UNSEEN) && isLast(h, t));
                    h.set(at, as((Told) h.get(at), ReceiptJudge.FORGOTTEN, false, -1));
                }),
                of(
                        Rule.FENCED,
                        "confirmed to somebody whose place was taken",
                        h -> {
                            int at =
                                    Forge.first(h, Answered.class, a -> a.kind() == Kind.NACKED && isFenced(h, a.id()));
                            h.set(at, new Answered(Kind.CONFIRMED, h.get(at).time(), ((Answered) h.get(at)).id()));
                        },
                        Set.of(Rule.LOST, Rule.RECEIPT)),
                of(
                        Rule.FENCED,
                        "stored of somebody whose place was taken",
                        h -> {
                            int at = Forge.first(
                                    h,
                                    Published.class,
                                    p -> isFenced(h, p.id())
                                            && !p.queue().contains("+")
                                            && firstFinal(h, p.note(Published.KEY)) == Long.MAX_VALUE
                                            && h.stream()
                                                    .noneMatch(e -> e instanceof Delivered d
                                                            && p.note(Published.KEY)
                                                                    .equals(Forge.published(h, d.id())
                                                                            .note(Published.KEY))));
                            Forge.comes(h, ((Published) h.get(at)).id());
                        },
                        Set.of(Rule.REFUSED)));
    }

    private interface Change {
        void of(List<HistoryEvent> history);
    }

    private static Mutation of(Rule rule, String name, Change change) {
        return of(rule, name, change, Set.of());
    }

    private static Mutation of(Rule rule, String name, Change change, Set<Rule> also) {
        return new Mutation(Feature.RECEIPTS, rule, name, change::of, also);
    }

    private static int told(List<HistoryEvent> h, Predicate<Told> wanted) {
        return Forge.first(h, Told.class, wanted);
    }

    private static Told as(Told t, String outcome, boolean isFinal, long entry) {
        return new Told(t.kind(), t.time(), t.who(), t.name(), outcome, isFinal, entry, t.askedAt());
    }

    private static boolean isFor(Told t, String outcome) {
        return t.isFinal() && t.outcome().equals(outcome);
    }

    /** When it was asked what is told here. */
    private static long asked(List<HistoryEvent> h, Told t) {
        return h.subList(0, h.indexOf(t)).stream()
                .filter(e -> e instanceof Inquiring i && i.who().equals(t.who()))
                .mapToLong(HistoryEvent::time)
                .max()
                .orElseThrow();
    }

    /** When anybody was told that it is final. */
    private static long firstFinal(List<HistoryEvent> h, String name) {
        return h.stream()
                .filter(e -> e instanceof Told t
                        && t.name().equals(name)
                        && (t.isFinal()
                                || t.outcome().equals(Told.DONE)
                                || t.outcome().equals(Told.CAME)))
                .mapToLong(HistoryEvent::time)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private static boolean isLast(List<HistoryEvent> h, Told t) {
        return h.stream()
                .noneMatch(e -> e instanceof Told other && other.name().equals(t.name()) && other.time() > t.time());
    }

    private static long confirmed(List<HistoryEvent> h, String name) {
        return h.stream()
                .filter(e -> e.kind() == Kind.CONFIRMED
                        && name.equals(Forge.published(h, ((Answered) e).id()).note(Published.KEY)))
                .mapToLong(HistoryEvent::time)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private static boolean isToldBefore(List<HistoryEvent> h, Told t) {
        return h.subList(0, h.indexOf(t)).stream()
                .anyMatch(e -> e instanceof Told other
                        && other.isFinal()
                        && other.name().equals(t.name()));
    }

    private static boolean isOf(Published p, Told t) {
        return t.name().equals(p.note(Published.KEY));
    }

    /** Before it was told, and nothing of it came. */
    private static boolean published(List<HistoryEvent> h, Told t) {
        return h.subList(0, h.indexOf(t)).stream().anyMatch(e -> e instanceof Published p && isOf(p, t))
                && nothingCame(h, t);
    }

    private static boolean nothingCame(List<HistoryEvent> h, Told t) {
        return h.stream().noneMatch(e -> e instanceof Delivered d && isOf(Forge.published(h, d.id()), t));
    }

    /** Where something void was published to a single queue; -1: nowhere. */
    private static int tempted(List<HistoryEvent> h, Told t) {
        return IntStream.range(0, h.size())
                .filter(i -> h.get(i) instanceof Published p
                        && isOf(p, t)
                        && !p.queue().contains("+")
                        && !isFenced(h, p.id()))
                .findFirst()
                .orElse(-1);
    }

    /** Whether it was published as a producer whose place was taken after its publisher had published first. */
    private static boolean isFenced(List<HistoryEvent> h, MessageId id) {
        Published p = Forge.published(h, id);
        String producer = ReceiptJudge.producer(p.note(Published.KEY));
        long came = h.get(
                        Forge.first(h, Published.class, o -> o.id().publisher().equals(id.publisher())))
                .time();
        return h.stream()
                .anyMatch(e -> e.kind() == Kind.TAKEN
                        && ((Inquiring) e).name().equals(producer)
                        && e.time() < p.time()
                        && h.get(h.indexOf(e) - 1).time() > came);
    }
}
