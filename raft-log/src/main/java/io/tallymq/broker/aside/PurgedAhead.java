package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;

/**
 * What a consumer had been assigned beyond its prefetch when its queue was purged. Its channel is asked for it: what comes back unsent is gone; what the client
 * was sent meanwhile is the client's, and comes again if it says so. At most as much as one is assigned ahead.
 */
public final class PurgedAhead {
    private final SeqRanges messages = new SeqRanges();

    /** Adds what the consumer holds above this number. Returns how many of these are new. */
    public long add(SeqRanges held, long lastSent) {
        long before = messages.count();
        held.forEach((first, last) -> {
            if (last > lastSent) {
                put(Math.max(first, lastSent + 1), last);
            }
        });
        return messages.count() - before;
    }

    private void put(long first, long last) {
        keep(first, last);
        messages.add(first, last);
    }

    /** Nothing of this range is gone when it goes back, or it has gone back. */
    public void keep(long first, long last) {
        messages.remove(first, last, (a, b) -> {});
    }

    /** What another has of it from now on, who has a range of what the consumer had. */
    public void handOver(long first, long last, PurgedAhead to) {
        messages.remove(first, last, to::put);
    }

    /** Tells a range in pieces: what is gone, and what is not. */
    public void split(long first, long last, SeqRanges.Visitor gone, SeqRanges.Visitor others) {
        for (long from = first; from <= last; ) {
            long to = Math.min(last, messages.endOfSame(from));
            (messages.contains(from) ? gone : others).range(from, to);
            from = to + 1;
        }
    }

    public long count() {
        return messages.count();
    }

    public byte[] encode() {
        ByteWriter w = new ByteWriter(32);
        messages.write(w);
        return w.toBytes();
    }

    public static PurgedAhead decode(ByteReader r) {
        PurgedAhead p = new PurgedAhead();
        p.messages.read(r);
        return p;
    }

    public void digest(StateDigest d) {
        messages.forEach((a, b) -> d.add(a).add(b));
    }
}
