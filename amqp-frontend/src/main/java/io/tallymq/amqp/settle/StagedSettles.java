package io.tallymq.amqp.settle;

import io.tallymq.broker.command.Settle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What a channel settled since tx.select or the last commit: it counts at the commit, and not before. Event loop only. */
public final class StagedSettles {
    /** Most bytes of a range in the commit. */
    public static final int RANGE = 20;
    /** Bytes that memory holds of a method that settles. */
    public static final int MEMORY = 112;

    /** basic.ack and the like, to be carried out at the commit. */
    private record Settling(long tag, boolean multiple, Settle.Outcome outcome) {}

    private final UnackedTags unacked;
    private final List<Settling> settlings = new ArrayList<>();
    /** Tags that were settled one by one. */
    private final TreeSet<Long> settled = new TreeSet<>();
    /** All tags up to this one were settled. */
    private long settledThrough;
    /** Acks of one tag, and the ranges that acks of several settle at most: those of all that is outstanding. */
    private long singles;

    private long ranges;
    private long acked;

    /** @param unacked of the channel */
    public StagedSettles(UnackedTags unacked) {
        this.unacked = unacked;
    }

    /** Methods that settle. */
    public int size() {
        return settlings.size();
    }

    /** Most bytes that they take in the commit. */
    public long bytes() {
        return RANGE * (singles + ranges);
    }

    /** Whether a tag can be settled. */
    private boolean isOutstanding(long tag) {
        return !isSettled(tag) && unacked.contains(tag);
    }

    private boolean isSettled(long tag) {
        return tag <= settledThrough || settled.contains(tag);
    }

    /** basic.recover: what is outstanding, and not settled by the transaction, is settled at once. */
    public void settleOthers(SettleBatch.Sink sink) {
        unacked.settleAllBut(this::isSettled, sink);
    }

    /** basic.ack, nack or reject; false when the tag is not outstanding. */
    public boolean settle(long tag, boolean multiple, Settle.Outcome outcome) {
        if (multiple && tag == 0) {
            if (unacked.highest() > settledThrough) {
                settledThrough = unacked.highest();
                ranges = unacked.ranges();
                settlings.add(new Settling(settledThrough, true, outcome));
            }
            return true;
        }
        if (!isOutstanding(tag)) {
            return false;
        }
        settlings.add(new Settling(tag, multiple, outcome));
        if (multiple) {
            settledThrough = tag;
            ranges = unacked.ranges();
            settled.headSet(tag, true).clear();
        } else {
            settled.add(tag);
            singles++;
        }
        return true;
    }

    /** What was settled, for the commit: from here on it is no longer outstanding. */
    public List<Settle> take() {
        Map<Long, Map<Settle.Outcome, SettleBatch.Entry>> entries = new LinkedHashMap<>();
        acked = 0;
        for (Settling s : settlings) {
            int before = unacked.size();
            SettleBatch.Sink sink = (holder, first, last) -> {
                if (holder.isReader()) {
                    holder.acked(); // how far it has read is no part of the transaction, and stored by itself
                    return;
                }
                entries.computeIfAbsent(holder.number(), n -> new LinkedHashMap<>())
                        .computeIfAbsent(s.outcome, o -> new SettleBatch.Entry(holder, o))
                        .add(first, last);
            };
            if (s.multiple) {
                unacked.settleThrough(s.tag, sink);
            } else {
                unacked.settle(s.tag, sink);
            }
            acked += s.outcome == Settle.Outcome.ACK ? before - unacked.size() : 0;
        }
        List<Settle> settles = new ArrayList<>();
        entries.forEach((holder, byOutcome) ->
                byOutcome.forEach((outcome, entry) -> settles.add(new Settle(holder, outcome, entry.merged()))));
        return settles;
    }

    /** How many messages {@link #take} acked. */
    public long acked() {
        return acked;
    }

    /** The next transaction begins. */
    public void clear() {
        settlings.clear();
        settled.clear();
        settledThrough = 0;
        singles = 0;
        ranges = 0;
    }
}
