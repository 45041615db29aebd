package io.tallymq.broker.queue;

import io.tallymq.broker.aside.LeftUnacked;
import io.tallymq.broker.chunk.ChunkBuilder;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.reports.Telling;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SeqRuns;
import io.tallymq.broker.view.LaneEnds;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.IntUnaryOperator;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * The messages of one queue: a {@link QueueLog} per priority, its lane. The lane stands in the upper bits of a message's number, so what
 * is to be had sooner has the lower number, and ranges of numbers need not know of lanes: none goes from one into another.
 *
 * <p>The lane of messages that do not say a priority is always there; the others come with their first message. A queue without
 * priorities has that one alone.
 */
public final class Lanes {
    /** The level of the state from which on it is known which messages left by acks. */
    private static final int ACKS = 5;
    /** Bits of a number below its lane: more messages than anybody publishes, and 256 lanes of them are positive numbers. */
    static final int BITS = LaneEnds.BITS;
    /** Of a lane so many chunks may be begun out of turn: this part of what one consumer may hold. */
    private static final int BEGUN_PART = 5;

    private final Queue queue;
    private final Common common;
    private final Priorities priorities;
    private final SeqRuns attempts = new SeqRuns(Keys.ATTEMPTS);
    /** Messages that died and wait for their way to the dead letter exchange, by {@link Death}. */
    private final SeqRuns dead = new SeqRuns(Keys.DEAD);

    /** Chunks that were begun out of turn; null as long as none ever was. */
    private SeqRuns outOfTurn;
    /** Messages that left and are still to be told of; null as long as nobody asked for that. */
    private Telling telling;
    /** Null as long as all left by acks. */
    private LeftUnacked unacked;

    private final QueueLog home;
    /** The first of a chain in the order of their numbers. */
    private QueueLog first;
    /** By number, null where there is none yet; null while {@link #home} is alone. */
    private QueueLog[] all;
    /** Null as long as no message was told apart by a header. */
    private KeyedLanes keyed;
    /** Two lanes or more have had messages. */
    private boolean mixed;
    /** Some message had a time to live. */
    private boolean mayExpire;

    Lanes(Queue queue, Priorities priorities, Common common) {
        this.queue = queue;
        this.common = common;
        this.priorities = priorities;
        this.home = make(priorities.lane(Priorities.UNSAID));
        this.first = home;
    }

    /** The lane of a message. */
    static int lane(long seq) {
        return (int) (seq >>> BITS);
    }

    private QueueLog make(int lane) {
        return new QueueLog(queue.number(), lane, common, attempts);
    }

    Priorities priorities() {
        return priorities;
    }

    /** Whether the priority of a message plays a role. */
    public boolean havePriorities() {
        return priorities.highest() > 0;
    }

    /** The first message that a stream keeps; its tail if it is empty. */
    public long streamHead() {
        return home.head();
    }

    /** As {@link QueueLog#chunkNear}, of one lane. */
    public Chunk chunkNear(long seq) {
        QueueLog lane = find(seq);
        return lane == null ? null : lane.chunkNear(seq);
    }

    /** The lane that would have this message; null when there is none. */
    QueueLog find(long seq) {
        if (all == null) {
            return lane(seq) == home.lane() ? home : null;
        }
        return lane(seq) < all.length ? all[lane(seq)] : null;
    }

    /** What is to be had of [from, to]: at most so many ranges, as pairs of first and last. */
    public long[] ready(long from, long to, int most) {
        long[] found = new long[2 * most];
        int n = 0;
        for (QueueLog lane = first(); lane != null && n < found.length; lane = after(lane)) {
            long last = Math.min(to, lane.last());
            for (long at = lane.nextReady(from);
                    at <= last && n < found.length;
                    at = lane.nextReady(found[n - 1] + 1)) {
                found[n++] = at;
                found[n++] = Math.min(last, lane.endOfReady(at));
            }
        }
        return Arrays.copyOf(found, n);
    }

