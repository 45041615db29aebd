package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.Reading;
import java.util.NavigableSet;

/** What one channel of a reader of a stream got, without gaps, from where it began. */
final class StreamReading {
    private final String channel;
    private final long from;
    private final long acked;
    private long first = -1;
    private long last = -1;
    private long count;
    private boolean backwards;

    /**
     * It begins.
     *
     * @param from the offset that it asked for, or {@link Reading#STORED}
     * @param acked how far the same reader had acked before, -1 for nothing
     */
    StreamReading(String channel, long from, long acked) {
        this.channel = channel;
        this.from = from;
        this.acked = acked;
    }

    /** The last offset that came; where it began when nothing has. */
    long last() {
        return last >= 0 ? last : from >= 0 ? from - 1 : acked;
    }

    void read(long offset, Findings findings) {
        if (last >= offset) {
            backwards = true;
            findings.broken(Rule.SKIPPED, channel + " got " + offset + " after " + last);
        }
        first = first < 0 ? offset : first;
        last = Math.max(last, offset);
        count++;
    }

    /** @param offsets all that there are */
    void judge(NavigableSet<Long> offsets, Findings findings) {
        if (first < 0 || backwards) {
            return;
        }
        long begin = from >= 0 ? from : acked + 1;
        // From what is stored it may begin earlier: an ack is stored a little later, and not by a node that died.
        boolean early = first < begin && from >= 0;
        if (early || !offsets.subSet(Math.min(begin, first), first).isEmpty()) {
            findings.broken(Rule.SKIPPED, channel + " began with " + first + ", and " + begin + " was its next one");
        }
        int all = offsets.subSet(first, true, last, true).size();
        if (all != count) {
            findings.broken(
                    Rule.SKIPPED, channel + " got " + count + " of the " + all + " from " + first + " to " + last);
        }
    }
}
