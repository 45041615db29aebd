package io.tallymq.node.proof.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.HistoryEvent.Answered;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Channel;
import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import io.tallymq.node.proof.history.HistoryEvent.Read;
import io.tallymq.node.proof.history.HistoryEvent.Reading;
import io.tallymq.node.proof.history.Verdict.Outcome;
import io.tallymq.node.proof.history.choice.ChoiceMutations;
import io.tallymq.node.proof.history.choice.SampleChoices;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The judges of features convict: each promise is broken in an otherwise faultless history, and that rule must be named and no other.
 */
class FeatureJudgesTest {
    private static final int SEEDS = 6;

    static Stream<Mutation> mutations() {
        return Stream.of(
                        holders(),
                        times(),
                        copies(),
                        streams(),
                        counts(),
                        RoutesMutations.all(),
                        ReceiptMutations.all(),
                        WindowMutations.all(),
                        ReportMutations.all(),
                        ChoiceMutations.all())
                .flatMap(List::stream);
    }

    // ---- who may have what

    private static List<Mutation> holders() {
        return List.of(
                new Mutation(Feature.GROUPS, Rule.GROUPHOLDERS, "two living consumers have one group", h -> {
                    int at = beside(h, (d, held) -> held.stream().anyMatch(other -> sameGroup(h, d.id(), other)));
                    Forge.move(h, at, other(h, at));
                }),
                new Mutation(
                        Feature.GROUPS,
                        Rule.GROUPORDER,
                        "two messages of a group swapped",
                        h -> Forge.swapFirst(
                                h,
                                d -> !d.redelivered(),
                                (a, b) -> a.consumer().equals(b.consumer()) && sameGroup(h, a.id(), b.id()))),
                new Mutation(
                        Feature.GROUPS,
                        Rule.GROUPORDER,
                        "what was not acked comes after what follows it",
                        h -> Forge.swapFirst(
                                h,
                                d -> d.redelivered() && lives(h, d),
                                (a, b) -> a.consumer().equals(b.consumer()) && sameGroup(h, a.id(), b.id()))),
                new Mutation(Feature.SINGLE, Rule.SINGLEACTIVE, "a second consumer is at work", h -> {
                    int at = beside(h, (d, held) -> !held.isEmpty());
                    Forge.move(h, at, other(h, at));
                }),
                new Mutation(
                        Feature.SINGLE,
                        Rule.RTORDER,
                        "two publishers' messages swapped",
                        h -> Forge.swapFirst(
                                h,
                                d -> !d.redelivered(),
                                (a, b) -> !a.id().publisher().equals(b.id().publisher())
                                        && confirmed(h, a.id())
                                                < Forge.published(h, b.id()).time())));
    }

    private interface Beside {
        boolean fits(Delivered delivered, Set<MessageId> held);
    }

    /** A first delivery to a consumer that lives and holds what fits. */
    private static int beside(List<HistoryEvent> h, Beside beside) {
        Set<String> living = Forge.living(h, h.size() / 2);
        return Forge.first(
                h,
                Delivered.class,
                d -> !d.redelivered()
                        && living.contains(d.consumer())
                        && acks(h, d)
                        && beside.fits(d, Forge.held(h, h.indexOf(d), d.consumer())));
    }

    private static boolean acks(List<HistoryEvent> h, Delivered d) {
        int at = Forge.next(h, h.indexOf(d), Answering.class, a -> a.id().equals(d.id()));
        return h.get(at).kind() == Kind.ACKED;
    }

    private static String other(List<HistoryEvent> h, int at) {
        String one = ((Delivered) h.get(at)).consumer();
        return Forge.living(h, at).stream()
                .filter(c -> !c.equals(one))
                .findFirst()
                .orElseThrow();
    }

    private static boolean sameGroup(List<HistoryEvent> h, MessageId a, MessageId b) {
        String group = Forge.published(h, a).note(Published.GROUP);
        return group.equals(Forge.published(h, b).note(Published.GROUP));
    }

