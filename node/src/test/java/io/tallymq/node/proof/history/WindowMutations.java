package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Times;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What names promise that are remembered for a short time, broken. */
final class WindowMutations {
    private WindowMutations() {}

    static List<Mutation> all() {
        List<Mutation> all = new ArrayList<>();
        for (Feature f : List.of(Feature.WINDOWS, Feature.RETENTION)) {
            all.addAll(of(f));
        }
        String nobody = "forgotten, where nothing ever was";
        all.add(new Mutation(Feature.RETENTION, Rule.FORGOTTEN, nobody, h -> {
            int at = told(h, t -> t.outcome().equals(ReceiptJudge.FORGOTTEN));
            Told t = (Told) h.get(at);
            h.set(at, open(t, t.outcome(), 0));
        }));
        all.add(new Mutation(
                Feature.WINDOWS,
                Rule.LOST,
                "confirmed when it was forgotten, and not stored",
                h -> Forge.lose(h, again(h, true)),
                Set.of(Rule.RECEIPT)));
        all.add(new Mutation(Feature.RETENTION, Rule.FORGOTTEN, "not seen, and it came once", h -> {
            int at = told(h, t -> t.outcome().equals(ReceiptJudge.FORGOTTEN) && floor(h, t) != null);
            Told t = (Told) h.get(at);
            h.set(at, open(t, ReceiptJudge.UNSEEN, t.times().since()));
        }));
        all.add(new Mutation(
                Feature.RETENTION,
                Rule.DUPLICATE,
                "stored again, long after it was forgotten",
                h -> Forge.comes(h, confirmedLate(h)),
                Set.of(Rule.FORGOTTEN)));
        all.add(new Mutation(Feature.WINDOWS, Rule.RECEIPT, "forgotten, which no id ever is", h -> {
            int at = told(h, t -> t.outcome().equals(ReceiptJudge.UNSEEN));
            Told t = (Told) h.get(at);
            h.set(at, open(t, ReceiptJudge.FORGOTTEN, t.times().since()));
        }));
        return all;
    }

    private static List<Mutation> of(Feature f) {
        Consumer<List<HistoryEvent>> tooSoon = h -> {
            int at = knownAgain(h, ReceiptJudge.STORED);
            Told t = (Told) h.get(at);
            h.set(at, open(t, forgotten(f), t.times().since()));
        };
        return List.of(
                new Mutation(f, Rule.FORGOTTEN, "before its time is over", tooSoon),
                new Mutation(f, Rule.FORGOTTEN, "before its time is over, and a time is told that fits", h -> {
                    int at = knownAgain(h, ReceiptJudge.STORED);
                    Told t = (Told) h.get(at);
                    h.set(at, open(t, forgotten(f), t.times().decided() + 1));
                }),
                new Mutation(f, Rule.FORGOTTEN, "a void, before its time is over", h -> {
                    int at = knownAgain(h, ReceiptJudge.VOID);
                    Told t = (Told) h.get(at);
                    h.set(at, open(t, forgotten(f), t.times().since()));
                }),
                new Mutation(f, Rule.FORGOTTEN, "what is known as it says", h -> {
                    int at = told(h, t -> isOpen(t) && floor(h, t) != null);
                    Told t = (Told) h.get(at);
                    h.set(at, open(t, t.outcome(), floor(h, t).times().decided()));
                }),
                new Mutation(
                        f,
                        Rule.FORGOTTEN,
                        "decided anew, too soon",
                        h -> {
                            int at = knownAgain(h, ReceiptJudge.STORED);
                            Told t = (Told) h.get(at);
                            Times times = new Times(
                                    t.times().decided() + 1,
                                    t.times().since(),
                                    t.times().now());
                            h.set(at, as(t, t.outcome(), true, t.askedAt(), times));
                        },
                        Set.of(Rule.RECEIPT)),
                new Mutation(f, Rule.FORGOTTEN, "what was stored before, and of which nobody was told", h -> {
                    tooSoon.accept(h);
                    Told t = (Told) h.get(told(h, x -> isOpen(x) && x.entry() == -2));
                    h.removeIf(e -> e instanceof Told o && o.name().equals(t.name()) && o.isFinal());
                }),
                new Mutation(
                        f,
                        Rule.DUPLICATE,
                        "stored again, too soon",
                        h -> Forge.comes(h, again(h, false)),
                        Set.of(Rule.FORGOTTEN)),
                new Mutation(
                        f,
                        Rule.VOIDCAME,
                        "what is void comes",
                        h -> {
                            int at = told(
                                    h,
                                    t -> t.outcome().equals(ReceiptJudge.VOID)
                                            && t.entry() >= 0
                                            && tempted(h, t) != null);
                            Forge.comesAt(h, tempted(h, (Told) h.get(at)));
                        },
                        Set.of(Rule.REFUSED)),
                new Mutation(f, Rule.FICKLE, "one entry, told in two ways", h -> {
                    int at = knownAgain(h, ReceiptJudge.STORED);
                    Told t = (Told) h.get(at);
                    Times times = new Times(
                            t.times().decided() + 1,
                            t.times().since(),
                            t.times().now());
                    h.set(at, as(t, t.outcome(), true, t.entry(), times));
                }));
    }

