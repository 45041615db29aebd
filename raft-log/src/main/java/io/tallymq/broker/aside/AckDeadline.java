package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;

/**
 * Since when a holder has had what it holds, as exactly as {@link #LOOKS} looks within its timeout tell: each marks what it holds that was
 * not marked before, the first one is when it begins to hold something. So a message costs nothing, and what is held for the timeout is
 * noticed then, or a quarter of it later at the most.
 */
public final class AckDeadline {
    /** How often a holder is looked at while its timeout runs. */
    private static final int LOOKS = 4;

    private static final long[] NONE = {};

    /** What was held for the first time when it was looked at. Some may be settled by now. */
    private record Mark(long time, SeqRanges messages) {}

    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    /** When it is looked at next, milliseconds since the epoch; 0 while it holds nothing. */
    private long next;

    private boolean stored;
    private boolean dirty;

    public long next() {
        return next;
    }

    /**
     * Looks at what is held, and says when to look again.
     *
     * @param sent of what it holds, what its client was sent; taken over
     * @param timeout above 0
     * @return what has been held for longer than {@code timeout} milliseconds: pairs of first and last number
     */
    public long[] look(SeqRanges sent, long timeout, long now) {
        SeqRanges late = new SeqRanges();
        while (!marks.isEmpty() && marks.peek().time + timeout <= now) {
            marks.poll().messages.forEach((a, b) -> remove(sent, a, b, late));
        }
        SeqRanges marked = new SeqRanges();
        marks.forEach(m -> m.messages.forEach((a, b) -> remove(sent, a, b, marked)));
        if (!sent.isEmpty()) {
            marks.add(new Mark(now, sent));
        }
        long soon = now + Math.max(1, timeout / LOOKS);
        next = marks.isEmpty() ? soon : Math.min(soon, marks.peek().time + timeout);
        dirty = true;
        return late.isEmpty() ? NONE : late.toArray();
    }

    /** Whatever was marked, it is looked at from this time on. */
    public void lookAt(long time) {
        marks.clear();
        next = time;
        dirty = true;
    }

    private static void remove(SeqRanges from, long first, long last, SeqRanges to) {
        from.remove(first, last, to::add);
    }

    /** It has given back what it may be assigned anew. */
    public void returned(long first, long last) {
        for (Mark m : marks) {
            m.messages.remove(first, last, (a, b) -> dirty = true);
        }
    }

    /** Nothing is held. */
    public void clear() {
        marks.clear();
        next = 0;
        dirty = true;
    }

    public void write(MessageStore store, long queue, long holder) {
        if (!dirty) {
            return;
        }
        dirty = false;
        if (next == 0) {
            delete(store, queue, holder);
            return;
        }
        stored = true;
        ByteWriter w = new ByteWriter(32).varint(next).varint(marks.size());
        for (Mark m : marks) {
            m.messages.write(w.varint(m.time));
        }
        store.put(Keys.of(Keys.ACK_DEADLINE, queue, holder), w.toBytes());
    }

    public void delete(MessageStore store, long queue, long holder) {
        if (stored) {
            store.delete(Keys.of(Keys.ACK_DEADLINE, queue, holder));
            stored = false;
        }
    }

    /** Takes up what {@link #write} wrote. */
    public void restore(byte[] value) {
        stored = true;
        ByteReader r = new ByteReader(value);
        next = r.varint();
        for (long n = r.varint(); n > 0; n--) {
            Mark m = new Mark(r.varint(), new SeqRanges());
            m.messages.read(r);
            marks.add(m);
        }
        TaggedFields.endRecord(r);
    }

    /** Nothing for programs that do not know of it, as long as nothing is looked at. */
    public void digest(StateDigest d) {
        if (next != 0) {
            d.add(next);
            marks.forEach(m -> {
                d.add(m.time);
                m.messages.forEach((a, b) -> d.add(a).add(b));
            });
        }
    }
}