    private static long confirmed(List<HistoryEvent> h, MessageId id) {
        return h.stream()
                .filter(e -> e.kind() == Kind.CONFIRMED && ((Answered) e).id().equals(id))
                .mapToLong(HistoryEvent::time)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    // ---- when

    private static List<Mutation> times() {
        return List.of(
                new Mutation(Feature.TIMEOUT, Rule.TIMEOUT, "who holds a message for ever is not cancelled", h -> {
                    int at = Forge.first(h, Channel.class, c -> c.kind() == Kind.CANCELLED);
                    String channel = ((Channel) h.get(at)).consumer();
                    h.removeIf(e -> e instanceof Channel c
                            && c.consumer().equals(channel)
                            && (c.kind() == Kind.CANCELLED || c.kind() == Kind.CLOSED));
                }),
                new Mutation(Feature.TIMEOUT, Rule.TIMEOUT, "cancelled for nothing", h -> {
                    int at = Forge.first(h, Delivered.class, d -> true);
                    h.add(at + 1, new Channel(Kind.CANCELLED, h.get(at).time(), ((Delivered) h.get(at)).consumer()));
                }),
                new Mutation(
                        Feature.TIMEOUT,
                        Rule.TIMEOUT,
                        "what was taken from a consumer comes to nobody",
                        FeatureJudgesTest::neverAgain,
                        Set.of(Rule.LOST)),
                new Mutation(Feature.TIMEOUT, Rule.TWOHOLDERS, "taken from a consumer that is in time", h -> {
                    int at = beside(h, (d, held) -> true);
                    Delivered d = (Delivered) h.get(at);
                    h.add(at + 1, Forge.copy(d, other(h, at), d.id(), true, 1));
                    h.add(at + 2, new Answering(Kind.ACKED, d.time(), other(h, at), d.id()));
                }),
                new Mutation(Feature.TIME, Rule.EARLY, "before its time", h -> after(h, 200, d -> true)),
                new Mutation(
                        Feature.TIME,
                        Rule.OVERDUE,
                        "its time began anew",
                        h -> after(h, -15_000, p -> Long.parseLong(p.note(Published.AFTER)) > 16_000)));
    }

    private static void neverAgain(List<HistoryEvent> h) {
        int at = Forge.first(h, Channel.class, c -> c.kind() == Kind.CANCELLED);
        String channel = ((Channel) h.get(at)).consumer();
        long until = h.get(at).time() - TimeUnit.SECONDS.toNanos(5);
        MessageId late = Forge.held(h, at, channel).stream()
                .filter(id -> h.get(Forge.first(h, Delivered.class, d -> d.id().equals(id)))
                                .time()
                        < until)
                .findFirst()
                .orElseThrow();
        List<HistoryEvent> rest = h.subList(at, h.size());
        rest.removeIf(e ->
                e instanceof Delivered d && d.id().equals(late) || e instanceof Answering a && a.id().equals(late));
    }

    /** Says of a message that came that it should have come so much later; towards the end, where nothing fails. */
    private static void after(List<HistoryEvent> h, long millis, Predicate<Published> wanted) {
        Set<MessageId> came = new HashSet<>();
        h.forEach(e -> {
            if (e instanceof Delivered d) {
                came.add(d.id());
            }
        });
        int calm = IntStream.range(0, h.size())
                .filter(i -> h.get(i).kind() == Kind.FAULT)
                .max()
                .orElse(0);
        int at = Forge.next(h, calm, Published.class, p -> came.contains(p.id()) && wanted.test(p));
        Published p = (Published) h.get(at);
        long due = TimeUnit.NANOSECONDS.toMillis(h.get(Forge.first(h, Delivered.class, d -> d.id().equals(p.id())))
                        .time()
                - p.time());
        long said = millis > 0 ? due + millis : Long.parseLong(p.note(Published.AFTER)) + millis;
        h.set(at, Forge.with(p, Map.of(Published.AFTER, "" + said)));
    }

    // ---- all, and once

    private static List<Mutation> copies() {
        return List.of(
                new Mutation(Feature.DEDUP, Rule.DUPLICATE, "a copy comes, too", h -> {
                    MessageId copy = ((Published) h.get(Forge.first(
                                    h, Published.class, p -> isCopy(h, p) && Forge.answers(h, p.id()) == 1)))
                            .id();
                    Forge.comes(h, copy);
                }),
                new Mutation(Feature.DEDUP, Rule.LOST, "of a key nothing comes", h -> {
                    MessageId copy = ((Published) h.get(Forge.first(h, Published.class, p -> isCopy(h, p)))).id();
                    String key = Forge.published(h, copy).note(Published.KEY);
                    List<MessageId> all = h.stream()
                            .filter(e -> e instanceof Published p && key.equals(p.note(Published.KEY)))
                            .map(e -> ((Published) e).id())
                            .toList();
                    all.forEach(id -> Forge.lose(h, id));
                }),
                new Mutation(Feature.ALTER, Rule.REFUSED, "what was nacked comes", h -> {
                    Forge.comes(h, Forge.answered(h, Kind.NACKED, p -> true));
                }),
                new Mutation(
                        Feature.ALTER,
                        Rule.LOST,
                        "a confirmed message never comes",
                        h -> Forge.lose(h, Forge.answered(h, Kind.CONFIRMED, p -> true))),
                new Mutation(Feature.ALTER, Rule.LOST, "what a lost consumer had does not come again", h -> {
                    int gone = Forge.first(
                            h,
                            Channel.class,
                            c -> c.kind() == Kind.GONE
                                    && !Forge.held(h, h.indexOf(c), c.consumer())
                                            .isEmpty());
                    MessageId id = Forge.held(h, gone, ((Channel) h.get(gone)).consumer()).stream()
                            .filter(i -> confirmed(h, i) < Long.MAX_VALUE)
                            .findFirst()
                            .orElseThrow();
                    Forge.lose(h.subList(gone, h.size()), id);
                }),
                new Mutation(Feature.TX, Rule.TORN, "a part of a commit without an answer", h -> {
                    List<MessageId> all = transaction(h, p -> Forge.answers(h, p.id()) == 0 && came(h, p.id()));
                    Forge.lose(h, all.get(1));
                }),
                new Mutation(
                        Feature.TX,
                        Rule.LOST,
                        "a part of a commit that was answered",
                        h -> Forge.lose(
                                h,
                                transaction(h, p -> confirmed(h, p.id()) < Long.MAX_VALUE)
                                        .get(0)),
                        Set.of(Rule.TORN)),
                new Mutation(Feature.TX, Rule.REFUSED, "all of a rollback", h -> transaction(
                                h, p -> Forge.answers(h, p.id()) == 1 && !came(h, p.id()))
                        .forEach(id -> Forge.comes(h, id))));
    }

    private static boolean isCopy(List<HistoryEvent> h, Published p) {
        return h.subList(0, h.indexOf(p)).stream()
                .anyMatch(e -> e instanceof Published other
                        && other.note(Published.KEY).equals(p.note(Published.KEY)));
    }

    private static boolean came(List<HistoryEvent> h, MessageId id) {
        return h.stream().anyMatch(e -> e instanceof Delivered d && d.id().equals(id));
    }

    /** The messages of the first transaction of several whose first one fits. */
    private static List<MessageId> transaction(List<HistoryEvent> h, Predicate<Published> wanted) {
        return h.stream()
                .filter(e -> e instanceof Published p && wanted.test(p))
                .map(e -> ((Published) e).note(Published.TX))
                .map(tx -> h.stream()
                        .filter(e ->
                                e instanceof Published p && p.note(Published.TX).equals(tx))
                        .map(e -> ((Published) e).id())
                        .toList())
                .filter(all -> all.size() > 1)
                .findFirst()
                .orElseThrow();
    }

    // ---- streams

    private static List<Mutation> streams() {
        return List.of(
                new Mutation(Feature.STREAM, Rule.OFFSET, "another content for one reader", h -> {
                    Published other = (Published) h.get(
                            Forge.first(h, Published.class, p -> Forge.answers(h, p.id()) == 0 && !read(h, p.id())));
                    int at = Forge.next(
                            h, h.size() / 2, Read.class, r -> r.consumer().startsWith("r2."));
                    Read r = (Read) h.get(at);
                    h.set(at, new Read(r.time(), r.consumer(), r.offset(), other.id(), other.crc()));
                    h.remove(at + 1);
                }),
                new Mutation(Feature.STREAM, Rule.OFFSET, "two messages of one publisher swapped", h -> {
                    Read a = (Read) h.get(Forge.first(h, Read.class, r -> later(h, r) != null));
                    Read b = later(h, a);
                    h.replaceAll(e -> {
                        boolean isA = e instanceof Read r && r.offset() == a.offset();
                        boolean isB = e instanceof Read r && r.offset() == b.offset();
                        Read to = isA ? b : a;
                        return isA || isB
                                ? new Read(e.time(), ((Read) e).consumer(), ((Read) e).offset(), to.id(), to.crc())
                                : e;
                    });
                }),
                new Mutation(
                        Feature.STREAM,
                        Rule.OFFSET,
                        "stored twice",
                        h -> {
                            Read last = (Read) h.get(IntStream.range(0, h.size())
                                    .filter(i -> h.get(i) instanceof Read)
                                    .reduce((i, j) -> j)
                                    .orElseThrow());
                            Read before =
                                    (Read) h.get(Forge.first(h, Read.class, r -> r.offset() == last.offset() - 1));
                            h.replaceAll(e -> e instanceof Read r && r.offset() == last.offset()
                                    ? new Read(r.time(), r.consumer(), r.offset(), before.id(), before.crc())
                                    : e);
                            h.replaceAll(e -> e.kind() == Kind.CONFIRMED
                                            && ((Answered) e).id().equals(last.id())
                                    ? new Answered(Kind.CONFIRMED, e.time(), before.id())
                                    : e);
                            h.removeIf(e -> e.kind() == Kind.CONFIRMED
                                    && ((Answered) e).id().equals(before.id())
                                    && Forge.answers(h, before.id()) > 1
                                    && h.indexOf(e) > h.size() / 2);
                        },
                        Set.of(Rule.CONFIRM)),
                new Mutation(Feature.STREAM, Rule.SKIPPED, "one reader does not get a message", h -> {
                    int at = Forge.next(h, h.size() / 2, Read.class, r -> h.get(h.indexOf(r) + 2) instanceof Read);
                    h.subList(at, at + 2).clear();
                }),
                new Mutation(Feature.STREAM, Rule.SKIPPED, "a reader goes on behind where it was", h -> {
                    int begins = Forge.first(
                            h, Reading.class, r -> r.from() == Reading.STORED && reads(h, r.consumer()) > 20);
                    String channel = ((Reading) h.get(begins)).consumer();
                    long acked = ackedBefore(h, begins, channel.substring(0, channel.indexOf('.')));
                    h.removeIf(e -> e instanceof Read r && r.consumer().equals(channel) && r.offset() <= acked + 1
                            || e instanceof Answering a
                                    && a.consumer().equals(channel)
                                    && offset(h, a.id()) <= acked + 1);
                }),
                new Mutation(Feature.STREAM, Rule.SKIPPED, "another offset than it asked for", h -> {
                    int begins = Forge.first(h, Reading.class, r -> r.from() > 10 && reads(h, r.consumer()) > 0);
                    Reading r = (Reading) h.get(begins);
                    h.set(begins, new Reading(r.time(), r.consumer(), r.from() + 1));
                }),
                new Mutation(Feature.STREAM, Rule.SKIPPED, "out of order", h -> {
                    int at = Forge.next(h, h.size() / 2, Read.class, r -> h.get(h.indexOf(r) + 2) instanceof Read);
                    HistoryEvent a = h.remove(at);
                    h.add(at + 2, a);
                    h.add(at + 1, h.remove(at));
                }),
                new Mutation(Feature.STREAM, Rule.SKIPPED, "a reader does not come to the end", h -> {
                    long last = h.stream()
                            .filter(e -> e instanceof Read)
                            .mapToLong(e -> ((Read) e).offset())
                            .max()
                            .orElseThrow();
                    h.removeIf(e ->
                            e instanceof Answering a && a.consumer().startsWith("r0.") && offset(h, a.id()) == last);
                    h.removeIf(e -> e instanceof Read r && r.consumer().startsWith("r0.") && r.offset() == last);
                }),
                new Mutation(
                        Feature.STREAM,
                        Rule.LOST,
                        "a confirmed message is not there",
                        h -> Forge.lose(h, Forge.answered(h, Kind.CONFIRMED, p -> true)),
                        Set.of(Rule.LEFTOVER)),
                new Mutation(Feature.STREAM, Rule.CORRUPT, "another body", h -> {
                    int at = Forge.first(h, Read.class, r -> true);
                    Read r = (Read) h.get(at);
                    h.set(at, new Read(r.time(), r.consumer(), r.offset(), r.id(), "dead"));
                }));
    }

    /** A later message of the same publisher that was published before anybody read this one, or null. */
    private static Read later(List<HistoryEvent> h, Read a) {
        return h.stream()
                .filter(e -> e instanceof Read r
                        && r.offset() > a.offset()
                        && r.id().publisher().equals(a.id().publisher())
                        && Forge.published(h, r.id()).time() < a.time())
                .map(e -> (Read) e)
                .findFirst()
                .orElse(null);
    }

    private static boolean read(List<HistoryEvent> h, MessageId id) {
        return h.stream().anyMatch(e -> e instanceof Read r && r.id().equals(id));
    }

    private static long reads(List<HistoryEvent> h, String channel) {
        return h.stream()
                .filter(e -> e instanceof Read r && r.consumer().equals(channel))
                .count();
    }

    private static long ackedBefore(List<HistoryEvent> h, int until, String reader) {
        return h.subList(0, until).stream()
                .filter(e -> e instanceof Read r && r.consumer().startsWith(reader + "."))
                .mapToLong(e -> ((Read) e).offset())
                .max()
                .orElse(-1);
    }

    private static long offset(List<HistoryEvent> h, MessageId id) {
        return h.stream()
                .filter(e -> e instanceof Read r && r.id().equals(id))
                .mapToLong(e -> ((Read) e).offset())
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    // ---- counts

    private static List<Mutation> counts() {
        return List.of(
                new Mutation(Feature.COUNTS, Rule.MISCOUNT, "counts what no client has had", h -> {
                    int at = Forge.next(h, h.size() * 4 / 5, Delivered.class, d -> d.count() == 1 && isLast(h, d));
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, Forge.copy(d, d.consumer(), d.id(), true, 2));
                }),
                new Mutation(Feature.COUNTS, Rule.MISCOUNT, "a failure is forgotten", h -> {
                    int at = Forge.first(h, Delivered.class, d -> d.count() == 1 && isLast(h, d) && lives(h, d));
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, Forge.copy(d, d.consumer(), d.id(), true, -1));
                }),
                new Mutation(Feature.COUNTS, Rule.MISCOUNT, "delivered beyond the limit", h -> {
                    int at = Forge.first(h, Delivered.class, d -> d.count() == Feature.DELIVERY_LIMIT);
                    Delivered d = (Delivered) h.get(at);
                    h.set(at, Forge.copy(d, d.consumer(), d.id(), true, d.count() + 1));
                }),
                new Mutation(Feature.COUNTS, Rule.MISCOUNT, "a dead letter too soon", h -> {
                    int at = Forge.next(
                            h, h.size() * 4 / 5, Delivered.class, d -> d.count() <= 0 && isLast(h, d) && acks(h, d));
                    Delivered d = (Delivered) h.get(at);
                    h.add(h.size() - 1, new DeadLettered(h.get(h.size() - 1).time(), "dead", d.id()));
                }),
                new Mutation(
                        Feature.COUNTS,
                        Rule.COUNT,
                        "it falls",
                        h -> {
                            int at = Forge.first(h, Delivered.class, d -> d.count() == 2 && lives(h, d));
                            Delivered d = (Delivered) h.get(at);
                            h.set(at, Forge.copy(d, d.consumer(), d.id(), true, 0));
                        },
                        Set.of(Rule.MISCOUNT)));
    }

