package io.tallymq.amqp.settle;

import io.tallymq.broker.Session;
import io.tallymq.broker.command.Settle;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * The acks and nacks of one turn of the event loop, merged into ranges: a thousand acks in a row are one range for the
 * broker. Event loop only.
 */
public final class SettleBatch {
    /** Most ranges in one command, which has to fit a batch: a range has 20 bytes at most. */
    static final int MOST_RANGES = 16_384;
    /** The same of a command that takes effect within one entry, on all nodes: what goes back is given back by several, however much it is. */
    static final int MOST_AT_ONCE = 2_048;

    /** Takes ranges of sequence numbers that got one outcome. */
    public interface Sink {
        void settled(Holding holder, long firstSeq, long lastSeq);
    }

    /** What one holder settles in one way. */
    public static final class Entry {
        private final Holding holder;
        private final Settle.Outcome outcome;
        private long[] ranges = new long[4];
        private int length;

        /** An empty one. */
        public Entry(Holding holder, Settle.Outcome outcome) {
            this.holder = holder;
            this.outcome = outcome;
        }

        Holding holder() {
            return holder;
        }

        /** Adds messages {@code first} to {@code last}. */
        public void add(long first, long last) {
            if (length > 0 && ranges[length - 1] + 1 == first) {
                ranges[length - 1] = last;
                return;
            }
            if (length == ranges.length) {
                ranges = Arrays.copyOf(ranges, length * 2);
            }
            ranges[length++] = first;
            ranges[length++] = last;
        }

        /** Ascending and as few as possible. */
        public long[] merged() {
            int n = length / 2;
            long[][] pairs = new long[n][];
            for (int i = 0; i < n; i++) {
                pairs[i] = new long[] {ranges[2 * i], ranges[2 * i + 1]};
            }
            Arrays.sort(pairs, (a, b) -> Long.compare(a[0], b[0]));
            long[] out = new long[length];
            int end = 0;
            for (long[] pair : pairs) {
                if (end > 0 && out[end - 1] + 1 == pair[0]) {
                    out[end - 1] = pair[1];
                } else {
                    out[end++] = pair[0];
                    out[end++] = pair[1];
                }
            }
            return Arrays.copyOf(out, end);
        }
    }

    private final Session session;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final Map<Settle.Outcome, Sink> sinks = new EnumMap<>(Settle.Outcome.class);
    /** Something of it is to be told when the turn ends. */
    private boolean urgent;

    /** @param session is given what was settled */
    public SettleBatch(Session session) {
        this.session = session;
        for (Settle.Outcome outcome : Settle.Outcome.values()) {
            sinks.put(outcome, (holder, first, last) -> add(holder, outcome, first, last));
        }
    }

    /** Where to put ranges with this outcome. */
    public Sink sink(Settle.Outcome outcome) {
        return sinks.get(outcome);
    }

    /** The holder has settled messages {@code first} to {@code last}; the reader of a stream is told, and nobody else. */
    public void add(Holding holder, Settle.Outcome outcome, long first, long last) {
        urgent = true;
        put(holder, outcome, first, last);
    }

    /** The same as an ack that may wait a little for the next command: who fetches one message after the other needs no entry of its own for each of both. */
    public void addPatiently(Holding holder, long first, long last) {
        put(holder, Settle.Outcome.ACK, first, last);
    }

    /** Whether it has to be given to the broker when the turn ends. */
    public boolean isUrgent() {
        return urgent;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    private void put(Holding holder, Settle.Outcome outcome, long first, long last) {
        if (holder.isReader()) {
            holder.acked();
            return;
        }
        Entry entry = holder.open(outcome);
        if (entry == null) {
            entry = new Entry(holder, outcome);
            holder.open(outcome, entry);
            entries.add(entry);
        }
        entry.add(first, last);
    }

    /** The holder has settled all of these. Nobody is told of those of a stream. */
    void add(Entry settled) {
        for (int i = 0; i < settled.length && !settled.holder.isReader(); i += 2) {
            add(settled.holder, settled.outcome, settled.ranges[i], settled.ranges[i + 1]);
        }
    }

    /** Gives all of it to the broker. Before any other command of the connection, which may depend on it. What it throws at stays, with what is behind it. */
    public void flush() {
        for (Entry entry = entries.peek(); entry != null; entry = entries.peek()) {
            submit(entry);
            entries.remove();
            entry.holder.open(entry.outcome, null);
        }
        urgent = false;
    }

    /** What could not be given to the broker never will be: it is something that the client was sent. */
    public void giveUp(Sink sent) {
        for (Entry entry : entries) {
            entry.holder.open(entry.outcome, null);
            for (int i = 0; i < entry.length && entry.outcome != Settle.Outcome.RELEASE; i += 2) {
                sent.settled(entry.holder, entry.ranges[i], entry.ranges[i + 1]);
            }
        }
        entries.clear();
    }

    private void submit(Entry entry) {
        long holder = entry.holder.number();
        switch (entry.outcome) {
            case ACK -> {
                for (int i = 0; i < entry.length; i += 2) {
                    session.ack(holder, entry.ranges[i], entry.ranges[i + 1]);
                }
            }
            case NACK_REQUEUE, REJECT_REQUEUE, DISCARD, RELEASE -> {
                long[] ranges = entry.merged();
                boolean back = entry.outcome != Settle.Outcome.DISCARD && entry.outcome != Settle.Outcome.RELEASE;
                int most = 2 * (back ? MOST_RANGES : MOST_AT_ONCE);
                for (int i = 0; i < ranges.length; i += most) {
                    long[] part = Arrays.copyOfRange(ranges, i, Math.min(ranges.length, i + most));
                    session.submit(new Settle(holder, entry.outcome, part));
                }
            }
        }
    }
}
