package io.tallymq.node.proof.history.choice;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.Forge;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.history.Mutation;
import io.tallymq.node.proof.history.Rule;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Histories of settles that do not hold. */
final class OutcomeMutations {
    private OutcomeMutations() {}

    static List<Mutation> all() {
        return List.of(
                new Mutation(
                        Feature.OUTCOMES,
                        Rule.OUTCOME,
                        "what was acked comes again",
                        h -> {
                            MessageId id = stood(h, "ack");
                            Delivered d = (Delivered) h.get(Forge.first(h, Delivered.class, x -> x.id().equals(id)));
                            int end = h.size() - 1;
                            long t = h.get(end).time();
                            h.add(end, new Delivered(t, "c999.1", d.queue(), id, true, 9, d.crc()));
                            h.add(end + 1, new Answering(Kind.ACKED, t, "c999.1", id));
                        },
                        Set.of(Rule.ACKEDAGAIN)),
                new Mutation(Feature.OUTCOMES, Rule.OUTCOME, "headers that a settle added are gone", h -> {
                    int at = Forge.first(
                            h,
                            Remark.class,
                            r -> r.kind() == Kind.MARKED && r.who().equals("f1.1"));
                    Remark r = (Remark) h.get(at);
                    h.set(at, new Remark(Kind.MARKED, r.time(), r.who(), r.id(), Map.of()));
                }),
                new Mutation(Feature.OUTCOMES, Rule.OUTCOME, "a dead letter is nowhere", h -> {
                    MessageId id = stood(h, "dead-letter");
                    h.removeIf(e -> e instanceof DeadLettered d && d.id().equals(id));
                }),
                new Mutation(Feature.OUTCOMES, Rule.OUTCOME, "a dead letter that nobody wanted", h -> {
                    MessageId id = stood(h, "ack");
                    h.add(h.size() - 1, new DeadLettered(h.get(h.size() - 1).time(), "dead", id));
                }),
                new Mutation(
                        Feature.OUTCOMES,
                        Rule.DEFERRED,
                        "a token finds nothing",
                        h -> {
                            int at = Forge.first(h, Remark.class, r -> r.kind() == Kind.FETCHING);
                            Remark r = (Remark) h.get(at);
                            h.subList(at, h.size())
                                    .removeIf(e -> e instanceof Delivered d && d.id().equals(r.id())
                                            || e instanceof Answering a && a.id().equals(r.id())
                                            || e.kind() == Kind.MARKED
                                                    && ((Remark) e).id().equals(r.id()));
                            h.add(at + 1, new Remark(Kind.MISSED, r.time(), r.who(), r.id(), r.notes()));
                        },
                        Set.of(Rule.LOST)),
                new Mutation(Feature.OUTCOMES, Rule.DEFERRED, "what was put aside comes to somebody", h -> {
                    h.remove(Forge.first(h, Remark.class, r -> r.kind() == Kind.FETCHING));
                }),
                new Mutation(Feature.OUTCOMES, Rule.EARLY, "what rests comes at once", OutcomeMutations::comesAtOnce));
    }

    private static MessageId stood(List<HistoryEvent> h, String outcome) {
        return ((Remark) h.get(
                        Forge.first(h, Remark.class, r -> outcome.equals(r.note(Remark.OUTCOME)) && stands(h, r) > 0)))
                .id();
    }

    /** Where the confirm is; 0 if there is none. */
    private static int stands(List<HistoryEvent> h, Remark settling) {
        for (int i = h.indexOf(settling); i < h.size(); i++) {
            if (h.get(i) instanceof Remark r
                    && r.kind() == Kind.STANDS
                    && r.note(Remark.STEP).equals(settling.note(Remark.STEP))) {
                return i;
            }
        }
        return 0;
    }

    private static void comesAtOnce(List<HistoryEvent> h) {
        int from = Forge.first(
                h,
                Remark.class,
                r -> "release".equals(r.note(Remark.OUTCOME))
                        && r.note(Remark.DELAY) != null
                        && stands(h, r) > 0
                        && again(h, stands(h, r), r.id()) != null);
        Remark settling = (Remark) h.get(from);
        int stands = stands(h, settling);
        Delivered d = again(h, stands, settling.id());
        h.remove(d);
        h.add(
                stands + 1,
                new Delivered(h.get(stands).time(), d.consumer(), d.queue(), d.id(), true, d.count(), d.crc()));
    }

    /** When it comes next, if that is to a channel that lives on. */
    private static Delivered again(List<HistoryEvent> h, int from, MessageId id) {
        return h.subList(from, h.size()).stream()
                .filter(e -> e instanceof Delivered d && d.id().equals(id))
                .map(e -> (Delivered) e)
                .findFirst()
                .filter(d -> Forge.living(h, from).contains(d.consumer()))
                .orElse(null);
    }
}
