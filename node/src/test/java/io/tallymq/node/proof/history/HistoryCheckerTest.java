package io.tallymq.node.proof.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.Verdict.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A judge that never convicts proves nothing: every rule is broken once, in an otherwise faultless history, and must be named. */
class HistoryCheckerTest {
    private static final int MESSAGES = 2_000;

    static Stream<Mutation> mutations() {
        return Stream.concat(publisherMutations(), consumerMutations());
    }

    private static Stream<Mutation> publisherMutations() {
        return Stream.of(
                new Mutation(null, Rule.LOST, "a confirmed message never comes out", HistoryCheckerTest::lose),
                new Mutation(null, Rule.LOST, "what a lost consumer had does not come again", h -> {
                    int gone = Forge.first(
                            h,
                            Channel.class,
                            c -> c.kind() == Kind.GONE
                                    && !Forge.held(h, h.indexOf(c), c.consumer())
                                            .isEmpty());
                    MessageId id = Forge.held(h, gone, ((Channel) h.get(gone)).consumer()).stream()
                            .filter(i -> confirmed(h, i) < Integer.MAX_VALUE)
                            .findFirst()
                            .orElseThrow();
                    Forge.lose(h.subList(gone, h.size()), id);
                }),
                new Mutation(null, Rule.REFUSED, "a nacked message comes out", h -> {
                    MessageId id = Forge.answered(h, Kind.NACKED, p -> true);
                    Forge.comes(h, id);
                }),
                new Mutation(null, Rule.NEVERROUTED, "a returned message comes out", h -> {
                    int at = Forge.first(
                            h, Published.class, p -> published(h, p.id()) > 50 && Forge.answers(h, p.id()) == 1);
                    Published p = (Published) h.get(at);
                    h.add(at + 1, new Answered(Kind.RETURNED, p.time(), p.id()));
                }),
                new Mutation(null, Rule.CONFIRM, "confirmed twice", h -> {
                    int at = Forge.first(h, Answered.class, a -> a.kind() == Kind.CONFIRMED);
                    h.add(at + 1, h.get(at));
                }),
                new Mutation(null, Rule.CONFIRM, "confirm of nothing", h -> {
                    long t = h.get(100).time();
                    h.add(101, new Answered(Kind.CONFIRMED, t, new MessageId("p0", 1_000_000)));
                }),
                new Mutation(null, Rule.CONFIRM, "confirmed before it was published", h -> {
                    int at = Forge.first(h, Answered.class, a -> a.kind() == Kind.CONFIRMED);
                    h.set(at, new Answered(Kind.CONFIRMED, 0, ((Answered) h.get(at)).id()));
                }),
                new Mutation(null, Rule.CONFIRM, "returned after its confirm", h -> {
                    int at = Forge.first(h, Answered.class, a -> a.kind() == Kind.RETURNED);
                    h.add(at + 1, h.remove(at));
                }),
                new Mutation(
                        null,
                        Rule.RTORDER,
                        "two publishers' messages swapped",
                        h -> Forge.swapFirst(
                                h,
                                d -> !d.redelivered(),
                                (a, b) -> !a.id().publisher().equals(b.id().publisher())
                                        && confirmed(h, a.id()) < published(h, b.id()))));
    }

