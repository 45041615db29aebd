package io.tallymq.broker.queue;

import io.tallymq.broker.lane.LaneChain;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;

/** Messages of a queue that died and wait for their way to the dead letter exchange, each with what it died of: {@link Death}. */
public final class DeadMessages {
    /** Some that are next to each other, as positions within their chunk. */
    public record Run(Chunk chunk, int from, int to, Death why) {}

    private final SeqRuns dead = new SeqRuns(Keys.DEAD);
    private final LaneChain lanes;
    private final Partings partings;
    private final SeqRuns attempts;

    DeadMessages(LaneChain lanes, Partings partings, SeqRuns attempts) {
        this.lanes = lanes;
        this.partings = partings;
        this.attempts = attempts;
    }

    boolean isEmpty() {
        return dead.isEmpty();
    }

    long count() {
        return dead.count();
    }

    /** Messages that are nobody's wait as dead letters. */
    void die(long from, long to, Death why) {
        attempts.forget(from, to);
        dead.change(from, to, before -> why.ordinal());
    }

    /** Of what a message that waits as a dead letter died, as {@link Death} has it; {@link SeqRuns#NONE} for one that does not. */
    int of(long seq) {
        return dead.at(seq);
    }

    /** The last message up to which all died of that. */
    long endOfSame(long seq) {
        return dead.endOfSame(seq);
    }

    /** The first messages that wait as dead letters: of one chunk, and dead for one reason. At most so many; there is one. */
    Run first(int most) {
        long first = dead.lowest();
        Chunk chunk = lanes.having(first).chunks().of(first);
        long end = Math.min(Math.min(dead.endOfRun(first) + 1, chunk.endSeq()), first + most);
        return new Run(
                chunk, (int) (first - chunk.firstSeq()), (int) (end - chunk.firstSeq()), Death.of(dead.at(first)));
    }

    /** Dead letters have gone where they go. */
    void buried(long from, long to) {
        dead.forget(from, to);
        partings.unacked(from, to);
        partings.settle(from, to);
    }

    /** Dead letters can't go on any more. */
    void lost(long from, long to, Death why) {
        dead.forget(from, to);
        partings.part(from, to, why.parting());
    }

    int runs() {
        return dead.runs();
    }

    /** The queue is deleted: so many runs go. Returns how many these were. */
    int deleteSome(int most) {
        return dead.forgetLowest(most);
    }

    void writeDirty(MessageStore store, long queue) {
        dead.writeDirty(store, queue);
    }

    void restore(QueueRecords records, long queue) {
        dead.restore(records, queue);
    }

    /** For the start: they are not to be had. */
    void areHeld() {
        dead.forEach((from, to) -> lanes.having(from).returned().isHeld(from, to));
    }

    void digest(StateDigest d) {
        dead.digest(d);
    }
}
