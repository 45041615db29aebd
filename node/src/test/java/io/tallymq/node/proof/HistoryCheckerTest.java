package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.HistoryEvent.Answered;
import io.tallymq.node.proof.HistoryEvent.Answering;
import io.tallymq.node.proof.HistoryEvent.Channel;
import io.tallymq.node.proof.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.HistoryEvent.Delivered;
import io.tallymq.node.proof.HistoryEvent.Drained;
import io.tallymq.node.proof.HistoryEvent.Kind;
import io.tallymq.node.proof.HistoryEvent.Published;
import io.tallymq.node.proof.Verdict.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
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

    /** A broken history; {@code of} changes a faultless one. */
    private record Mutation(Rule rule, String name, Consumer<List<HistoryEvent>> of) {
        @Override
        public String toString() {
            return rule + ": " + name;
        }
    }

    static Stream<Mutation> mutations() {
        return Stream.concat(publisherMutations(), consumerMutations());
    }

    private static Stream<Mutation> publisherMutations() {
        return Stream.of(
                new Mutation(Rule.LOST, "a confirmed message never comes out", HistoryCheckerTest::lose),
                new Mutation(Rule.NEVERROUTED, "a returned message comes out", h -> {
                    int at = first(h, Published.class, p -> published(h, p.id()) > 50 && answers(h, p.id()) == 1);
                    Published p = (Published) h.get(at);
                    h.add(at + 1, new Answered(Kind.RETURNED, p.time(), p.id()));
                }),
                new Mutation(Rule.CONFIRM, "confirmed twice", h -> {
                    int at = first(h, Answered.class, a -> a.kind() == Kind.CONFIRMED);
                    h.add(at + 1, h.get(at));
                }),
                new Mutation(Rule.CONFIRM, "confirm of nothing", h -> {
                    long t = h.get(100).time();
                    h.add(101, new Answered(Kind.CONFIRMED, t, new MessageId("p0", 1_000_000)));
                }),
                new Mutation(Rule.CONFIRM, "confirmed before it was published", h -> {
                    int at = first(h, Answered.class, a -> a.kind() == Kind.CONFIRMED);
                    h.set(at, new Answered(Kind.CONFIRMED, 0, ((Answered) h.get(at)).id()));
                }),
                new Mutation(Rule.CONFIRM, "returned after its confirm", h -> {
                    int at = first(h, Answered.class, a -> a.kind() == Kind.RETURNED);
                    h.add(at + 1, h.remove(at));
                }),
                new Mutation(
                        Rule.RTORDER,
                        "two publishers' messages swapped",
                        h -> swapFirst(
                                h,
                                (a, b) -> !a.id().publisher().equals(b.id().publisher())
                                        && confirmed(h, a.id()) < published(h, b.id()))));
    }

    private static Stream<Mutation> consumerMutations() {
        return Stream.of(
                new Mutation(Rule.PHANTOM, "never published", h -> {
                    int at = first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.add(at + 1, copy(d, "c0", new MessageId("p9", 7), false, 0));
                }),
                new Mutation(Rule.PHANTOM, "out of another queue", h -> {
                    int at = first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, new Delivered(d.time(), d.consumer(), "other", d.id(), false, 0, d.crc()));
                }),
                new Mutation(Rule.PHANTOM, "a dead letter nobody published", h -> {
                    long t = h.get(100).time();
                    h.add(101, new DeadLettered(t, "dlq", new MessageId("p9", 7)));
                }),
                new Mutation(Rule.CORRUPT, "another body", h -> {
                    int at = first(h, Delivered.class, d -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, new Delivered(d.time(), d.consumer(), d.queue(), d.id(), false, 0, "dead"));
                }),
                new Mutation(
                        Rule.REORDER,
                        "two messages of one publisher swapped",
                        h -> swapFirst(
                                h,
                                (x, y) -> x.consumer().equals(y.consumer())
                                        && x.id().publisher().equals(y.id().publisher()))),
                new Mutation(Rule.SILENTDUP, "delivered twice in a row", h -> {
                    int at = first(h, Delivered.class, d -> true);
                    h.add(at + 1, h.get(at));
                }),
                new Mutation(Rule.SILENTDUP, "redelivered without the flag", h -> {
                    // To a channel that gets a reply later: one that dies without may get what is late.
                    int at = deliveries(h, Delivered::redelivered).stream()
                            .filter(i -> h.subList(i, h.size()).stream()
                                    .anyMatch(e -> e.kind() == Kind.SETTLED
                                            && ((Channel) e).consumer().equals(((Delivered) h.get(i)).consumer())))
                            .findFirst()
                            .orElseThrow();
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, copy(d, d.consumer(), d.id(), false, d.count()));
                }),
                new Mutation(Rule.ACKEDAGAIN, "comes again after its ack was applied", HistoryCheckerTest::comeAgain),
                new Mutation(Rule.COUNT, "the count falls", h -> {
                    int at = first(h, Delivered.class, d -> d.count() == 1);
                    Delivered again = (Delivered) h.get(at);
                    int before = first(h, Delivered.class, d -> d.id().equals(again.id()));
                    Delivered d = (Delivered) h.get(before);
                    h.set(before, copy(d, d.consumer(), d.id(), d.redelivered(), 9));
                }),
                new Mutation(Rule.TWOHOLDERS, "two living consumers hold one message", h -> {
                    Set<String> lost = h.stream()
                            .filter(e -> e.kind() == Kind.GONE)
                            .map(e -> ((Channel) e).consumer())
                            .collect(Collectors.toSet());
                    int at = first(h, Delivered.class, d -> !lost.contains(d.consumer()));
                    Delivered d = (Delivered) h.get(at);
                    h.add(at + 1, copy(d, "robber", d.id(), true, d.count()));
                }),
                new Mutation(Rule.LEFTOVER, "messages left after the drain", h -> {
                    Drained z = (Drained) h.remove(h.size() - 1);
                    h.add(new Drained(z.time(), z.queue(), 5));
                }));
    }

    private static void lose(List<HistoryEvent> h) {
        MessageId id = ((Answered)
                        h.get(first(h, Answered.class, a -> a.kind() == Kind.CONFIRMED && answers(h, a.id()) == 1)))
                .id();
        h.removeIf(e -> e instanceof Delivered d && d.id().equals(id) || e instanceof Answering a && a.id().equals(id));
    }

    /** Swaps the first two that fit and were both published before either was delivered. */
    private static void swapFirst(List<HistoryEvent> h, BiPredicate<Delivered, Delivered> fits) {
        List<Integer> places = deliveries(h, e -> !e.redelivered());
        for (int i = 0; i < places.size(); i++) {
            Delivered a = (Delivered) h.get(places.get(i));
            for (int j = i + 1; j < Math.min(places.size(), i + 100); j++) {
                Delivered b = (Delivered) h.get(places.get(j));
                if (fits.test(a, b) && published(h, b.id()) < places.get(i)) {
                    swap(h, places.get(i), places.get(j));
                    return;
                }
            }
        }
        throw new AssertionError("the sample has no two messages to swap");
    }

    private static void comeAgain(List<HistoryEvent> h) {
        int at = first(h, Channel.class, c -> c.kind() == Kind.SETTLED);
        String consumer = ((Channel) h.get(at)).consumer();
        MessageId id = h.subList(0, at).stream()
                .filter(e ->
                        e.kind() == Kind.ACKED && ((Answering) e).consumer().equals(consumer))
                .map(e -> ((Answering) e).id())
                .findFirst()
                .orElseThrow();
        Delivered d = (Delivered) h.get(first(h, Delivered.class, e -> e.id().equals(id)));
        h.add(h.size() - 1, copy(d, "c999", id, true, d.count() + 1));
    }

    private static <E extends HistoryEvent> int first(List<HistoryEvent> h, Class<E> type, Predicate<E> wanted) {
        return IntStream.range(0, h.size())
                .filter(i -> type.isInstance(h.get(i)) && wanted.test(type.cast(h.get(i))))
                .findFirst()
                .orElseThrow();
    }

    private static List<Integer> deliveries(List<HistoryEvent> h, Predicate<Delivered> wanted) {
        return IntStream.range(0, h.size())
                .filter(i -> h.get(i) instanceof Delivered d && wanted.test(d))
                .boxed()
                .toList();
    }

    private static Delivered copy(Delivered d, String consumer, MessageId id, boolean redelivered, long count) {
        return new Delivered(d.time(), consumer, d.queue(), id, redelivered, count, d.crc());
    }

    /** What came at one place comes at the other; the times stay. */
    private static void swap(List<HistoryEvent> h, int i, int j) {
        Delivered a = (Delivered) h.get(i);
        Delivered b = (Delivered) h.get(j);
        h.set(i, new Delivered(a.time(), a.consumer(), b.queue(), b.id(), b.redelivered(), b.count(), b.crc()));
        h.set(j, new Delivered(b.time(), b.consumer(), a.queue(), a.id(), a.redelivered(), a.count(), a.crc()));
    }

    private static int published(List<HistoryEvent> h, MessageId id) {
        return first(h, Published.class, p -> p.id().equals(id));
    }

    private static int confirmed(List<HistoryEvent> h, MessageId id) {
        return IntStream.range(0, h.size())
                .filter(i -> h.get(i).kind() == Kind.CONFIRMED
                        && ((Answered) h.get(i)).id().equals(id))
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }

    private static long answers(List<HistoryEvent> h, MessageId id) {
        return h.stream()
                .filter(e -> e instanceof Answered a && a.id().equals(id))
                .count();
    }

    private static List<HistoryEvent> sample() {
        return new ArrayList<>(SampleHistory.of(MESSAGES, 1));
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void convictsFor(Mutation mutation) {
        List<HistoryEvent> history = sample();
        mutation.of.accept(history);
        Verdict verdict = HistoryChecker.check(history, true);
        assertEquals(Outcome.INVALID, verdict.outcome(), verdict::toString);
        assertTrue(verdict.violations().containsKey(mutation.rule), verdict::toString);
    }

    /** Where ways differ in length nothing is said of the order, and everything else is. */
    @ParameterizedTest
    @MethodSource("mutations")
    void withoutOrderItConvictsForAllElse(Mutation mutation) {
        List<HistoryEvent> history = sample();
        mutation.of.accept(history);
        boolean ofOrder = mutation.rule == Rule.REORDER || mutation.rule == Rule.RTORDER;
        Verdict verdict = HistoryChecker.check(history, HistoryChecker.Order.NONE);
        assertEquals(ofOrder ? Outcome.VALID : Outcome.INVALID, verdict.outcome(), verdict::toString);
        assertEquals(!ofOrder, verdict.violations().containsKey(mutation.rule), verdict::toString);
    }

    @Test
    void everyRuleIsBrokenOnce() {
        Set<Rule> broken =
                mutations().map(Mutation::rule).collect(Collectors.toCollection(() -> EnumSet.noneOf(Rule.class)));
        assertEquals(EnumSet.allOf(Rule.class), broken);
    }

    @Test
    void faultlessHistoriesAreValid() {
        for (long seed = 1; seed <= 20; seed++) {
            Verdict verdict = HistoryChecker.check(SampleHistory.of(MESSAGES, seed), true);
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
        Verdict verdict = HistoryChecker.check(history, true);
        assertEquals(Outcome.VALID, verdict.outcome(), verdict::toString);
        assertTrue(verdict.count("late") > 0, verdict::toString);
    }

    @Test
    void lateDeliveryToAChannelThatAnswersAfterwardsIsAViolation() {
        List<HistoryEvent> history = sample();
        late(history);
        long time = history.get(history.size() - 1).time();
        history.add(history.size() - 1, new Channel(Kind.SETTLED, time, "late"));
        history.add(history.size() - 1, new Channel(Kind.GONE, time, "late"));
        Verdict verdict = HistoryChecker.check(history, true);
        assertTrue(verdict.violations().containsKey(Rule.SILENTDUP), verdict::toString);
    }

    private static void late(List<HistoryEvent> h) {
        Delivered d = (Delivered) h.get(first(h, Delivered.class, e -> true));
        h.add(h.size() - 1, copy(d, "late", d.id(), false, d.count()));
    }

    @Test
    void historyWithoutDrainIsUnknown() {
        List<HistoryEvent> history = sample();
        history.remove(history.size() - 1);
        assertEquals(Outcome.UNKNOWN, HistoryChecker.check(history, true).outcome());
    }

    @Test
    void historyWithoutConfirmIsUnknown() {
        assertEquals(
                Outcome.UNKNOWN,
                HistoryChecker.check(List.of(new Drained(1, "q", 0)), true).outcome());
    }

    @Test
    void fileSaysTheSameAsTheEvents(@TempDir Path dir) throws Exception {
        List<HistoryEvent> history = sample();
        Path file = dir.resolve("history");
        Files.write(file, history.stream().map(HistoryFormat::line).toList());
        assertEquals(history, Files.lines(file).map(HistoryFormat::event).toList());
        Verdict verdict = HistoryChecker.check(file, true);
        assertEquals(HistoryChecker.check(history, true).counts(), verdict.counts());
        assertTrue(verdict.valid(), verdict::toString);
    }

    @Test
    void damagedLineIsNamed() {
        var error = assertThrows(IllegalArgumentException.class, () -> HistoryFormat.event("P 12 p0"));
        assertEquals("not a line of a history: P 12 p0", error.getMessage());
    }
}
