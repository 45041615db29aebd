package io.tallymq.broker.queue;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Parting;
import java.util.TreeMap;

/** What those still have of a queue's messages who left: it is given back, or was purged since and is taken out, by later entries. */
public final class Departed {
    private final Queue queue;
    private final Holdings holdings;
    /** Holders with messages that are still to be given back, by their lowest. */
    private final TreeMap<Long, Holder> leaving = new TreeMap<>();
    /** How many that are. */
    private long leavingMessages;
    /** How many of them are gone when they come back, for they were assigned ahead when the queue was purged. */
    private long purgedAhead;
    /** What a purge took of them. */
    private final Vanishing vanishing = new Vanishing();

    Departed(Queue queue, Holdings holdings) {
        this.queue = queue;
        this.holdings = holdings;
    }

    /** Messages that are still to be given back. */
    long messages() {
        return leavingMessages;
    }

    /** Those of them that are to be had then. */
    long ready() {
        return leavingMessages - purgedAhead;
    }

    /** A holder has left, or had left before the start. */
    void add(Holder h) {
        leavingMessages += h.held.count();
        purgedAhead += h.purgedMessages();
        if (!h.held.isEmpty()) {
            leaving.put(h.held.lowest(), h);
        }
    }

    /** The lowest of those that are to be given back; {@link Long#MAX_VALUE} for none. */
    public long lowest() {
        return leaving.isEmpty() ? Long.MAX_VALUE : leaving.firstKey();
    }

    /** Gives back the lowest of these messages and what follows it and goes back in the same way. Returns who held it. */
    public Holder giveBackNext(Dirty work) {
        Holder h = leaving.pollFirstEntry().getValue();
        long from = h.held.lowest();
        long to = Math.min(h.held.lowestRangeEnd(), h.departure().endOfOutcome(h.number(), from));
        Settle.Outcome outcome = h.departure().outcome(h.number(), from);
        purgedAhead -= h.purgedMessages();
        h.held.remove(from, to, (a, b) -> {
            measure(h, a, b);
            holdings.letGo(h, a, b, outcome, 0);
        });
        holdings.bounds().countRanges(h, h.held.ranges());
        correct(h, work);
        leavingMessages -= to - from + 1;
        purgedAhead += h.purgedMessages();
        if (!h.held.isEmpty()) {
            leaving.put(h.held.lowest(), h);
        }
        work.touched(queue);
        work.touched(h);
        return h;
    }

    /**
     * The queue is purged, and nothing else is to be had: what is still to be given back is gone. Returns how many messages that were; {@link #takeOut} follows.
     *
     * @param last no departure so far has a greater number
     */
    long purge(long last, Dirty work) {
        final long n = ready();
        if (queue.lastValues() != null) {
            leaving.values().forEach(h -> queue.lastValues().purged(h.held));
        }
        vanishing.take(leaving, last);
        vanishing.holders.values().forEach(h -> stopsGuessing(h, work));
        leaving.clear();
        leavingMessages = 0;
        purgedAhead = 0;
        vanishing.measured(queue.availableBytes());
        return n;
    }

    /** What is counted as purged from here on is exact if nobody is there any more who has the other part of what was guessed. */
    private void stopsGuessing(Holder standIn, Dirty work) {
        if (standIn.guessed != null && guesses(standIn) == null) {
            standIn.guessed = null;
            work.touched(standIn);
        }
    }

    /** Who has what was guessed of a stand-in too much or too little; null for nobody. */
    private Holder guesses(Holder standIn) {
        Holder h = holdings.holder(standIn.guessed.of);
        return h != null && h.guessed != null && h.guessed.standIns.contains(standIn.number()) ? h : null;
    }

    /** Whether something is left of what that took. */
    public boolean areTakingOut() {
        return !vanishing.isEmpty();
    }

    /** Body bytes of that. */
    long vanishingBytes() {
        return vanishing.bytes();
    }

    /** Whether a purge took what the holder still has. */
    boolean isPurged(Holder h) {
        return vanishing.has(h);
    }

    /** The same of a message. */
    boolean isPurged(long seq) {
        return vanishing.has(seq);
    }

    /** The lowest messages of that go, with what follows them. Returns who held them. */
    public Holder takeOut(Dirty work) {
        Holder h = vanishing.next();
        long[] bytes = {0};
        h.held.remove(h.held.lowest(), h.held.lowestRangeEnd(), (a, b) -> {
            bytes[0] = queue.lanes().bytes(a, b);
            measure(h, a, b);
            queue.lanes().left(a, b - a + 1);
            queue.lanes().partings().part(a, b, Parting.PURGED);
        });
        holdings.bounds().countRanges(h, h.held.ranges());
        // What was guessed of it was counted as purged: none of that is left when it is out.
        bytes[0] += h.held.isEmpty() && h.guessed != null ? h.guessed.bytes : 0;
        correct(h, work);
        vanishing.back(h, bytes[0]);
        work.touched(queue);
        work.touched(h);
        return h;
    }