    private static Stream<Mutation> consumerMutations() {
        return Stream.of(
                new Mutation(null, Rule.PHANTOM, "never published", h -> {
                    int at = Forge.first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.add(at + 1, Forge.copy(d, "c0", new MessageId("p9", 7), false, 0));
                }),
                new Mutation(null, Rule.PHANTOM, "out of another queue", h -> {
                    int at = Forge.first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, new Delivered(d.time(), d.consumer(), "other", d.id(), false, 0, d.crc()));
                }),
                new Mutation(null, Rule.PHANTOM, "a dead letter nobody published", h -> {
                    long t = h.get(100).time();
                    h.add(101, new DeadLettered(t, "dlq", new MessageId("p9", 7)));
                }),
                new Mutation(null, Rule.CORRUPT, "another body", h -> {
                    int at = Forge.first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, new Delivered(d.time(), d.consumer(), d.queue(), d.id(), false, 0, "dead"));
                }),
                new Mutation(
                        null,
                        Rule.REORDER,
                        "two messages of one publisher swapped",
                        h -> Forge.swapFirst(
                                h,
                                d -> !d.redelivered(),
                                (x, y) -> x.consumer().equals(y.consumer())
                                        && x.id().publisher().equals(y.id().publisher()))),
                new Mutation(null, Rule.SILENTDUP, "delivered twice in a row", h -> {
                    int at = Forge.first(h, Delivered.class, d -> true);
                    h.add(at + 1, h.get(at));
                }),
                new Mutation(null, Rule.SILENTDUP, "redelivered without the flag", h -> {
                    int at = Forge.first(h, Delivered.class, d -> d.redelivered() && repliesLater(h, d));
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, Forge.copy(d, d.consumer(), d.id(), false, d.count()));
                }),
                new Mutation(
                        null, Rule.ACKEDAGAIN, "comes again after its ack was applied", HistoryCheckerTest::comeAgain),
                new Mutation(null, Rule.COUNT, "the count falls", h -> {
                    int at = Forge.first(h, Delivered.class, d -> d.count() == 1 && repliesLater(h, d));
                    Delivered again = (Delivered) h.get(at);
                    int before = Forge.first(h, Delivered.class, d -> d.id().equals(again.id()));
                    Delivered d = (Delivered) h.get(before);
                    h.set(before, Forge.copy(d, d.consumer(), d.id(), d.redelivered(), 9));
                }),
                new Mutation(null, Rule.TWOHOLDERS, "two living consumers hold one message", h -> {
                    Set<String> lost = h.stream()
                            .filter(e -> e.kind() == Kind.GONE)
                            .map(e -> ((Channel) e).consumer())
                            .collect(Collectors.toSet());
                    int at = Forge.first(h, Delivered.class, d -> !lost.contains(d.consumer()));
                    Delivered d = (Delivered) h.get(at);
                    h.add(at + 1, Forge.copy(d, "robber", d.id(), true, d.count()));
                }),
                new Mutation(null, Rule.LEFTOVER, "messages left after the drain", h -> {
                    Drained z = (Drained) h.remove(h.size() - 1);
                    h.add(new Drained(z.time(), z.queue(), 5));
                }));
    }

    /** One that dies without may get what is late. */
    private static boolean repliesLater(List<HistoryEvent> h, Delivered d) {
        return h.subList(h.indexOf(d), h.size()).stream()
                .anyMatch(e ->
                        e.kind() == Kind.SETTLED && ((Channel) e).consumer().equals(d.consumer()));
    }

    private static void lose(List<HistoryEvent> h) {
        MessageId id = ((Answered) h.get(Forge.first(
                        h, Answered.class, a -> a.kind() == Kind.CONFIRMED && Forge.answers(h, a.id()) == 1)))
                .id();
        h.removeIf(e -> e instanceof Delivered d && d.id().equals(id) || e instanceof Answering a && a.id().equals(id));
    }

    private static void comeAgain(List<HistoryEvent> h) {
        int at = Forge.first(h, Channel.class, c -> c.kind() == Kind.SETTLED);
        String consumer = ((Channel) h.get(at)).consumer();
        MessageId id = h.subList(0, at).stream()
                .filter(e ->
                        e.kind() == Kind.ACKED && ((Answering) e).consumer().equals(consumer))
                .map(e -> ((Answering) e).id())
                .findFirst()
                .orElseThrow();
        Delivered d = (Delivered) h.get(Forge.first(h, Delivered.class, e -> e.id().equals(id)));
        h.add(h.size() - 1, Forge.copy(d, "c999", id, true, d.count() + 1));
    }

    private static int published(List<HistoryEvent> h, MessageId id) {
        return Forge.first(h, Published.class, p -> p.id().equals(id));
    }

    private static int confirmed(List<HistoryEvent> h, MessageId id) {
        return IntStream.range(0, h.size())
                .filter(i -> h.get(i).kind() == Kind.CONFIRMED
                        && ((Answered) h.get(i)).id().equals(id))
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }

    private static List<HistoryEvent> sample() {
        return new ArrayList<>(SampleHistory.of(MESSAGES, 1));
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void convictsFor(Mutation mutation) {
        List<HistoryEvent> history = sample();
        mutation.of().accept(history);
        Verdict verdict = HistoryChecker.check(history, Order.REAL_TIME);
        assertEquals(Outcome.INVALID, verdict.outcome(), verdict::toString);
        assertTrue(verdict.violations().containsKey(mutation.rule()), verdict::toString);
    }

    /** Where ways differ in length nothing is said of the order, and everything else is. */
    @ParameterizedTest
    @MethodSource("mutations")
    void withoutOrderItConvictsForAllElse(Mutation mutation) {
        List<HistoryEvent> history = sample();
        mutation.of().accept(history);
        boolean ofOrder = mutation.rule() == Rule.REORDER || mutation.rule() == Rule.RTORDER;
        Verdict verdict = HistoryChecker.check(history, Order.NONE);
        assertEquals(ofOrder ? Outcome.VALID : Outcome.INVALID, verdict.outcome(), verdict::toString);
        assertEquals(!ofOrder, verdict.violations().containsKey(mutation.rule()), verdict::toString);
    }

    @Test
    void everyRuleIsBrokenOnce() {
        Set<Rule> broken = Stream.concat(mutations(), FeatureJudgesTest.mutations())
                .map(Mutation::rule)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Rule.class)));
        assertEquals(EnumSet.allOf(Rule.class), broken);
    }

    @Test
    void faultlessHistoriesAreValid() {
        for (long seed = 1; seed <= 20; seed++) {
            Verdict verdict = HistoryChecker.check(SampleHistory.of(MESSAGES, seed), Order.REAL_TIME);
            assertEquals(Outcome.VALID, verdict.outcome(), verdict::toString);
            assertEquals(MESSAGES, verdict.count("published"));
            assertTrue(verdict.count("redelivered") > 0 && verdict.count("unanswered") > 0, verdict::toString);
        }
    }

    /** Its bytes were on their way when the broker gave the channel up, and somebody else had the message before they came. */
    @Test
    void lateDeliveryToALostChannelIsNoViolation() {
        List<HistoryEvent> history = sample();
        late(history);
        history.add(
                history.size() - 1,
                new Channel(Kind.GONE, history.get(history.size() - 1).time(), "late"));
        Verdict verdict = HistoryChecker.check(history, Order.REAL_TIME);
        assertEquals(Outcome.VALID, verdict.outcome(), verdict::toString);
        assertTrue(verdict.count("late") > 0, verdict::toString);
    }

    @Test
    void lateDeliveryToAChannelThatAnswersAfterwardsIsAViolation() {
        List<HistoryEvent> history = sample();
        late(history);
        long time = history.get(history.size() - 1).time();
        history.add(history.size() - 1, new Channel(Kind.ASKED, time, "late"));
        history.add(history.size() - 1, new Channel(Kind.SETTLED, time, "late"));
        history.add(history.size() - 1, new Channel(Kind.GONE, time, "late"));
        Verdict verdict = HistoryChecker.check(history, Order.REAL_TIME);
        assertTrue(verdict.violations().containsKey(Rule.SILENTDUP), verdict::toString);
    }

    private static void late(List<HistoryEvent> h) {
        Delivered d = (Delivered) h.get(Forge.first(h, Delivered.class, e -> true));
        h.add(h.size() - 1, Forge.copy(d, "late", d.id(), false, d.count()));
    }

    @Test
    void historyWithoutDrainIsUnknown() {
        List<HistoryEvent> history = sample();
        history.remove(history.size() - 1);
        assertEquals(
                Outcome.UNKNOWN, HistoryChecker.check(history, Order.REAL_TIME).outcome());
    }

    @Test
    void historyWithoutConfirmIsUnknown() {
        assertEquals(
                Outcome.UNKNOWN,
                HistoryChecker.check(List.of(new Drained(1, "q", 0)), Order.REAL_TIME)
                        .outcome());
    }

    @Test
    void fileSaysTheSameAsTheEvents(@TempDir Path dir) throws Exception {
        List<HistoryEvent> history = sample();
        Path file = dir.resolve("history");
        Files.write(file, history.stream().map(HistoryFormat::line).toList());
        assertEquals(history, Files.lines(file).map(HistoryFormat::event).toList());
        Verdict verdict = HistoryChecker.check(file, Order.REAL_TIME);
        assertEquals(HistoryChecker.check(history, Order.REAL_TIME).counts(), verdict.counts());
        assertTrue(verdict.valid(), verdict::toString);
    }

    @Test
    void damagedLineIsNamed() {
        var error = assertThrows(IllegalArgumentException.class, () -> HistoryFormat.event("P 12 p0"));
        assertEquals("not a line of a history: P 12 p0", error.getMessage());
    }
}