    private static boolean isLast(List<HistoryEvent> h, Delivered d) {
        List<Integer> all = Forge.deliveries(h, other -> other.id().equals(d.id()));
        return h.get(all.get(all.size() - 1)) == d;
    }

    private static boolean lives(List<HistoryEvent> h, Delivered d) {
        return Forge.living(h, h.indexOf(d)).contains(d.consumer());
    }

    // ----

    private static List<HistoryEvent> sample(Feature feature, long seed) {
        return new ArrayList<>(
                switch (feature) {
                    case ROUTES -> SampleRoutes.of(seed);
                    case STREAM -> SampleStream.of(seed);
                    case RECEIPTS, IDS -> SampleReceipts.of(feature, seed);
                    case WINDOWS, RETENTION -> SampleWindows.of(feature, seed);
                    case REPORTS -> SampleReports.of(seed);
                    case COPIES -> SampleCopies.of(seed);
                    case PRIORITIES, RETRY, VALUES, SCHEDULES, FILTERS, OUTCOMES -> SampleChoices.of(feature, seed);
                    default -> SampleLane.of(feature, seed);
                });
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void convicts(Mutation mutation) {
        List<HistoryEvent> history = sample(mutation.feature(), 1);
        mutation.of().accept(history);
        Verdict verdict = HistoryChecker.check(history, mutation.feature());
        assertEquals(Outcome.INVALID, verdict.outcome(), verdict::toString);
        Set<Rule> others = new HashSet<>(verdict.violations().keySet());
        assertTrue(others.remove(mutation.rule()), verdict::toString);
        others.removeAll(mutation.also());
        assertEquals(Set.of(), others, verdict::toString);
    }

    @ParameterizedTest
    @EnumSource(Feature.class)
    void faultlessHistoriesAreValid(Feature feature) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Verdict verdict = HistoryChecker.check(sample(feature, seed), feature);
            assertEquals(Outcome.VALID, verdict.outcome(), feature + ", seed " + seed + ": " + verdict);
            assertTrue(verdict.count("delivered") > 500, verdict::toString);
        }
    }

    /** What is forgotten is part of what was judged above; an id that is over may be stored again then, the name of a producer that was forgotten is not. */
    @ParameterizedTest
    @EnumSource(names = {"WINDOWS", "RETENTION"})
    void whatIsOverMayBeForgottenAndComeAgain(Feature feature) {
        Verdict verdict = HistoryChecker.check(sample(feature, 1), feature);
        assertTrue(verdict.count("forgotten") > 10, verdict::toString);
        assertEquals(feature == Feature.WINDOWS, verdict.count("stored again") > 10, verdict::toString);
        assertTrue(feature == Feature.WINDOWS || verdict.count("stored again") == 0, verdict::toString);
    }

    /** Its bytes were on their way when the broker gave the channel up, and the group was somebody else's before they came. */
    @Test
    void whatComesLateToALostChannelIsNoViolation() {
        for (Feature feature : List.of(Feature.GROUPS, Feature.SINGLE)) {
            List<HistoryEvent> history = sample(feature, 1);
            int at = Forge.first(history, Delivered.class, d -> d.redelivered());
            Delivered d = (Delivered) history.get(at);
            history.add(at + 1, Forge.copy(d, "late.1", d.id(), false, -1));
            history.add(at + 2, new Channel(Kind.GONE, d.time(), "late.1"));
            Verdict verdict = HistoryChecker.check(history, feature);
            assertEquals(Outcome.VALID, verdict.outcome(), verdict::toString);
        }
    }

    /** What it had came to others before its client heard that the channel is lost. */
    @ParameterizedTest
    @EnumSource(names = {"GROUPS", "SINGLE", "COUNTS"})
    void whoHearsLateOfItsLossIsNoViolation(Feature feature) {
        List<HistoryEvent> history = sample(feature, 1);
        int gone = Forge.first(
                history,
                Channel.class,
                c -> c.kind() == Kind.GONE
                        && !Forge.held(history, history.indexOf(c), c.consumer())
                                .isEmpty());
        String channel = ((Channel) history.get(gone)).consumer();
        Set<MessageId> had = Forge.held(history, gone, channel);
        int again = Forge.next(history, gone, Delivered.class, d -> had.contains(d.id()));
        history.add(again + 1, new Channel(Kind.GONE, history.get(again).time(), channel));
        history.remove(gone);
        Verdict verdict = HistoryChecker.check(history, feature);
        assertEquals(Outcome.VALID, verdict.outcome(), verdict::toString);
        assertTrue(verdict.count("late") > 0 || feature == Feature.COUNTS, verdict::toString);
    }

    /** But who lives on has to keep what it had. */
    @ParameterizedTest
    @EnumSource(names = {"GROUPS", "SINGLE"})
    void whoIsLostOnlyMuchLaterWasRobbed(Feature feature) {
        List<HistoryEvent> history = sample(feature, 1);
        Set<String> living = Forge.living(history, history.size() / 2);
        int at = Forge.next(
                history, history.size() / 2, Delivered.class, d -> living.contains(d.consumer()) && acks(history, d));
        Delivered d = (Delivered) history.get(at);
        String robber = other(history, at);
        history.add(at + 1, Forge.copy(d, robber, d.id(), true, 1));
        history.add(at + 2, new Answering(Kind.ACKED, d.time(), robber, d.id()));
        long end = history.get(history.size() - 1).time();
        history.add(history.size() - 1, new Channel(Kind.GONE, end, d.consumer()));
        Verdict verdict = HistoryChecker.check(history, feature);
        assertTrue(verdict.violations().containsKey(Rule.TWOHOLDERS), verdict::toString);
        assertTrue(
                verdict.violations().containsKey(feature == Feature.GROUPS ? Rule.GROUPHOLDERS : Rule.SINGLEACTIVE),
                verdict::toString);
    }

    @ParameterizedTest
    @EnumSource(Feature.class)
    void filesSayTheSameAsEvents(Feature feature) {
        List<HistoryEvent> history = sample(feature, 1);
        assertEquals(
                history,
                history.stream()
                        .map(HistoryFormat::line)
                        .map(HistoryFormat::event)
                        .toList());
    }
}
