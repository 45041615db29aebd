package io.tallymq.broker.lane;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.view.LaneEnds;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/** The lanes of a queue by their numbers, and in that order. One is always there, home; the others come with their first message. */
public final class LaneChain {
    /** Bits of a number below its lane: more messages than anybody publishes, and 256 lanes of them are positive numbers. */
    public static final int BITS = LaneEnds.BITS;

    private final IntFunction<QueueLog> make;
    /** The lane of the least urgent priority. */
    private final int highest;

    private final QueueLog home;
    /** The first of a chain in the order of their numbers. */
    private QueueLog first;
    /** By number, null where there is none yet; null while {@link #home} is alone. */
    private QueueLog[] all;
    /** Those beside home that have had messages, or will have with the entry in hand. */
    private int more;

    public LaneChain(QueueLog home, int highest, IntFunction<QueueLog> make) {
        this.make = make;
        this.highest = highest;
        this.home = home;
        this.first = home;
    }

    /** The lane of a message. */
    public static int lane(long seq) {
        return (int) (seq >>> BITS);
    }

    /** Whether home is the only one. */
    public boolean isHomeAlone() {
        return all == null;
    }

    /** The lane that would have this message; null when there is none. */
    public QueueLog find(long seq) {
        if (all == null) {
            return lane(seq) == home.lane() ? home : null;
        }
        return lane(seq) < all.length ? all[lane(seq)] : null;
    }

    /** This lane, which is there from now on. */
    public QueueLog at(int lane) {
        if (lane == home.lane()) {
            return home;
        }
        if (all == null || all.length <= lane) {
            int most = Math.max(lane, Math.max(home.lane(), highest));
            all = all == null ? new QueueLog[most + 1] : Arrays.copyOf(all, most + 1);
            all[home.lane()] = home;
        }
        if (all[lane] == null) {
            all[lane] = make.apply(lane);
            link(all[lane]);
        }
        return all[lane];
    }

    /** Lanes beside the one that is always there that have had messages, or will have with the entry in hand. */
    public int more() {
        return more;
    }

    /** Whether it has had messages, or will have with the entry in hand, or is the one that is always there. */
    public boolean isThere(int lane) {
        if (lane == home.lane()) {
            return true;
        }
        QueueLog its = all == null || lane >= all.length ? null : all[lane];
        return its != null && (its.expects || !its.isUnused());
    }

    /** A message of the entry in hand will be put into this lane. Returns whether it is one {@link #more}. */
    public boolean expect(int lane) {
        boolean isNew = !isThere(lane);
        at(lane).expects = true;
        more += isNew ? 1 : 0;
        return isNew;
    }

    /** Of these lanes the one that {@link #isThere} and is nearest to another one, of two the sooner; -1 for none. */
    public int nearest(int lane, int from, int to) {
        for (int by = 1; by <= to - from; by++) {
            if (lane - by >= from && isThere(lane - by)) {
                return lane - by;
            }
            if (lane + by <= to && isThere(lane + by)) {
                return lane + by;
            }
        }
        return -1;
    }

    /** Whether all messages of all lanes are gone, and none comes with the entry in hand. */
    public boolean areEmpty() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            if (!lane.isEmpty()) {
                return false;
            }
        }
        return true;
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
    public boolean isEmpty(int lane) {
        return all == null || lane >= all.length || all[lane] == null || all[lane].isEmpty();
    }

    /** Messages that are to be had of a lane that is there. */
    public long readyIn(int lane) {
        return all[lane].ready();
    }

    /** The lane that has this message. */
    public QueueLog having(long seq) {
        return all == null ? home : all[lane(seq)];
    }

    /** The first lane. */
    public QueueLog first() {
        return first;
    }

    /** The lane behind this one; null when there is none. */
    public QueueLog after(QueueLog lane) {
        return lane.behind;
    }

    /** The first lane from this number on; null when there is none. */
    public QueueLog from(int lane) {
        for (int i = lane; all != null && i < all.length; i++) {
            if (all[i] != null) {
                return all[i];
            }
        }
        return null;
    }

    /** Of all lanes. */
    public long sum(ToLongFunction<QueueLog> of) {
        long sum = 0;
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            sum += of.applyAsLong(lane);
        }
        return sum;
    }

    /** What was written can be read. */
    public void committed() {
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.committed();
        }
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

    /** Whether two or more have had messages. */
    public boolean isMixed() {
        return all != null && sum(lane -> lane.isUnused() ? 0 : 1) > 1;
    }

    /** Of the other lanes, if they have had messages; null for none. */
    public byte[] encodeMore() {
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

    /** Takes up what {@link #encodeMore} wrote. */
    public void decodeMore(ByteReader r) {
        while (r.hasRemaining()) {
            at(r.uint8()).decode(r);
            more++;
        }
    }

    /** In how many places messages came back and are to be had. */
    public long returnedRanges() {
        return sum(lane -> lane.returned().ranges());
    }

    /** Chunks in memory of which something was given, or passed over. */
    public long begunChunks() {
        return sum(QueueLog::begunChunks);
    }

    /** All that came back is not to be had any more, and is put into a set. Returns how many messages that are. */
    public long takeReturned(SeqRanges into) {
        long before = into.count();
        for (QueueLog lane = first(); lane != null; lane = after(lane)) {
            lane.returned().takeAll(into::add);
        }
        return into.count() - before;
    }
}