    private static String forgotten(Feature f) {
        return f == Feature.WINDOWS ? ReceiptJudge.UNSEEN : ReceiptJudge.FORGOTTEN;
    }

    private static int told(List<HistoryEvent> h, Predicate<Told> wanted) {
        return Forge.first(h, Told.class, wanted);
    }

    private static Told as(Told t, String outcome, boolean isFinal, long entry, Times times) {
        return new Told(t.kind(), t.time(), t.who(), t.name(), outcome, isFinal, entry, t.askedAt(), times);
    }

    /** An entry of -2, by which it is found again. */
    private static Told open(Told t, String outcome, long since) {
        return as(t, outcome, false, -2, new Times(-1, since, t.times().now()));
    }

    private static boolean isOpen(Told t) {
        return !t.isFinal();
    }

    /** What the same name was decided to be last before, as is told. */
    private static Told floor(List<HistoryEvent> h, Told t) {
        return h.stream()
                .filter(e ->
                        e instanceof Told o && o.name().equals(t.name()) && o.isFinal() && o.entry() <= t.askedAt())
                .map(Told.class::cast)
                .reduce((a, b) -> b.entry() > a.entry() ? b : a)
                .orElse(null);
    }

    /** Where something is told for the second time, in the middle. */
    private static int knownAgain(List<HistoryEvent> h, String outcome) {
        return Forge.next(
                h,
                h.size() / 2,
                Told.class,
                t -> t.isFinal()
                        && t.entry() >= 0
                        && t.outcome().equals(outcome)
                        && h.subList(0, h.indexOf(t)).stream()
                                .anyMatch(e ->
                                        e instanceof Told o && o.name().equals(t.name()) && o.entry() == t.entry()));
    }

    /** A publish of a name that came before, to one queue, which was confirmed; and was stored, or not. */
    private static MessageId again(List<HistoryEvent> h, boolean isStored) {
        return Forge.answered(
                h,
                Kind.CONFIRMED,
                p -> !p.queue().contains("+")
                        && h.stream()
                                .anyMatch(e -> e instanceof Published o
                                        && o.time() < p.time()
                                        && o.note(Published.KEY).equals(p.note(Published.KEY))
                                        && came(h, o.id()))
                        && came(h, p.id()) == isStored);
    }

    /** A publish to one queue that was confirmed and not stored, for its name came long before. */
    private static MessageId confirmedLate(List<HistoryEvent> h) {
        return Forge.answered(
                h,
                Kind.CONFIRMED,
                p -> !p.queue().contains("+")
                        && h.stream()
                                .anyMatch(e -> e instanceof Published o
                                        && o.time() < p.time() - Feature.RETENTION_MILLIS * 2_000_000L
                                        && o.note(Published.KEY).equals(p.note(Published.KEY))
                                        && came(h, o.id()))
                        && !came(h, p.id()));
    }

    private static boolean came(List<HistoryEvent> h, MessageId id) {
        return h.stream().anyMatch(e -> e instanceof HistoryEvent.Delivered d && d.id().equals(id));
    }

    /** What was published to a single queue soon after it was told to be void, and was nacked. */
    private static MessageId tempted(List<HistoryEvent> h, Told t) {
        return h.stream()
                .filter(e -> e instanceof Published p
                        && p.note(Published.KEY).equals(t.name())
                        && !p.queue().contains("+")
                        && p.time() > t.time()
                        && p.time() < t.time() + 2_000_000_000L
                        && h.stream()
                                .anyMatch(a -> a.kind() == Kind.NACKED
                                        && ((Answered) a).id().equals(p.id())))
                .map(e -> ((Published) e).id())
                .findFirst()
                .orElse(null);
    }
}
