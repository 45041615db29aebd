package io.tallymq.broker.queue;

import io.tallymq.broker.chunk.ChunkBuilder;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.LaneChain;
import io.tallymq.broker.lane.LaneRoom;
import io.tallymq.broker.lane.Priorities;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.lane.ReturnedMessages;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;
import io.tallymq.broker.view.LaneEnds;
import java.util.Collection;
import java.util.function.IntUnaryOperator;

/**
 * The messages of one queue: a {@link QueueLog} per priority, its lane. The lane stands in the upper bits of a message's number, so what
 * is to be had sooner has the lower number, and ranges of numbers need not know of lanes: none goes from one into another.
 *
 * <p>The lane of messages that do not say a priority is always there; the others come with their first message. A queue without
 * priorities has that one alone.
 */
public final class Lanes {
    private final Queue queue;
    private final Common common;
    private final Priorities priorities;
    private final SeqRuns attempts = new SeqRuns(Keys.ATTEMPTS);
    private final QueueLog home;
    private final LaneChain chain;
    private final LaneRoom room;
    private final Partings partings;
    private final DeadMessages dead;
    private final Picking picking;

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
        this.chain = new LaneChain(home, priorities.highest(), this::make);
        this.room = new LaneRoom(chain, common);
        this.partings = new Partings(queue, common, chain, attempts);
        this.dead = new DeadMessages(chain, partings, attempts);
        this.picking = new Picking(chain, partings, common);
    }

    /** Its lanes by their numbers. */
    public LaneChain chain() {
        return chain;
    }

    /** How many of these there may be. */
    LaneRoom room() {
        return room;
    }

    /** How messages leave. */
    public Partings partings() {
        return partings;
    }

    /** How they are picked from its middle. */
    public Picking picking() {
        return picking;
    }

    /** Those that wait as dead letters. */
    DeadMessages dead() {
        return dead;
    }

    private QueueLog make(int lane) {
        return new QueueLog(queue.number(), lane, common, queue.settings().lastValue() != null, attempts);
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
        QueueLog lane = chain.find(seq);
        return lane == null ? null : lane.chunkNear(seq);
    }

    /** The last message of each. */
    public LaneEnds ends() {
        return chain.ends();
    }

    /** The lane of messages that say nothing. */
    public int lane() {
        return home.lane();
    }

    /** Whether messages of this queue may have different lanes. */
    public boolean sorts() {
        return queue.settings().lastValue() == null && (havePriorities() || sortsByHeader());
    }

    /** Whether messages that come are told apart by a header. */
    boolean sortsByHeader() {
        QueueSettings s = queue.settings();
        return s.sortsByHeader() && s.lastValue() == null && priorities.highest() < KeyedLanes.GROUPS;
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
                int lane = s.groupBy() != null ? keyed().groupLane(key, run) : keyed().tenantLane(key, run);
                room.expect(lane);
                return lane;
            }
        }
        return priorities.highest() == 0
                ? home.lane()
                : room.take(priorities.lane(run.priority(i)), 0, priorities.highest());
    }

    private KeyedLanes keyed() {
        if (keyed == null) {
            keyed = new KeyedLanes(this, common, queue.number());
        }
        return keyed;
    }

    /** Where the next message is as far as priorities tell; null when none is ready. */
    QueueLog headOfPriorities() {
        for (QueueLog lane = chain.first();
                lane != null && lane.lane() <= priorities.highest();
                lane = chain.after(lane)) {
            if (lane.ready() > 0) {
                return lane;
            }
        }
        return null;
    }

    /** Where the next message is for a holder, or for somebody new if that is null; null when there is none for it. */
    public QueueLog next(Holder h) {
        return keyed == null ? headOfPriorities() : keyed.next(h == null ? KeyedLanes.NOBODY : h.number());
    }

    /** Whether messages were told apart by a header, ever. */
    public boolean haveKeys() {
        return keyed != null;
    }

    /** Whether there are messages that were. */
    boolean haveKeyed() {
        return keyed != null && keyed.haveMessages();
    }

    /** Whether its messages are told apart by a header: they have an order of turns that is not their numbers'. */
    boolean isKeyed(QueueLog lane) {
        return keyed != null && lane.lane() >= KeyedLanes.GROUPS;
    }

    /** As {@link QueueLog#takeIn}. */
    void takeIn(Chunk chunk) {
        chain.having(chunk.firstSeq()).takeIn(chunk);
    }

    /** Whether there is a message for a holder, or for somebody new if that is null. */
    public boolean haveFor(Holder h) {
        return keyed == null ? ready() > 0 : keyed.next(h == null ? KeyedLanes.NOBODY : h.number()) != null;
    }

    /** Whether a holder, or somebody new if that is null, may have this message now, should it be to be had. */
    public boolean mayHave(Holder h, long seq) {
        return keyed == null || keyed.mayHave(LaneChain.lane(seq), h == null ? KeyedLanes.NOBODY : h.number());
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
            keyed.assigned(LaneChain.lane(seq), h.number(), messages);
        }
    }

    /** Whoever held them let go of messages from this one on. */
    void left(long seq, long messages) {
        if (keyed != null) {
            keyed.left(LaneChain.lane(seq), messages);
        }
    }

    /** Where the oldest of the least urgent messages is, or of the longest lane; null when none is ready. */
    QueueLog last() {
        QueueLog last = keyed == null ? null : keyed.longest();
        for (QueueLog lane = last != null ? null : chain.first(); lane != null; lane = chain.after(lane)) {
            last = lane.ready() == 0 ? last : lane;
        }
        return last;
    }

    long ready() {
        return chain.isHomeAlone() ? home.ready() : chain.sum(QueueLog::ready);
    }

    /** Body bytes of all messages, held ones included. */
    long bytes() {
        return chain.sum(QueueLog::bytes);
    }

    /** Body bytes of live messages. */
    public long bytes(long from, long to) {
        return chain.having(from).chunks().bytes(from, to);
    }

    /** Where the chunk grows that the entry in hand adds to a lane. */
    public ChunkBuilder building(int number) {
        QueueLog lane = chain.at(number);
        if (lane.building == null) {
            lane.building =
                    new ChunkBuilder(queue.limits(), queue.number(), lane::tail, queue.expiry(), queue::isAudited);
        }
        return lane.building;
    }

    /** The first of these that has something; null when none has. */
    public ChunkBuilder nextBuilding() {
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            if (lane.isBuilding()) {
                return lane.building;
            }
        }
        return null;
    }

    /** Messages of the entry in hand that are in no chunk yet. */
    public long buildingMessages() {
        return chain.sum(lane -> lane.isBuilding() ? lane.building.count() : 0);
    }

    /** Their body bytes. */
    long buildingBytes() {
        return chain.sum(lane -> lane.isBuilding() ? lane.building.bodyBytes() : 0);
    }

    /** The number of the next message that does not say a priority. */
    public long tail() {
        return home.tail();
    }

    /** Returns whether its messages have different lanes from now on. */
    boolean append(Chunk chunk) {
        if (chunk.hasReports()) {
            partings.telling();
        }
        chain.having(chunk.firstSeq()).append(chunk);
        mayExpire |= chunk.earliest() != 0;
        boolean before = mixed;
        mixed = before || chain.isMixed();
        return mixed != before;
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
        chain.having(from).returned().giveBack(from, to, next);
    }

    /** As {@link ReturnedMessages#dieOfFailures}. */
    void dieOfFailures(long from, long to, long limit, SeqRanges.Visitor gone) {
        chain.having(from).returned().dieOfFailures(from, to, limit, gone);
    }

    /** As {@link ReturnedMessages#takeOut}; those that died meanwhile have no record, and are passed over. */
    void takeReturned(long from, long to, ReturnedMessages.AttemptsVisitor each) {
        for (long at = from; at <= to; at++) {
            if (attempts.at(at) == SeqRuns.NONE) {
                continue;
            }
            long end = Math.min(to, attempts.endOfRun(at));
            chain.having(at).returned().takeOut(at, end, each);
            at = end;
        }
    }

    void putReturned(long from, long to) {
        chain.having(from).returned().put(from, to);
    }

    /** For the start: messages that are not to be had. */
    void isNotReady(long from, long to) {
        chain.having(from).returned().isHeld(from, to);
    }

    /** Messages that died or left and are still there: they go some per entry. */
    long going() {
        return dead.count() + partings.count();
    }

    /** The record of attempts of a message, see {@link Attempts}. */
    int attempts(long seq) {
        return attempts.at(seq);
    }

    /** The last message up to which all have the same. */
    long endOfSameAttempts(long seq) {
        return attempts.endOfSame(seq);
    }

    /** Drops everything ready; returns how many messages that were. */
    public long purge() {
        long n = ready();
        for (QueueLog lane = chain.first(); n > 0 && lane != null; lane = chain.after(lane)) {
            partings.purges(lane);
        }
        if (partings.areTold()) {
            partings.purge(Parting.PURGED);
            picking.purged(queue.number());
            return n;
        }
        boolean later = goLater(chain.sum(QueueLog::sharedAhead));
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            lane.returned().forEach(queue::gone);
            lane.purge(later);
        }
        picking.purged(queue.number());
        return n;
    }

    /** The queue is deleted: everything goes, held or not. */
    void deleteAll() {
        if (partings.areTold()) {
            partings.bequeath();
        } else {
            deleteMessages();
        }
        remains().deleteAll();
        room.leave();
        picking.purged(queue.number());
        writeDirty();
    }

    /** What is noted of some of its messages. */
    public Remains remains() {
        return new Remains(queue, common, attempts, dead, keyed);
    }

    private void deleteMessages() {
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            lane.returned().clear();
        }
        purge();
        boolean later = goLater(chain.sum(lane -> lane.chunks().size()));
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            lane.chunks().deleteRest(later);
        }
    }

    /** Whether so many chunks, one by one, are too much for a command, or with those that others of the entry take out for that. */
    private boolean goLater(long chunks) {
        return chunks > common.limits().work().atOnce() || !common.owed().goNow((int) chunks);
    }

    void writeDirty() {
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            lane.chunks().writeDirty();
        }
        attempts.writeDirty(common.store(), queue.number());
        dead.writeDirty(common.store(), queue.number());
        partings.writeDirty();
        picking.writeDirty(queue.number());
    }

    /** What was written can be read. */
    void committed() {
        chain.committed();
    }

    /** Of the lane that is always there. */
    void encode(ByteWriter w) {
        home.encode(w);
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

    /** The lanes are decoded: takes up the records of settled bits, of attempts and of dead letters. */
    void restore(Collection<Holder> holders, QueueRecords records) {
        room.restored();
        picking.restore(queue.number(), records);
        records.scan(Keys.SETTLED, queue.number(), (k, v) -> {
            long first = ByteReader.int64(k, 9);
            chain.having(first).chunks().restoreSettled(first, v);
        });
        attempts.restore(records, queue.number());
        dead.restore(records, queue.number());
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            lane.restoreReturned();
        }
        dead.areHeld();
        partings.restore(records);
        for (Holder h : holders) {
            h.held.forEach((from, to) -> chain.having(from).returned().isHeld(from, to));
            if (keyed != null) {
                keyed.restore(h);
            }
        }
        mixed = chain.isMixed();
    }

    void digest(StateDigest d) {
        home.digest(d);
        attempts.digest(d);
        dead.digest(d);
        picking.digest(d);
        room.digest(d);
        home.returned().digest(d);
        for (QueueLog lane = chain.first(); lane != null; lane = chain.after(lane)) {
            if (lane != home && !lane.isUnused()) { // else programs that do not know of lanes have the same digest
                lane.digest(d.add((long) lane.lane()));
                lane.returned().digest(d);
            }
        }
        if (keyed != null) {
            keyed.digest(d);
        }
        partings.digest(d);
    }
}
