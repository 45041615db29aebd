package io.tallymq.broker.reports;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;
import java.util.function.BooleanSupplier;

/**
 * Messages that left a queue, and of which somebody may want to be told: they stay in their chunks, nobody's and counted nowhere, until they
 * are told. That is at the end of the entry where they left, unless it is too much for one. What leaves at once makes one run, however much it is.
 */
public final class Telling {
    /** The messages of the queue. */
    public interface Messages {
        /** The chunk of a message that is there. */
        Chunk chunkOf(long seq);

        /** Body bytes of messages that are there. */
        long bytes(long first, long last);

        /** They are gone. */
        void settle(long first, long last);
    }

    /** Some that are to be told, as positions within their chunk. */
    public record Due(Chunk chunk, int from, int to, Parting how) {}

    private final long queue;
    private final String vhost;
    private final String name;
    private final Messages messages;
    private final BooleanSupplier audited;
    private final Untold untold;
    private final SeqRuns runs = new SeqRuns(Keys.UNTOLD);
    private long bytes;
    /** Its queue is deleted: what is left is told with the rest of that. */
    private boolean rests;

    /** @param audited whether it is told of all messages of the queue */
    public Telling(long queue, String vhost, String name, Messages messages, BooleanSupplier audited, Untold untold) {
        this.audited = audited;
        this.queue = queue;
        this.vhost = vhost;
        this.name = name;
        this.messages = messages;
        this.untold = untold;
    }

    public long queue() {
        return queue;
    }

    public String vhost() {
        return vhost;
    }

    /** Whether all that leaves is told in the stream of receipts. */
    public boolean isAudited() {
        return audited.getAsBoolean();
    }

    public String name() {
        return name;
    }

    /** Messages left, all of one chunk. */
    public void left(long first, long last, Parting how) {
        bytes += messages.bytes(first, last);
        runs.change(first, last, before -> how.ordinal());
        add();
    }

    private void add() {
        if (!rests && !runs.isEmpty()) {
            untold.add(this);
        }
    }

    /** The queue is deleted, and what is left of it comes to the farewells some time. */
    public void rest() {
        rests = true;
        untold.remove(this);
    }

    /** How many are to be told. */
    public long count() {
        return runs.count();
    }

    /** Body bytes of what is to be told. */
    public long bytes() {
        return bytes;
    }

    /** Whether this message has left. */
    public boolean has(long seq) {
        return runs.at(seq) != SeqRuns.NONE;
    }

    /** The first ones, at most so many; there are some. */
    public Due first(int most) {
        long first = runs.lowest();
        Chunk chunk = messages.chunkOf(first);
        long end = Math.min(Math.min(runs.endOfRun(first) + 1, chunk.endSeq()), first + most);
        return new Due(
                chunk, (int) (first - chunk.firstSeq()), (int) (end - chunk.firstSeq()), Parting.of(runs.at(first)));
    }

    /** The first ones are told. */
    public void told(Due d) {
        long first = d.chunk().firstSeq() + d.from();
        long last = d.chunk().firstSeq() + d.to() - 1;
        bytes -= messages.bytes(first, last);
        runs.forget(first, last);
        messages.settle(first, last);
        if (runs.isEmpty()) {
            untold.remove(this);
        }
    }

    /** The queue is deleted: what was to be told of it the farewells tell. */
    SeqRuns handOver() {
        untold.remove(this);
        return runs;
    }

    public void writeDirty(MessageStore store) {
        runs.writeDirty(store, queue);
    }

    /** For the start: body bytes of what is to be told. */
    public void waits(long itsBytes) {
        bytes = itsBytes;
    }

    /** Takes up what the store has: the messages are known. */
    public void restore(QueueRecords records) {
        runs.restore(records, queue);
        add();
    }

    /** Hears of what left. */
    public void forEach(SeqRanges.Visitor v) {
        runs.forEach(v);
    }

    public void digest(StateDigest d) {
        d.add(bytes);
        runs.digest(d);
    }
}
