package io.tallymq.broker.queue;

import io.tallymq.broker.aside.PurgedAhead;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;
import java.util.TreeMap;

/**
 * A channel, a connection or all connections of a node that went, as far as what they held and owned is still to be given back and
 * taken out by later entries. The store has it until that is done.
 */
public final class Departure {
    /** Below all numbers of messages. */
    public static final long NOTHING = -1;

    private static final long ALL = -1;
    /** Tag behind {@link #encode}'s fields: {@link #lastSent}. */
    private static final int LAST_SENT = 1;

    private final long number;
    private final String node;
    private final long connection;
    private final long channel;
    /** Holders beyond this number came later. */
    private final long highest;
    /** What clients were sent; null when that is not known: then it may have been all. */
    private final TreeMap<Long, SeqRanges> sent;
    /** Of holders that had more than their clients were sent, as far as the log knows: the highest number that they were. */
    private final TreeMap<Long, Long> lastSent = new TreeMap<>();
    /** Queues that go with it, by number. */
    private final List<Long> queues;

    /** Holders and queues that are not done. */
    private int left;

    private Departure(
            long number,
            String node,
            long connection,
            long channel,
            long highest,
            TreeMap<Long, SeqRanges> sent,
            List<Long> queues) {
        this.number = number;
        this.node = node;
        this.connection = connection;
        this.channel = channel;
        this.highest = highest;
        this.sent = sent;
        this.queues = queues;
    }

    /** Who went. */
    public record Whose(String node, long connection, long channel) {
        /** Only queues go. */
        public static Whose nobody() {
            return node("");
        }

        public static Whose node(String node) {
            return new Whose(node, ALL, ALL);
        }

        public static Whose connection(ConnectionId id) {
            return new Whose(id.node(), id.number(), ALL);
        }

        public static Whose channel(ConnectionId id, int channel) {
            return new Whose(id.node(), id.number(), channel);
        }
    }

    /**
     * Makes one of which nothing is done yet.
     *
     * @param number greater than those of its holders, never given before
     * @param sent null when that is not known
     * @param queues ascending numbers
     */
    public static Departure of(long number, Whose whose, List<Sent> sent, List<Long> queues) {
        TreeMap<Long, SeqRanges> ranges = sent == null ? null : new TreeMap<>();
        if (sent != null) {
            for (Sent s : sent) {
                SeqRanges of = ranges.computeIfAbsent(s.holder(), h -> new SeqRanges());
                for (int i = 0; i < s.ranges().length; i += 2) {
                    of.remove(s.ranges()[i], s.ranges()[i + 1], (a, b) -> {});
                    of.add(s.ranges()[i], s.ranges()[i + 1]);
                }
            }
        }
        return new Departure(number, whose.node, whose.connection, whose.channel, number, ranges, queues);
    }

    /** Of this holder's, what is above the number was not sent, as far as the log knows; -1: nothing has failed. Before it leaves. */
    public void lastSent(long holder, long seq) {
        lastSent.put(holder, seq);
    }

    /** Whether the holder is one of those that went. */
    public boolean covers(Holder h) {
        return h.number() < highest
                && (connection == ALL || connection == h.connection().number())
                && (channel == ALL || channel == h.channel())
                && node.equals(h.connection().node());
    }

    /** Greater than those of its holders. */
    public long number() {
        return number;
    }

    /** A holder or a queue went with it. */
    public void oneMore() {
        left++;
    }

    /** One of them is done. Returns whether all are. */
    public boolean oneDone() {
        left--;
        return left == 0;
    }

    public List<Long> queues() {
        return queues;
    }

    /** How a message goes back that the holder had. */
    Settle.Outcome outcome(long holder, long seq) {
        if (sent == null) {
            return seq > lastSent.getOrDefault(holder, Long.MAX_VALUE)
                    ? Settle.Outcome.NACK_REQUEUE
                    : Settle.Outcome.REJECT_REQUEUE;
        }
        SeqRanges ranges = sent.get(holder);
        return ranges != null && ranges.contains(seq) ? Settle.Outcome.REJECT_REQUEUE : Settle.Outcome.RELEASE;
    }

    /** Of what is gone when it comes back unsent, its clients were sent some. */
    void spare(long holder, PurgedAhead purged) {
        if (sent == null) {
            purged.keep(0, lastSent.getOrDefault(holder, Long.MAX_VALUE));
        } else if (sent.containsKey(holder)) {
            sent.get(holder).forEach(purged::keep);
        }
    }

    /** The last number up to which all go back like this one, whether the holder has them or not. */
    long endOfOutcome(long holder, long seq) {
        SeqRanges ranges = sent == null ? null : sent.get(holder);
        if (ranges != null) {
            return ranges.endOfSame(seq);
        }
        long last = lastSent.getOrDefault(holder, Long.MAX_VALUE);
        return seq <= last ? last : Long.MAX_VALUE;
    }

    public byte[] encode() {
        ByteWriter w = new ByteWriter(256);
        w.string(node).int64(connection).int64(channel).int64(highest).bool(sent != null);
        if (sent != null) {
            w.varint(sent.size());
            sent.forEach((holder, ranges) -> ranges.write(w.varint(holder)));
        }
        w.varint(queues.size());
        queues.forEach(w::int64);
        if (!lastSent.isEmpty()) {
            ByteWriter value = new ByteWriter(16 * lastSent.size());
            lastSent.forEach((holder, seq) -> value.varint(holder).varint(seq + 1));
            TaggedFields.write(w, LAST_SENT, value.toBytes());
        }
        return w.toBytes();
    }

    public static Departure decode(long number, byte[] value) {
        ByteReader r = new ByteReader(value);
        String node = r.string();
        long connection = r.int64();
        long channel = r.int64();
        long highest = r.int64();
        TreeMap<Long, SeqRanges> sent = r.bool() ? new TreeMap<>() : null;
        for (long n = sent == null ? 0 : r.varint(); n > 0; n--) {
            SeqRanges ranges = new SeqRanges();
            sent.put(r.varint(), ranges);
            ranges.read(r);
        }
        Long[] queues = new Long[(int) r.varint()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = r.int64();
        }
        Departure d = new Departure(number, node, connection, channel, highest, sent, List.of(queues));
        TaggedFields.readRecord(r, (tag, field) -> {
            while (tag == LAST_SENT && field.hasRemaining()) {
                d.lastSent(field.varint(), field.varint() - 1);
            }
            return tag == LAST_SENT;
        });
        return d;
    }

    public void digest(StateDigest d) {
        d.add(number).add((long) left).add(encode());
    }
}