    /** The last message of each. */
    public LaneEnds ends() {
        LongStream.Builder ends = LongStream.builder();
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            if (!lane.isUnused()) {
                ends.add(lane.tail() - 1);
            }
        }
        return new LaneEnds(ends.build().toArray());
    }

    /**
     * Messages that are to be had.
     *
     * @param chunk all of them are in it; null: they can not be taken out of turn, the lane has been begun in too many places
     */
    public record ReadyRun(Chunk chunk, long first, long last) {}

    /** The first of what is to be had of [from, to], and what follows it in its chunk; null for none. */
    public ReadyRun readyRun(long from, long to) {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            long next = lane.last() < from ? Long.MAX_VALUE : lane.nextReady(from);
            if (next <= Math.min(to, lane.last())) {
                return readyRun(lane, next, to);
            }
        }
        return null;
    }

    private ReadyRun readyRun(QueueLog lane, long seq, long to) {
        boolean fresh = lane.isFresh(seq);
        long end = Math.min(to, lane.endOfReady(seq));
        if (fresh && areBegunTooOften(lane)
                || !fresh && lane.isTooTorn(seq, seq, common.limits().mostHeld())) {
            return new ReadyRun(null, seq, end);
        }
        Chunk chunk = fresh ? lane.freshChunk(seq) : lane.chunkOf(seq);
        return new ReadyRun(chunk, seq, Math.min(end, chunk.endSeq() - 1));
    }

    /** Messages left otherwise than by acks. Streams have none. */
    private void leftUnacked(long first, long last) {
        if (common.level().getAsInt() >= ACKS && !queue.isStream()) {
            unacked = unacked == null ? new LeftUnacked() : unacked;
            unacked.add(first, last);
        }
    }

    /** Whether a message that is gone left by an ack. Where that is not certain it is not said. */
    public boolean isAcked(long seq) {
        QueueLog lane = find(seq);
        return lane != null && seq < lane.tail() && !queue.isStream() && (unacked == null || !unacked.has(seq));
    }

    /** Messages that are to be had are gone: somebody has taken them elsewhere. */
    public void leave(long first, long last) {
        leftUnacked(first, last);
        QueueLog lane = having(first);
        for (long at = first; at <= last; ) {
            if (lane.isFresh(at)) {
                begin(lane, at);
            }
            // Of the chunk that is next some may have come back, and the rest is still to be begun.
            long end = Math.min(
                    Math.min(last, lane.endOfReady(at)), lane.chunkOf(at).endSeq() - 1);
            lane.isHeld(at, end);
            settle(at, end);
            at = end + 1;
        }
    }

    /** A message that nobody was given may be taken: as {@link QueueLog#begin}. */
    void begin(QueueLog lane, long seq) {
        lane.begin(seq, outOfTurn());
    }

    private SeqRuns outOfTurn() {
        if (outOfTurn == null) {
            outOfTurn = new SeqRuns(Keys.OUT_OF_TURN);
        }
        return outOfTurn;
    }

    /** Whether a lane has been begun in so many places that it would be too much to begin another chunk. */
    boolean areBegunTooOften(QueueLog lane) {
        int most = common.limits().mostHeld() / BEGUN_PART;
        return lane.begunChunks() >= most || outOfTurn != null && outOfTurn.runs() >= most;
    }

    /** The lane of messages that say nothing. */
    public int lane() {
        return home.lane();
    }

    /** Whether messages of this queue may have different lanes. */
    public boolean sorts() {
        return queue.settings().lastValue() == null && (havePriorities() || sortsByHeader());
    }

    private boolean sortsByHeader() {
        return queue.settings().sortsByHeader() && priorities.highest() < KeyedLanes.GROUPS;
    }

    /** The lane for message {@code i} of a run, which goes to this queue next. */
    public int laneOf(PublishRun run, int i) {
        if (queue.settings().lastValue() != null) {
            return home.lane();
        }
        if (sortsByHeader()) {
            QueueSettings s = queue.settings();
            String key = run.header(i, s.groupBy() != null ? s.groupBy() : s.fairBy());
            if (key != null) {
                int lane = s.groupBy() != null ? keyed().groupLane(key) : keyed().tenantLane(key);
                at(lane).expects = true;
                return lane;
            }
        }
        return priorities.highest() == 0 ? home.lane() : priorities.lane(run.priority(i));
    }

    private KeyedLanes keyed() {
        if (keyed == null) {
            keyed = new KeyedLanes(this, common.store(), queue.number());
        }
        return keyed;
    }

    private QueueLog at(int lane) {
        if (lane == home.lane()) {
            return home;
        }
        if (all == null || all.length <= lane) {
            int highest = Math.max(lane, Math.max(home.lane(), priorities.highest()));
            all = all == null ? new QueueLog[highest + 1] : Arrays.copyOf(all, highest + 1);
            all[home.lane()] = home;
        }
        if (all[lane] == null) {
            all[lane] = make(lane);
            link(all[lane]);
        }
        return all[lane];
    }

    private void link(QueueLog lane) {
        if (lane.lane() < first.lane()) {
            lane.behind = first;
            first = lane;
            return;
        }
        QueueLog before = first;
        while (before.behind != null && before.behind.lane() < lane.lane()) {
            before = before.behind;
        }
        lane.behind = before.behind;
        before.behind = lane;
    }

    /** Whether nothing is in this lane, and nothing comes with the entry in hand. */
    boolean isEmpty(int lane) {
        return all == null || lane >= all.length || all[lane] == null || all[lane].isEmpty();
    }

    /** Messages that are to be had of a lane that is there. */
    long readyIn(int lane) {
        return all[lane].ready();
    }

    /** The lane that has this message. */
    QueueLog having(long seq) {
        return all == null ? home : all[lane(seq)];
    }

    /** The first lane. */
    QueueLog first() {
        return first;
    }

    /** The lane behind this one; null when there is none. */
    QueueLog after(QueueLog lane) {
        return lane.behind;
    }

    /** The first lane from this number on; null when there is none. */
    QueueLog from(int lane) {
        for (int i = lane; all != null && i < all.length; i++) {
            if (all[i] != null) {
                return all[i];
            }
        }
        return null;
    }

    /** Where the next message is as far as priorities tell; null when none is ready. */
    QueueLog headOfPriorities() {
        for (QueueLog lane = first; lane != null && lane.lane() <= priorities.highest(); lane = lane.behind) {
            if (lane.ready() > 0) {
                return lane;
            }
        }
        return null;
    }

    /** Where a holder's next message is; null when there is none for it. */
    QueueLog next(Holder h) {
        return keyed == null ? headOfPriorities() : keyed.next(h.number());
    }

    /** Whether messages were told apart by a header, ever. */
    boolean haveKeys() {
        return keyed != null;
    }

    /** Whether its messages are told apart by a header: they have an order of turns that is not their numbers'. */
    boolean isKeyed(QueueLog lane) {
        return keyed != null && lane.lane() >= KeyedLanes.GROUPS;
    }

    /** As {@link QueueLog#takeIn}. */
    void takeIn(Chunk chunk) {
        having(chunk.firstSeq()).takeIn(chunk);
    }

    /** Whether there is a message for a holder, or for somebody new if that is null. */
    public boolean haveFor(Holder h) {
        return keyed == null ? ready() > 0 : keyed.next(h == null ? KeyedLanes.NOBODY : h.number()) != null;
    }

    /** Whether a holder, or somebody new if that is null, may have this message now, should it be to be had. */
    public boolean mayHave(Holder h, long seq) {
        return keyed == null || keyed.mayHave(lane(seq), h == null ? KeyedLanes.NOBODY : h.number());
    }

    /** Whose turn it is, whatever else is in its way; null when nobody may have anything. */
    Holder turn(Turns turns) {
        return keyed == null ? turns.next() : keyed.turn(queue, turns);
    }

    /** How many messages may come in one turn of a holder that may have so many. */
    long part(long credit) {
        return keyed == null ? credit : keyed.part(credit);
    }

    /** A holder was given messages from this one on. */
    void assigned(Holder h, long seq, long messages) {
        if (keyed != null) {
            keyed.assigned(lane(seq), h.number(), messages);
        }
    }

    /** Whoever held them let go of messages from this one on. */
    void left(long seq, long messages) {
        if (keyed != null) {
            keyed.left(lane(seq), messages);
        }
    }

    /** Where the oldest of the least urgent messages is, or of the longest lane; null when none is ready. */
    QueueLog last() {
        QueueLog last = keyed == null ? null : keyed.longest();
        if (last != null) {
            return last;
        }
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            last = lane.ready() == 0 ? last : lane;
        }
        return last;
    }

    private long sum(ToLongFunction<QueueLog> of) {
        long sum = 0;
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            sum += of.applyAsLong(lane);
        }
        return sum;
    }

    long ready() {
        return all == null ? home.ready() : sum(QueueLog::ready);
    }

    /** Body bytes of all messages, held ones included. */
    long bytes() {
        return sum(QueueLog::bytes);
    }

    /** Body bytes of live messages. */
    public long bytes(long from, long to) {
        return having(from).bytes(from, to);
    }

    /** Where the chunk grows that the entry in hand adds to a lane. */
    public ChunkBuilder building(int number) {
        QueueLog lane = at(number);
        if (lane.building == null) {
            lane.building = new ChunkBuilder(
                    queue.limits(),
                    queue.number(),
                    lane::tail,
                    () -> queue.settings().messageTtl(),
                    !queue.isStream(),
                    queue::isAudited);
        }
        return lane.building;
    }

    /** The first of these that has something; null when none has. */
    public ChunkBuilder nextBuilding() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            if (lane.isBuilding()) {
                return lane.building;
            }
        }
        return null;
    }

    /** Messages of the entry in hand that are in no chunk yet. */
    public long buildingMessages() {
        return sum(lane -> lane.isBuilding() ? lane.building.count() : 0);
    }

    /** Their body bytes. */
    long buildingBytes() {
        return sum(lane -> lane.isBuilding() ? lane.building.bodyBytes() : 0);
    }

    /** The number of the next message that does not say a priority. */
    public long tail() {
        return home.tail();
    }

    /** Returns whether its messages have different lanes from now on. */
    boolean append(Chunk chunk) {
        if (chunk.hasReports()) {
            telling();
        }
        having(chunk.firstSeq()).append(chunk);
        mayExpire |= chunk.earliest() != 0;
        boolean before = mixed;
        mixed = before || all != null && isMixed();
        return mixed != before;
    }

    private boolean isMixed() {
        return sum(lane -> lane.isUnused() ? 0 : 1) > 1;
    }

    /** Whether its messages have had different lanes. */
    boolean areMixed() {
        return mixed;
    }

    /** Whether a message ever had a time to live. */
    boolean mayExpire() {
        return mayExpire;
    }

    /** For the start. */
    void mayExpire(boolean does) {
        mayExpire = does;
    }

    /** What somebody held is ready again, in its old place; its record of attempts becomes what follows it. */
    void giveBack(long from, long to, IntUnaryOperator next) {
        having(from).giveBack(from, to, next);
    }

    /** As {@link QueueLog#dieOfFailures}. */
    void dieOfFailures(long from, long to, long limit, SeqRanges.Visitor gone) {
        having(from).dieOfFailures(from, to, limit, gone);
    }

    /** As {@link QueueLog#takeReturned}; those that died meanwhile have no record, and are passed over. */
    void takeReturned(long from, long to, QueueLog.AttemptsVisitor each) {
        for (long at = from; at <= to; at++) {
            if (attempts.at(at) == SeqRuns.NONE) {
                continue;
            }
            long end = Math.min(to, attempts.endOfRun(at));
            having(at).takeReturned(at, end, each);
            at = end;
        }
    }

    void putReturned(long from, long to) {
        having(from).putReturned(from, to);
    }

    /** For the start: messages that are not to be had. */
    void isNotReady(long from, long to) {
        having(from).isHeld(from, to);
    }

    void settle(long from, long to) {
        having(from).settle(from, to);
        queue.gone(from, to);
    }

    private Telling telling() {
        if (telling == null) {
            telling = new Telling(
                    queue.number(),
                    queue.vhost(),
                    queue.name(),
                    new Telling.Messages() {
                        @Override
                        public Chunk chunkOf(long seq) {
                            return having(seq).chunkOf(seq);
                        }

                        @Override
                        public long bytes(long first, long last) {
                            return Lanes.this.bytes(first, last);
                        }

                        @Override
                        public void settle(long first, long last) {
                            having(first).settle(first, last);
                        }
                    },
                    queue::isAudited,
                    common.untold());
        }
        return telling;
    }

    /** Messages are gone that somebody had or could have. Those of chunks with reports stay where they are, nobody's, until that is told. */
    void part(long from, long to, Parting how) {
        if (how != Parting.ACKED) {
            leftUnacked(from, to);
        }
        if (telling == null) {
            settle(from, to);
            return;
        }
        having(from).part(from, to, (a, b) -> leftUntold(a, b, how));
        queue.gone(from, to);
    }

    private void leftUntold(long from, long to, Parting how) {
        attempts.forget(from, to);
        telling.left(from, to, how);
    }

    /** The queue is deleted: what is still to be told of it waits for {@link #deleteAll}. */
    void restUntold() {
        if (telling != null) {
            telling.rest();
        }
    }

    /** Messages that died or left and are still there: they go some per entry. */
    long going() {
        return dead.count() + (telling == null ? 0 : telling.count());
    }

    /** Body bytes of messages that left and are still to be told of. */
    long untoldBytes() {
        return telling == null ? 0 : telling.bytes();
    }

    /** Whether a message left and is still to be told of. */
    boolean isUntold(long seq) {
        return telling != null && telling.has(seq);
    }

    /** Messages that are nobody's wait as dead letters. */
    void die(long from, long to, Death why) {
        attempts.forget(from, to);
        dead.change(from, to, before -> why.ordinal());
    }

    /** The record of attempts of a message, see {@link Attempts}. */
    int attempts(long seq) {
        return attempts.at(seq);
    }

    /** The last message up to which all have the same. */
    long endOfSameAttempts(long seq) {
        return attempts.endOfSame(seq);
    }

    /** Of what a message that waits as a dead letter died, as {@link Death} has it; {@link SeqRuns#NONE} for one that does not. */
    int death(long seq) {
        return dead.at(seq);
    }

    /** The last message up to which all died of that. */
    long endOfSameDeath(long seq) {
        return dead.endOfSame(seq);
    }

    boolean hasDead() {
        return !dead.isEmpty();
    }

    long dead() {
        return dead.count();
    }

    /** The first messages that wait as dead letters: of one chunk, and dead for one reason. At most so many; there is one. */
    DeadRun firstDead(int most) {
        long first = dead.lowest();
        Chunk chunk = having(first).chunkOf(first);
        long end = Math.min(Math.min(dead.endOfRun(first) + 1, chunk.endSeq()), first + most);
        return new DeadRun(
                chunk, (int) (first - chunk.firstSeq()), (int) (end - chunk.firstSeq()), Death.of(dead.at(first)));
    }

    /** Some dead letters, as positions within their chunk. */
    public record DeadRun(Chunk chunk, int from, int to, Death why) {}

    /** Dead letters have gone where they go. */
    void buried(long from, long to) {
        dead.forget(from, to);
        leftUnacked(from, to);
        settle(from, to);
    }

    /** Dead letters can't go on any more. */
    void lost(long from, long to, Death why) {
        dead.forget(from, to);
        part(from, to, why.parting());
    }

    /** Drops everything ready; returns how many messages that were. */
    public long purge() {
        long n = ready();
        for (QueueLog lane = first(); n > 0 && lane != null; lane = after(lane)) {
            purges(lane);
        }
        if (telling != null) {
            purgeTelling(Parting.PURGED);
            return n;
        }
        boolean later = sum(QueueLog::sharedAhead) > common.limits().work().atOnce();
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.forEachReturned(queue::gone);
            lane.purge(later);
        }
        return n;
    }

    /** What was begun out of turn beyond what is next counts as well, whatever becomes of it. */
    private void purges(QueueLog lane) {
        lane.forEachReturned(this::leftUnacked);
        if (lane.head() < lane.tail()) {
            leftUnacked(lane.head(), lane.tail() - 1);
        }
    }

    private void purgeTelling(Parting how) {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.forEachReturned(queue::gone);
            QueueLog it = lane;
            lane.purge(
                    (a, b) -> it.part(a, b, (x, y) -> leftUntold(x, y, how)),
                    (a, b) -> common.untold().farewells().fresh(telling, how, a, b, it.known(a, b)));
        }
    }

    /** The queue is deleted, and somebody wants to hear of its messages: later entries take them out. */
    private void bequeath() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.forgetReturned();
        }
        telling.writeDirty(common.store());
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            QueueLog it = lane;
            lane.purge(
                    (a, b) -> {}, // it is of a chunk that was begun
                    (a, b) -> common.untold().farewells().fresh(telling, Parting.DELETED, a, b, it.known(a, b)));
            lane.bequeath(begun -> common.untold().farewells().begun(telling, begun));
        }
        queue.gone(0, Long.MAX_VALUE);
        telling = null;
    }

    /** The queue is deleted: everything goes, held or not. */
    void deleteAll() {
        if (telling != null) {
            bequeath();
        } else {
            deleteMessages();
        }
        attempts.forget(0, Long.MAX_VALUE);
        dead.forget(0, Long.MAX_VALUE);
        if (outOfTurn != null) {
            outOfTurn.forget(0, Long.MAX_VALUE);
        }
        if (keyed != null) {
            keyed.deleteAll();
        }
        writeDirty();
    }

    private void deleteMessages() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.forgetReturned();
        }
        purge();
        queue.gone(0, Long.MAX_VALUE);
        boolean later = sum(QueueLog::chunksInMemory) > common.limits().work().atOnce();
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.deleteRest(later);
        }
    }

    void writeDirty() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.writeDirty();
        }
        attempts.writeDirty(common.store(), queue.number());
        dead.writeDirty(common.store(), queue.number());
        if (telling != null) {
            telling.writeDirty(common.store());
        }
        if (outOfTurn != null) {
            outOfTurn.writeDirty(common.store(), queue.number());
        }
    }

    /** Of the lane that is always there. */
    void encode(ByteWriter w) {
        home.encode(w);
    }

    /** Of the other lanes, if they have had messages; null for none. */
    byte[] encodeMore() {
        if (all == null) {
            return null;
        }
        ByteWriter w = new ByteWriter(64);
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            if (lane != home && !lane.isUnused()) {
                lane.encode(w.uint8(lane.lane()));
            }
        }
        return w.size() == 0 ? null : w.toBytes();
    }

    /** Whether somebody is told of its messages, and how much waits for that; null: nobody ever was. */
    byte[] encodeTelling() {
        return telling == null
                ? null
                : new ByteWriter(9).varint(telling.bytes()).toBytes();
    }

    /** Takes up what {@link #encodeTelling} wrote. */
    void decodeTelling(ByteReader r) {
        telling().waits(r.varint());
    }

    /** Which of its messages left otherwise than by acks; null for none. */
    byte[] encodeUnacked() {
        return unacked == null ? null : unacked.encode();
    }

    void decodeUnacked(ByteReader r) {
        unacked = LeftUnacked.decode(r);
    }

    /** How the lanes of headers are served; null for none. */
    byte[] encodeKeyed() {
        return keyed == null ? null : keyed.encode();
    }

    void decodeKeyed(ByteReader r) {
        keyed().decode(r);
    }

    /** Takes up what {@link #encode} wrote. */
    void decode(ByteReader r) {
        home.decode(r);
    }

    /** Takes up what {@link #encodeMore} wrote. */
    void decodeMore(ByteReader r) {
        while (r.hasRemaining()) {
            at(r.uint8()).decode(r);
        }
    }

    /** The lanes are decoded: takes up the records of settled bits, of attempts and of dead letters. */
    void restore(Collection<Holder> holders) {
        MessageStore store = common.store();
        SeqRuns begun = new SeqRuns(Keys.OUT_OF_TURN);
        begun.restore(store, queue.number());
        if (!begun.isEmpty()) {
            outOfTurn = begun;
            begun.forEach((from, to) -> having(from).restoreOutOfTurn(from, to, begun));
        }
        store.scan(Keys.of(Keys.SETTLED, queue.number()), (k, v) -> {
            long first = ByteReader.int64(k, 9);
            having(first).restoreSettled(first, v);
        });
        attempts.restore(store, queue.number());
        dead.restore(store, queue.number());
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.restoreReturned();
        }
        dead.forEach((from, to) -> having(from).isHeld(from, to));
        if (telling != null) {
            if (queue.deleted) {
                telling.rest();
            }
            telling.restore(store);
            telling.forEach((from, to) -> having(from).isHeld(from, to));
        }
        for (Holder h : holders) {
            h.held.forEach((from, to) -> having(from).isHeld(from, to));
            if (keyed != null) {
                keyed.restore(h);
            }
        }
        mixed = all != null && isMixed();
    }

    void digest(StateDigest d) {
        home.digest(d);
        attempts.digest(d);
        dead.digest(d);
        if (outOfTurn != null) {
            outOfTurn.digest(d);
        }
        home.digestReturned(d);
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            if (lane != home && !lane.isUnused()) { // else programs that do not know of lanes have the same digest
                lane.digest(d.add((long) lane.lane()));
                lane.digestReturned(d);
            }
        }
        if (keyed != null) {
            keyed.digest(d);
        }
        if (telling != null) {
            telling.digest(d);
        }
        if (unacked != null) {
            unacked.digest(d);
        }
    }
}