    /** What a purge took and is not out; null for nothing. */
    byte[] encodeVanishing() {
        return vanishing.encode();
    }

    /** Takes up what {@link #encodeVanishing} wrote; the holders are there. */
    void decodeVanishing(ByteReader r) {
        vanishing.decode(r, leaving);
        leavingMessages = 0;
        purgedAhead = 0;
        leaving.values().forEach(h -> {
            leavingMessages += h.held.count();
            purgedAhead += h.purgedMessages();
        });
    }

    private void measure(Holder h, long first, long last) {
        if (h.guessed != null) {
            h.guessed.bytes -= queue.lanes().bytes(first, last);
        }
    }

    /** All that the stand-in had is measured: the holder has what it had too much, or too little. */
    private void correct(Holder standIn, Dirty work) {
        if (!standIn.held.isEmpty() || standIn.guessed == null) {
            return;
        }
        Holder h = guesses(standIn);
        if (h != null) {
            h.guessed.standIns.remove(standIn.number());
            holdings.correct(h, standIn.guessed.bytes);
            work.touched(h);
        }
        standIn.guessed = null;
    }

    /**
     * Units of work that it is beside to give back the next ones of who left: what is measured, now or when it rests.
     *
     * @param looked as with {@link io.tallymq.broker.lane.ResidentChunks#looks}
     */
    public int looksOfNext(long[] looked) {
        Holder h = leaving.firstEntry().getValue();
        return h.guessed == null && queue.settings().retryDelay() == null ? 0 : looks(h, looked);
    }

    /** The same of what a purge took, with the chunks that go. */
    public int looksOfVanishing(long[] looked) {
        Holder h = vanishing.peek();
        return looks(h, looked)
                + queue.lanes()
                        .chain()
                        .having(h.held.lowest())
                        .chunks()
                        .goAtOnce(h.held.lowest(), h.held.lowestRangeEnd());
    }

    private int looks(Holder h, long[] looked) {
        return queue.lanes()
                .chain()
                .having(h.held.lowest())
                .chunks()
                .looks(h.held.lowest(), h.held.lowestRangeEnd(), looked);
    }

    void digest(StateDigest d) {
        vanishing.digest(d);
    }

    /**
     * Messages that a purge took of holders who left: for everybody they are gone, and later entries take them out. The store knows them by
     * what these holders have, and by the last purge: all that left before it is purged.
     */
    private static final class Vanishing {
        /** By their lowest message. */
        private final TreeMap<Long, Holder> holders = new TreeMap<>();
        /** Of departures up to this number all is purged. */
        private long upTo;
        /** Body bytes of the messages. */
        private long bytes;

        boolean isEmpty() {
            return holders.isEmpty();
        }

        long bytes() {
            return bytes;
        }

        /** Whether it is one of the messages. */
        boolean has(long seq) {
            return holders.values().stream().anyMatch(h -> h.held.contains(seq));
        }

        /** Whether what the holder still has is gone for everybody. */
        boolean has(Holder h) {
            return h.departure() != null && h.departure().number() <= upTo;
        }

        /**
         * All that some have who left is purged.
         *
         * @param leaving by their lowest message
         * @param last no departure so far has a greater number
         */
        void take(TreeMap<Long, Holder> leaving, long last) {
            upTo = last;
            holders.putAll(leaving);
        }

        /** What the queue has and nobody is to see is theirs. */
        void measured(long more) {
            bytes += more;
        }

        /** The one with the lowest message. */
        Holder peek() {
            return holders.firstEntry().getValue();
        }

        /** The same, who is {@link #back} behind a change if he still has something. */
        Holder next() {
            return holders.pollFirstEntry().getValue();
        }

        /** @param gone body bytes that are taken out */
        void back(Holder h, long gone) {
            bytes -= gone;
            if (!h.held.isEmpty()) {
                holders.put(h.held.lowest(), h);
            }
            if (holders.isEmpty()) {
                upTo = 0;
                bytes = 0;
            }
        }

        /** Null for nothing. */
        byte[] encode() {
            return isEmpty()
                    ? null
                    : new ByteWriter(18).varint(upTo).varint(bytes).toBytes();
        }

        /** Takes up what {@link #encode} wrote: of those who left some are its own. */
        void decode(ByteReader r, TreeMap<Long, Holder> leaving) {
            upTo = r.varint();
            bytes = r.varint();
            leaving.values().stream().filter(this::has).forEach(h -> holders.put(h.held.lowest(), h));
            leaving.values().removeIf(this::has);
        }

        void digest(StateDigest d) {
            if (!isEmpty()) {
                d.add(upTo).add(bytes);
            }
        }
    }
}
