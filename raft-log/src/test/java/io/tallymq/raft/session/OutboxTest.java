package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Commands;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.InBatch;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.RouteCache;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboxTest {
    private static final int HARD = RuntimeTuning.Batches.DEFAULTS.hard();

    private long now = 1;
    /** Nothing here ends because time goes by: a batch waits for hours, if it waits. */
    private final Outbox outbox = new Outbox(
            "n1",
            RuntimeTuning.DEFAULTS.withBatches(
                    RuntimeTuning.Batches.DEFAULTS.withInFlight(2).withLinger(Duration.ofHours(3))),
            () -> now,
            () -> false);

    private ClientSession session;

    @BeforeEach
    void register() throws InterruptedException {
        outbox.register(9);
        Batch nodeUp = outbox.take();
        assertEquals(0, nodeUp.seq);
        assertSame(nodeUp, outbox.answered(0));
        session = outbox.connect(new Deaf(), Runnable::run, any -> true);
    }

    private Batch next() throws InterruptedException {
        return outbox.take();
    }

    private void message(int channel, long seq, int size) {
        outbox.message(session, channel, seq, Client.to("q"), Client.content(new byte[size]));
    }

    /** Messages and parts of them, as they gather and as they are sent; what others publish does not count. */
    @Test
    void whatIsPublishedWithoutConfirmsIsCountedApart() throws InterruptedException {
        ClientSession other = outbox.connect(new Deaf(), Runnable::run, any -> true);
        session.publishesUnconfirmed(true);
        outbox.message(other, 1, 1, Client.to("q"), Client.content(new byte[900_000]));
        assertTrue(session.isWritable(true));
        message(1, 1, 300_000);
        message(1, 2, 300_000);
        Batch first = next();
        outbox.part(session, 7, Client.content(new byte[500_000]));
        assertFalse(session.isWritable(true));
        assertTrue(session.isWritable(false));
        assertTrue(other.isWritable(true));
        outbox.answered(first.seq);
        for (Batch b = outbox.poll(); b != null; b = outbox.poll()) {
            outbox.answered(b.seq);
        }
        assertTrue(outbox.turnedWritable());
        assertTrue(session.isWritable(true));
        message(1, 3, 600_000);
        session.publishesUnconfirmed(false);
        message(1, 4, 600_000);
        assertTrue(session.isWritable(true), "it has confirms by now");
    }

    private static List<Command> commands(Batch b) {
        BatchCodec.Header h = BatchCodec.header(b.bytes, 0, b.bytes.length, new BatchCodec.Names());
        ByteReader t = new ByteReader(b.bytes, h.trailer(), h.end() - h.trailer());
        List<Command> all = new ArrayList<>();
        for (long n = t.varint(); n > 0; n--) {
            all.add(new Settle(t.varint(), Settle.Outcome.ACK, CommandCodec.readRanges(t)));
        }
        List<Route> routes = BatchCodec.readRoutes(t, new RouteCache());
        for (long channels = t.varint(); channels > 0; channels--) {
            t.varint();
            t.varint();
        }
        for (long runs = t.varint(); runs > 0; runs--) {
            t.varint();
            t.varint();
        }
        assertFalse(t.hasRemaining());
        ByteReader r = new ByteReader(b.bytes, h.commands(), h.trailer() - h.commands());
        while (r.hasRemaining()) {
            all.add(CommandCodec.read(r, new InBatch(h.node(), routes, Origins.NONE)));
        }
        return all;
    }

    private static int messages(Command c) {
        Publish p = (Publish) c;
        int n = 0;
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(p.bytes(), at)) {
            n++;
        }
        return n;
    }

    /** 2^n keys of one length: with one hash, or not. */
    private static List<String> keys(int n, String one, String other) {
        List<String> all = List.of("");
        for (int i = 0; i < n; i++) {
            List<String> longer = new ArrayList<>();
            all.forEach(s -> {
                longer.add(s + one);
                longer.add(s + other);
            });
            all = longer;
        }
        return all;
    }

    /** Of this thread's own work: how long it waits for a processor is no matter. */
    private long nanosOf(List<String> keys) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long begun = threads.getCurrentThreadCpuTime();
        for (int round = 0; round < 8; round++) {
            for (String key : keys) {
                outbox.message(session, 1, 1, new PublishTarget("/", "", key, false), Client.content(new byte[0]));
            }
        }
        return threads.getCurrentThreadCpuTime() - begun;
    }

    /** Clients choose them, and all sessions of the node wait meanwhile. */
    @Test
    void keysWithOneHashTakeAboutAsLongAsOthers() {
        nanosOf(keys(13, "Aa", "CC"));
        long others = nanosOf(keys(13, "Aa", "CC"));
        long alike = nanosOf(keys(13, "Aa", "BB"));
        assertTrue(
                alike < 10 * others + TimeUnit.SECONDS.toNanos(1),
                alike / 1_000_000 + " ms, others " + others / 1_000_000 + " ms");
    }

    /** What a client sends of them in one turn is small on the wire and work all the same. */
    @Test
    void commandsOfABatchAreBounded() throws InterruptedException {
        int all = 2 * BatchCodec.MAX_COMMANDS + 1;
        for (int i = 0; i < all; i++) {
            session.submit(new Credit(4, 10));
        }
        int came = 0;
        while (came < all) {
            Batch b = next();
            int here = commands(b).size();
            assertTrue(here <= BatchCodec.MAX_COMMANDS, () -> here + " commands");
            came += here;
            outbox.answered(b.seq);
        }
    }

    /** Nor is it small because many messages are settled by few commands, or by acks, which are none. */
    @Test
    void whatSettlesTouchInABatchIsBounded() throws InterruptedException {
        int acks = 2 * BatchCodec.MAX_COMMANDS + 1;
        long[] ranges = LongStream.range(0, 300)
                .flatMap(i -> LongStream.of(3 * i, 3 * i))
                .toArray();
        for (int i = 0; i < acks; i++) {
            session.ack(4, 3L * i, 3L * i);
        }
        for (int i = 0; i < 20; i++) {
            session.submit(new Settle(4, Settle.Outcome.DISCARD, ranges));
        }
        for (int left = acks + 20 * 300; left > 0; ) {
            Batch b = next();
            int here = ranges(b);
            assertTrue(here <= BatchCodec.MAX_COMMANDS, () -> here + " ranges");
            left -= here;
            outbox.answered(b.seq);
        }
    }

    /** Of acks and of settles. */
    private static int ranges(Batch b) {
        int n = 0;
        for (Command c : commands(b)) {
            n += ((Settle) c).ranges().length / 2;
        }
        return n;
    }

    /** What clients were sent and had not settled is walked through on every replica, in however few commands it is told. */
    @Test
    void whatClientsWereSentInABatchIsBounded() throws InterruptedException {
        for (int ranges : new int[] {1, 4_000, 65_535}) {
            long[] sent = LongStream.range(0, ranges)
                    .flatMap(i -> LongStream.of(3 * i, 3 * i))
                    .toArray();
            List<Sent> all = List.of(new Sent(5, sent), new Sent(6, sent));
            for (int i = 0; i < 4; i++) {
                session.submit(new TakeBack(4, sent));
                session.submit(new CloseChannel(session.id(), 1, all));
                session.submit(new CloseConnection(session.id(), all));
            }
            for (int left = 4 * 3; left > 0; ) {
                Batch b = next();
                List<Command> here = commands(b);
                int unsettled = here.stream().mapToInt(OutboxTest::unsettled).sum();
                assertTrue(
                        here.size() == 1 || unsettled <= 8 * BatchCodec.MAX_COMMANDS,
                        () -> here.size() + " commands that name " + unsettled + " ranges");
                left -= here.size();
                outbox.answered(b.seq);
            }
        }
    }

    @Test
    void aSessionKeepsNoRoomForItsLargestCommand() {
        for (int length : new int[] {10, 4_000, 100_000}) {
            session.submit(new DeleteExchange("/", "x".repeat(length), false));
            session.submit(new Credit(4, 10));
            assertTrue(session.kept() <= 16 << 10, session.kept() + " bytes");
        }
    }

    /** Ranges that it names. */
    private static int unsettled(Command c) {
        List<Sent> all = c instanceof CloseChannel channel
                ? channel.sent()
                : c instanceof CloseConnection connection
                        ? connection.sent()
                        : List.of(new Sent(4, ((TakeBack) c).sent()));
        return all.stream().mapToInt(s -> s.ranges().length / 2).sum();
    }

    @Test
    void theNodeIsRegisteredBeforeAnythingElseIsSent() throws InterruptedException {
        Outbox fresh = new Outbox("n1", RuntimeTuning.DEFAULTS, () -> now, () -> false);
        fresh.register(1);
        ClientSession s = fresh.connect(new Deaf(), Runnable::run, any -> true);
        fresh.message(s, 1, 1, Client.to("q"), Client.content("m"));
        Batch first = fresh.take();
        assertEquals(List.of(new NodeUp("n1", 1)), commands(first));
        assertEquals(1, fresh.load().inFlight());
        fresh.answered(0);
        assertEquals(1, fresh.take().seq);
    }

    @Test
    void commandsKeepTheirOrderAndAcksGoFirst() throws InterruptedException {
        message(1, 1, 10);
        message(1, 2, 10);
        outbox.ack(session, 5, 1, 3);
        session.submit(new Credit(4, 10));
        message(2, 1, 10);
        outbox.ack(session, 6, 9, 9);
        outbox.ack(session, 5, 4, 4);
        List<Command> all = commands(next());
        assertEquals(5, all.size());
        assertEquals("Settle 5 ACK [1, 4]", Commands.show(all.get(0)));
        assertEquals("Settle 6 ACK [9, 9]", Commands.show(all.get(1)));
        assertEquals(2, messages(all.get(2)));
        assertEquals(new Credit(4, 10), all.get(3));
        Publish last = (Publish) all.get(4);
        assertEquals(2, last.first());
        assertEquals(List.of(new Route("/", "", "q")), last.routes());
    }

    @Test
    void acksInAnyOrderBecomeAscendingRanges() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            AckRanges ranges = new AckRanges(1);
            boolean[] expected = new boolean[200];
            for (int i = random.nextInt(40); i >= 0; i--) {
                int first = random.nextInt(190);
                int last = first + random.nextInt(10);
                ranges.add(first, last);
                Arrays.fill(expected, first, last + 1, true);
            }
            long[] pairs = ranges.pairs();
            boolean[] actual = new boolean[200];
            for (int i = 0; i < ranges.size(); i += 2) {
                assertTrue(i == 0 || pairs[i] > pairs[i - 1] + 1, "ranges touch");
                Arrays.fill(actual, (int) pairs[i], (int) pairs[i + 1] + 1, true);
            }
            assertArrayEquals(expected, actual);
        }
    }

    @Test
    void equalTargetsAreOneRoute() throws InterruptedException {
        for (int i = 1; i <= 10; i++) {
            PublishTarget target = new PublishTarget("/", "e", "k" + i % 2, i % 3 == 0);
            outbox.message(session, 1, i, target, Client.content("m"));
        }
        Publish p = (Publish) commands(next()).get(0);
        assertEquals(10, messages(p));
        // Mandatory is the message's, so it makes no route of its own for the machine, but may be a second entry.
        assertEquals(2, p.routes().stream().distinct().count());
        assertTrue(p.routes().size() <= 4, p.routes().toString());
    }

    @Test
    void aBatchTakesNothingThatMakesItLargerThanTheHardLimit() throws InterruptedException {
        for (int i = 1; i <= 50; i++) {
            message(1, i, 100_000);
        }
        int messages = 0;
        List<Batch> batches = new ArrayList<>();
        while (messages < 50) {
            Batch b = next();
            batches.add(b);
            assertTrue(b.bytes.length <= HARD, b.bytes.length + " bytes");
            messages += b.messages;
            outbox.answered(b.seq);
        }
        assertEquals(50, messages);
        assertTrue(batches.size() <= 6, batches.size() + " batches");
    }

    @Test
    void theLargestMessageTravelsAlone() throws InterruptedException {
        message(1, 1, 10);
        message(1, 2, 1 << 20);
        message(1, 3, 10);
        assertEquals(1, next().messages);
        Batch large = next();
        assertEquals(1, large.messages);
        assertTrue(large.bytes.length < 2 << 20);
        outbox.answered(1);
        assertEquals(1, next().messages);
    }

    @Test
    void aBatchHasAtMostSoManyMessages() throws InterruptedException {
        Outbox tiny = outbox;
        for (int i = 1; i <= 70_000; i++) {
            tiny.message(session, 1, i, Client.to("q"), Client.content(""));
        }
        Batch first = next();
        assertTrue(first.messages <= BatchCodec.MAX_MESSAGES, first.messages + " messages");
        assertEquals(70_000, first.messages + next().messages);
    }

    @Test
    void aFullWindowGathersUntilTheSoftLimit() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        message(1, 2, 10);
        next();
        message(1, 3, 10);
        CompletableFuture<Batch> third = CompletableFuture.supplyAsync(() -> {
            try {
                return outbox.take();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(2, outbox.load().inFlight());
        message(1, 4, 300 << 10);
        assertEquals(2, third.join().messages);
        assertEquals(3, outbox.load().inFlight());
        outbox.answered(one.seq);
        assertEquals(2, outbox.load().inFlight());
    }

    @Test
    void underLoadTheNextBatchWaitsForMore() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        for (int i = 2; i <= 21; i++) {
            message(1, i, 10);
        }
        Batch two = next();
        assertEquals(20, two.messages);
        for (int i = 22; i <= 41; i++) {
            message(1, i, 10);
        }
        now += TimeUnit.HOURS.toNanos(1); // so the next one waits for three round trips: three hours
        outbox.answered(one.seq);
        CompletableFuture<Batch> third = CompletableFuture.supplyAsync(() -> {
            try {
                return outbox.take();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        message(1, 42, 300 << 10);
        assertEquals(21, third.join().messages, "it waits until it is large");
    }

    /** Sixteen and more who send now and then are load, whoever sends again at once is not kept waiting. */
    @Test
    void whoSendsOftenEndsTheWaitOfThoseWhoSendNowAndThen() throws InterruptedException {
        ClientSession often = session;
        for (int i = 0; i < 17; i++) {
            message(1, 1, 10);
            session = outbox.connect(new Deaf(), Runnable::run, any -> true);
        }
        Batch first = next();
        assertTrue(BatchCodec.isPatient(first.bytes), "the leader may wait, too");
        now += TimeUnit.MILLISECONDS.toNanos(10);
        message(1, 1, 10);
        outbox.answered(first.seq);
        assertNull(outbox.poll(), "what comes from somebody new waits for others");
        session = often;
        message(1, 2, 10);
        Batch second = outbox.poll();
        assertEquals(2, second.messages);
        assertFalse(BatchCodec.isPatient(second.bytes));
    }

    @Test
    void marksNameTheLastPublishOfEachChannel() throws InterruptedException {
        for (int i = 1; i <= 9; i++) {
            message(i % 3, i, 5);
        }
        ClientSession other = outbox.connect(new Deaf(), Runnable::run, any -> true);
        outbox.message(other, 0, 77, Client.to("q"), Client.content("m"));
        Batch b = next();
        assertEquals(4, b.marks.size());
        assertEquals(
                List.of("1 7", "2 8", "0 9", "0 77"),
                b.marks.stream().map(m -> m.channel + " " + m.lastSeq).toList());
        for (int i = 1; i <= 9; i++) {
            assertEquals(i, b.runs.seq(i - 1));
            assertEquals(i % 3, b.runs.mark(i - 1).channel);
            assertSame(session, b.runs.mark(i - 1).session);
        }
        assertSame(other, b.runs.mark(9).session);
    }

    @Test
    void allIsSentAgainAtANewConnectionAndNothingTwiceWithoutReason() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        message(1, 2, 10);
        Batch two = next();
        outbox.connected();
        assertSame(one, next());
        outbox.answered(one.seq);
        assertSame(two, next());
        message(1, 3, 10);
        assertEquals(3, next().seq);
    }

    /** An entry that fails is one refusal of each of its batches, and of those that waited for it. */
    @Test
    void whatIsRefusedTogetherIsRefusedOnce() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        for (int i = 0; i < 12; i++) {
            outbox.retryLater();
        }
        now += RuntimeTuning.DEFAULTS.timing().retryAfter().toNanos();
        assertSame(one, outbox.poll());
    }

    @Test
    void anotherLeaderIsNotWaitedForBecauseOfTheOneBefore() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        long pause = RuntimeTuning.DEFAULTS.timing().retryAfter().toNanos();
        for (int i = 0; i < 3; i++) {
            outbox.retryLater();
            now += 8 * pause;
            assertSame(one, outbox.poll());
        }
        outbox.connected();
        assertSame(one, outbox.poll());
        outbox.retryLater();
        now += pause;
        assertSame(one, outbox.poll());
    }

    /** A new leader refuses all until its own first entry is committed, and says when it is. */
    @Test
    void whatWasRefusedGoesAgainWhenTheLeaderSaysSomething() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        outbox.goOn();
        assertNull(outbox.poll(), "it was not refused");
        outbox.retryLater();
        assertNull(outbox.poll());
        outbox.goOn();
        assertSame(one, outbox.poll());
        outbox.retryLater();
        now += RuntimeTuning.DEFAULTS.timing().retryAfter().toNanos();
        assertNull(outbox.poll(), "pauses grow all the same");
    }

    @Test
    void theEchoOfAGapIsNotAnswered() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        message(1, 2, 10);
        Batch two = next();
        outbox.gap();
        outbox.gap();
        assertSame(one, next());
        outbox.gap();
        assertSame(two, next());
        outbox.answered(one.seq);
        message(1, 3, 10);
        assertEquals(3, next().seq);
    }

    @Test
    void whatComesBackTooLateIsSentAgain() throws InterruptedException {
        message(1, 1, 10);
        Batch one = next();
        now += TimeUnit.SECONDS.toNanos(3);
        assertTrue(outbox.tick(true) > 0);
        outbox.tick(false);
        assertSame(one, next());
        assertEquals(3, TimeUnit.NANOSECONDS.toSeconds(outbox.tick(false)));
        outbox.answered(one.seq);
        assertEquals(0, outbox.tick(false));
    }

    @Test
    void anEndedRegistrationTakesItsBatchesWithIt() throws InterruptedException {
        CompletableFuture<Reply> future = new CompletableFuture<>();
        ByteWriter w = new ByteWriter();
        CommandCodec.write(w, "n1", new Probe(false));
        outbox.command(w, 1, future);
        message(1, 1, 10);
        next();
        message(1, 2, 10);
        Outbox.Ended ended = outbox.register(10);
        assertEquals(List.of(session), ended.sessions());
        assertEquals(1, ended.replies().size());
        message(1, 3, 10);
        Batch nodeUp = next();
        assertEquals(List.of(new NodeUp("n1", 10)), commands(nodeUp));
        assertEquals(10, nodeUp.epoch);
        outbox.answered(0);
        assertEquals(0, outbox.load().pendingBytes());
    }

    @Test
    void whatWasNotSentFromHereIsNotTakenForAnAnswer() throws InterruptedException {
        assertNull(outbox.answered(1));
        message(1, 1, 10);
        Batch one = next();
        assertNull(outbox.answered(2));
        assertSame(one, outbox.answered(1));
        assertNull(outbox.answered(1));
    }

    @Test
    void aCommandThatFitsNoEntryIsRefused() {
        Command huge = new DeleteExchange("/", "x".repeat(HARD + 1), false);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> session.submit(huge));
        assertTrue(e.getMessage().contains("at most " + HARD), e.getMessage());
    }

    /** Hears nothing that matters here. */
}
