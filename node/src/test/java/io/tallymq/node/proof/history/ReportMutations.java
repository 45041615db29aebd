package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Fault;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Reported;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What reports and confirms by all nodes promise, broken. */
final class ReportMutations {
    private ReportMutations() {}

    static List<Mutation> all() {
        return List.of(
                of(Rule.UNREPORTED, "acked, and nobody is told", h -> untold(h, "acked@a")),
                of(Rule.UNREPORTED, "expired, and nobody is told", h -> untold(h, "expired@brief")),
                of(Rule.UNREPORTED, "died, and nobody is told", h -> untold(h, "dead-lettered@dying+acked@after")),
                of(Rule.REPORTEDTWICE, "told by two entries", h -> again(h, 1, true)),
                of(Rule.REPORTEDTWICE, "told twice by one entry", h -> again(h, 0, false)),
                of(Rule.MISREPORTED, "acked, as is told, before anybody did", h -> {
                    int at = reported(h, r -> r.event().equals("acked") && !r.redelivered());
                    Reported r = (Reported) h.get(at);
                    int acked = Forge.first(h, Answering.class, a -> a.id().equals(r.id()));
                    h.remove(at);
                    h.add(acked, told(r, h.get(acked).time(), r.event(), r.entry(), false));
                }),
                of(Rule.MISREPORTED, "told of what never happens", h -> {
                    int at = reported(h, r -> r.event().equals("acked") && r.redelivered());
                    Reported r = (Reported) h.get(at);
                    h.add(at + 1, told(r, r.time(), "dropped", r.entry(), false));
                }),
                of(Rule.MISREPORTED, "told of what nobody published", h -> {
                    int at = reported(h, r -> true);
                    Reported r = (Reported) h.get(at);
                    h.add(
                            at,
                            new Reported(
                                    r.time(), r.who(), r.event(), r.queue(), new MessageId("x", 1), r.entry(), false));
                }),
                of(Rule.MISREPORTED, "told of what was nacked", h -> {
                    MessageId id = Forge.answered(
                            h, Kind.NACKED, p -> p.note(Published.ENDS).startsWith("expired"));
                    int at = reported(h, r -> r.time() > nacked(h, id));
                    h.add(at, new Reported(h.get(at).time(), "r1.1", "expired", "brief", id, 1, false));
                }),
                new Mutation(Feature.COPIES, Rule.NOTALL, "confirmed though a node is away", h -> {
                    int away = Forge.first(h, Fault.class, f -> f.what().startsWith(Fault.AWAY));
                    int published = Forge.next(h, away, Published.class, p -> "all".equals(p.note(Published.CONFIRM)));
                    MessageId id = ((Published) h.get(published)).id();
                    int confirm = Forge.first(h, Answered.class, a -> a.id().equals(id));
                    h.remove(confirm);
                    h.add(
                            published + 1,
                            new Answered(Kind.CONFIRMED, h.get(published).time(), id));
                }),
                new Mutation(Feature.COPIES, Rule.LOST, "confirmed by all, and nowhere", h -> {
                    MessageId id = Forge.answered(h, Kind.CONFIRMED, p -> "all".equals(p.note(Published.CONFIRM)));
                    Forge.lose(h, id);
                }));
    }

    private static Mutation of(Rule rule, String name, Consumer<List<HistoryEvent>> change) {
        return new Mutation(Feature.REPORTS, rule, name, change);
    }

    private static int reported(List<HistoryEvent> h, Predicate<Reported> wanted) {
        return Forge.next(h, h.size() / 3, Reported.class, wanted);
    }

    private static Reported told(Reported r, long time, String event, long entry, boolean redelivered) {
        return new Reported(time, r.who(), event, r.queue(), r.id(), entry, redelivered);
    }

    private static long nacked(List<HistoryEvent> h, MessageId id) {
        return h.get(Forge.first(h, Answered.class, a -> a.id().equals(id))).time();
    }

    /** Of a message with these ends that was confirmed the first is never told. */
    private static void untold(List<HistoryEvent> h, String ends) {
        MessageId id = Forge.answered(h, Kind.CONFIRMED, p -> ends.equals(p.note(Published.ENDS)));
        String event = ends.substring(0, ends.indexOf('@'));
        h.removeIf(
                e -> e instanceof Reported r && r.id().equals(id) && r.event().equals(event));
    }

    private static void again(List<HistoryEvent> h, long later, boolean redelivered) {
        int at = reported(h, r -> !r.redelivered());
        Reported r = (Reported) h.get(at);
        h.add(at + 1, told(r, r.time(), r.event(), r.entry() + later, redelivered));
    }
}
