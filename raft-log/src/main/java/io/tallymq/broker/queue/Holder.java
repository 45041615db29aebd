package io.tallymq.broker.queue;

import io.tallymq.broker.aside.AckDeadline;
import io.tallymq.broker.aside.Guessed;
import io.tallymq.broker.aside.PurgedAhead;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.lane.Passed;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;

/**
 * Who holds messages: a consumer, or a channel that used basic.get on a queue. Its credit is how many more messages it may be
 * given. A cancelled consumer lives on while it holds something.
 *
 * <p>A consumer with a prefetch that settles fast is assigned some messages beyond it, so that an ack makes room at once and
 * not after a round through the log; its channel holds them back. How many follows what it settles in one round: a consumer
 * that rests, or works on each message for longer than a round takes, is assigned its prefetch and no more. What is beyond
 * the prefetch was not sent as far as the log knows, and counts as ready. Of several consumers of a queue none is assigned more than
 * its prefetch: what it gave back would come to the others behind later messages, and so flagged. Nor is anybody when messages have
 * different priorities: what comes later may have to come first.
 */
public final class Holder implements Consumer {
    private final long number;
    private final ConnectionId connection;
    private final int channel;
    private final ConsumerSpec spec;
    private final boolean getter;
    private final Queue queue;
    /** Tag behind {@link #write}'s fields: {@link Passed#encodeMore}. */
    private static final int PASSED = 1;
    /** Varint: how many ranges one has whose queue is deleted. */
    private static final int RANGES = 2;
    /** As {@link Guessed} encodes itself. */
    private static final int GUESSED = 3;
    /** As {@link PurgedAhead} encodes itself. */
    private static final int PURGED = 4;
    /** Assigned beyond the prefetch: so many times what was settled in one round. */
    private static final int AHEAD_FACTOR = 4;
    /** With each round that settles less, so much of what may be assigned beyond the prefetch goes. */
    private static final int AHEAD_DECAY = 4;

    public final SeqRanges held = new SeqRanges();
    /** Whether it takes by itself what its filter matches: it is given nothing. */
    private final boolean filters;
    /** Body bytes of what it holds. */
    long heldBytes;
    /** Null for most. */
    Guessed guessed;
    /** Null for most. */
    private PurgedAhead purged;
    /** For a consumer without limit: how many more its channel takes. */
    private long extended;
    /** What may be assigned beyond the prefetch. */
    private long ahead;

    private final Passed passed = new Passed();
    /** Since when its client has had what it holds. */
    final AckDeadline deadline = new AckDeadline();
    /** What its queue knows of {@link #reserved}. */
    long counted;
    /** How many ranges it has, as far as that is counted. */
    int countedRanges;

    /** Null for most. */
    private ChannelState channelState;

    /** Its queue does not look at it before its channel has room. */
    boolean parked;

    /** With what it went; null while it is there. */
    private Departure departure;

    boolean cancelled;
    /** Nobody can refer to it any more. */
    boolean gone;
    /** Its queue is deleted, and {@link Leaving} takes its record out. */
    boolean orphan;
    /** The state differs from what the store has. */
    boolean dirty;

    private Holder(Queue queue, long number, ConnectionId connection, int channel, ConsumerSpec spec, boolean getter) {
        this.queue = queue;
        this.number = number;
        this.connection = connection;
        this.channel = channel;
        this.spec = spec;
        this.getter = getter;
        this.filters = spec.arguments().get(ArgumentTable.FILTER) != null;
    }

    public static Holder consumer(Queue queue, long number, ConnectionId connection, int channel, ConsumerSpec spec) {
        Holder h = new Holder(queue, number, connection, channel, spec, false);
        h.extended = spec.window();
        return h;
    }

    public static Holder getter(Queue queue, long number, ConnectionId connection, int channel, boolean noAck) {
        ConsumerSpec spec = new ConsumerSpec("", noAck, false, 0, 0, Arguments.NONE);
        return new Holder(queue, number, connection, channel, spec, true);
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public ConnectionId connection() {
        return connection;
    }

    @Override
    public int channel() {
        return channel;
    }

    @Override
    public ConsumerSpec spec() {
        return spec;
    }

    public Queue queue() {
        return queue;
    }

    /** RabbitMQ's consumer priority: who has less is given something when all those with more can have nothing. 0 without one. */
    long priority() {
        return spec.arguments().get(ArgumentTable.CONSUMER_PRIORITY) instanceof Long p ? p : 0;
    }

    /** What its channel has beside its holders; null for nothing. */
    public ChannelState channelState() {
        return channelState;
    }

    public void channelState(ChannelState state) {
        channelState = state;
    }

    public Departure departure() {
        return departure;
    }

    /** It went, with what it holds: nobody can refer to it any more. */
    void leave(Departure with) {
        departure = with;
        cancelled = true;
        heldBytes = 0;
        if (purged != null) {
            with.spare(number, purged);
        }
        guessed = guessed == null || guessed.of == 0 ? null : guessed;
        counted = 0;
    }

    /** The same, to add to it. */
    Guessed guessed() {
        guessed = guessed == null ? new Guessed() : guessed;
        return guessed;
    }

    /** It let go of all that it held: whatever was guessed is right. */
    void hasNothing() {
        heldBytes = 0;
        guessed = null;
        purged = null;
    }

    /** Its queue is purged: what its client was not sent, as far as the log knows, is gone when it comes back. Returns how many messages more that are. */
    long purge() {
        purged = purged == null ? new PurgedAhead() : purged;
        return purged.add(held, lastSent());
    }

    /** Whether something of what it has is gone when it comes back. */
    boolean hasPurged() {
        purged = purgedMessages() == 0 ? null : purged;
        return purged != null;
    }

    /** How many messages that are. */
    long purgedMessages() {
        return purged == null ? 0 : purged.count();
    }

    /** What that is; null for nothing. */
    PurgedAhead purged() {
        return purged;
    }

    /** Its client was sent these ranges, for it settles them. */
    public void wasSent(long[] ranges) {
        for (int i = 0; purged != null && i < ranges.length; i += 2) {
            purged.keep(ranges[i], ranges[i + 1]);
        }
    }

    /** A stand-in has a range of what it had. */
    void handOver(long first, long last, Holder standIn) {
        standIn.held.add(first, last);
        if (purged != null) {
            standIn.purged = standIn.purged == null ? new PurgedAhead() : standIn.purged;
            purged.handOver(first, last, standIn.purged);
        }
    }

    /** It gets nothing more. */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Nobody can settle anything through it any more. */
    public boolean isGone() {
        return gone;
    }

    public boolean isGetter() {
        return getter;
    }

    /** Whether it takes by itself what its filter matches, see {@link Filtering}. */
    public boolean filters() {
        return filters;
    }

    /** Whether settling a message makes room for another; else only {@link Credit} does. */
    private boolean isLimited() {
        return !spec.noAck() && spec.prefetch() > 0;
    }

    /** Whether it may be given something as far as it alone counts; its channel may have no room. */
    boolean isEligible() {
        return !cancelled && !getter && !filters && !queue.isStream() && ownCredit() > 0;
    }

    /** Whether the limit that it has with others leaves something. */
    boolean hasRoom() {
        return channelState == null || channelState.room() > 0;
    }

    /** How many more messages it may be given; not above 0 when none. */
    long credit() {
        return channelState == null ? ownCredit() : Math.min(ownCredit(), channelState.room());
    }

    /** How many of these its client is sent at once: without what it is assigned ahead. */
    long creditToSend() {
        return isLimited() ? Math.min(credit(), spec.prefetch() - held.count()) : credit();
    }

    private long ownCredit() {
        if (isLimited()) {
            return spec.prefetch()
                    + (queue.assignment().assignsAhead() && channelState == null ? ahead : 0)
                    - held.count();
        }
        return spec.noAck()
                ? spec.window() - held.count()
                : Math.min(extended, queue.limits().mostHeld() - held.count());
    }

    /** Held messages that were sent to the client, as far as the log knows: anew. */
    SeqRanges sent() {
        SeqRanges sent = new SeqRanges();
        long[] left = {held.count() - reserved()};
        held.forEach((first, last) -> {
            long n = Math.min(left[0], last - first + 1);
            if (n > 0) {
                sent.add(first, first + n - 1);
                left[0] -= n;
            }
        });
        return sent;
    }

    /** The highest of these if there are others; {@link Long#MAX_VALUE} when all that is held was sent. */
    public long lastSent() {
        if (reserved() == 0) {
            return Long.MAX_VALUE;
        }
        long[] left = {held.count() - reserved()};
        long[] last = {-1};
        held.forEach((first, to) -> {
            if (left[0] > 0) {
                last[0] = Math.min(to, first + left[0] - 1);
                left[0] -= to - first + 1;
            }
        });
        return last[0];
    }

    /** Of its {@link #reserved} messages those that are gone for everybody. */
    long reservedAndPurged() {
        return Math.min(reserved(), purgedMessages());
    }

    /** Held messages that were not sent to the client, as far as the log knows. */
    long reserved() {
        return isLimited() && departure == null ? Math.max(0, held.count() - spec.prefetch()) : 0;
    }

    /**
     * Where its client is at in a lane: it may have been sent the message before this one, and none of the lane's from here on. What it is
     * assigned below comes out of order, which 4.7 of the specification allows to what is flagged as redelivered only.
     */
    long at(QueueLog lane) {
        return Math.max(passed.upTo(lane.last()), held.floor(lane.last()) + 1);
    }

    void assigned(long messages) {
        extended -= messages;
        if (channelState != null) {
            channelState.changed(this, messages);
        }
    }

    /** It lets go of messages that its client may have been sent. */
    void passed(long highest) {
        passed.add(highest);
    }

    /** It let go of so many messages in one round through the log, in one of several ways. */
    void settled(long messages, Settle.Outcome how) {
        if (channelState != null) {
            channelState.changed(this, -messages);
        }
        if (how == Settle.Outcome.RELEASE
                || channelState != null
                || filters
                || !queue.assignment().assignsAhead()) {
            ahead = 0;
        } else if (isLimited()) {
            long wanted = messages < queue.limits().aheadFrom() ? 0 : Math.min(spec.window(), AHEAD_FACTOR * messages);
            ahead = Math.max(wanted, ahead - (ahead + AHEAD_DECAY - 1) / AHEAD_DECAY);
        }
    }

    /** Room that the channel gives a consumer without limit. */
    public void extend(int messages) {
        if (!isLimited() && !spec.noAck() && !getter) {
            extended += messages;
        }
    }

    /** What of these ranges it holds. */
    public void heldOf(long[] ranges, SeqRanges.Visitor visitor) {
        SeqRanges rest = new SeqRanges();
        held.forEach(rest::add);
        for (int i = 0; i < ranges.length; i += 2) {
            rest.remove(ranges[i], ranges[i + 1], visitor);
        }
    }

    /** Whether it holds all of these ranges: what a reader settles is its channel's business. */
    public boolean holdsAll(long[] ranges) {
        boolean all = true;
        for (int i = 0; i < ranges.length && all && !queue.isStream(); i += 2) {
            all = departure == null && held.containsAll(ranges[i], ranges[i + 1]);
        }
        return all;
    }

    /** Writes what changes all the time. The rest is written once, see {@link #writeSpec}. */
    void write(MessageStore store) {
        ByteWriter w = new ByteWriter(64);
        w.bool(cancelled).int64(extended).int64(ahead).varint(passed.first()).varint(heldBytes);
        boolean apart = held.areMany() && queue.holdings().storesBlocks();
        (apart ? new SeqRanges() : held).write(w);
        byte[] more = passed.encodeMore();
        if (more != null) {
            TaggedFields.write(w, PASSED, more);
        }
        if (guessed != null) {
            TaggedFields.write(w, GUESSED, guessed.encode());
        }
        if (purged != null) {
            TaggedFields.write(w, PURGED, purged.encode());
        }
        store.put(Keys.of(Keys.HELD, queue.number(), number), w.toBytes());
        if (apart) {
            held.writeChanges(new StoredBlocks(store, queue.number(), number));
        } else {
            deleteBlocks(store);
        }
        deadline.write(store, queue.number(), number);
    }

    /** Its queue is deleted, and its records are to be taken out: how many ranges these tell of. */
    void writeOrphan(MessageStore store) {
        ByteWriter w = new ByteWriter(32);
        w.bool(cancelled).int64(0).int64(0).varint(0).varint(0);
        new SeqRanges().write(w);
        TaggedFields.write(w, RANGES, new ByteWriter(5).varint(held.ranges()).toBytes());
        store.put(Keys.of(Keys.HELD, queue.number(), number), w.toBytes());
    }

    /** What {@link #writeOrphan} wrote; 0 for nothing. */
    static int orphanRanges(byte[] value) {
        ByteReader r = new ByteReader(value);
        r.bool();
        r.int64();
        r.int64();
        r.varint();
        r.varint();
        new SeqRanges().read(r);
        int[] ranges = new int[1];
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == RANGES) {
                ranges[0] = (int) field.varint();
            }
            return tag == RANGES || tag == PASSED || tag == GUESSED || tag == PURGED;
        });
        return ranges[0];
    }

    void writeSpec(MessageStore store) {
        ByteWriter w = new ByteWriter(96);
        w.string(connection.node()).int64(connection.number()).uint16(channel).bool(getter);
        w.string(spec.tag()).bool(spec.noAck()).bool(spec.exclusive());
        w.int32(spec.prefetch()).int32(spec.window());
        ArgumentsCodec.write(w, spec.arguments());
        store.put(Keys.of(Keys.HOLDER, queue.number(), number), w.toBytes());
    }

    void delete(MessageStore store) {
        store.delete(Keys.of(Keys.HOLDER, queue.number(), number));
        store.delete(Keys.of(Keys.HELD, queue.number(), number));
        deleteBlocks(store);
        deadline.delete(store, queue.number(), number);
    }

    private void deleteBlocks(MessageStore store) {
        if (held.haveBlocks()) {
            held.deleteBlocks(new StoredBlocks(store, queue.number(), number));
        }
    }

    /** Where what it has is stored when that is many ranges: by blocks, so that each ack writes a block and not all. */
    private record StoredBlocks(MessageStore store, long queue, long holder) implements SeqRanges.Blocks {
        @Override
        public void put(long name, byte[] block) {
            store.put(Keys.of(Keys.HELD_BLOCK, queue, holder, name), block);
        }

        @Override
        public void delete(long name) {
            store.delete(Keys.of(Keys.HELD_BLOCK, queue, holder, name));
        }
    }

    /** A holder as {@link #writeSpec} wrote it; what it holds is still to come, see {@link #restore}. */
    static Holder decode(Queue queue, long number, byte[] value) {
        ByteReader r = new ByteReader(value);
        ConnectionId connection = new ConnectionId(r.string(), r.int64());
        int channel = r.uint16();
        boolean getter = r.bool();
        ConsumerSpec spec =
                new ConsumerSpec(r.string(), r.bool(), r.bool(), r.int32(), r.int32(), ArgumentsCodec.read(r));
        TaggedFields.endRecord(r);
        return new Holder(queue, number, connection, channel, spec, getter);
    }

    /** Takes up what {@link #write} wrote; blocks of what it holds are there. */
    void restore(byte[] value) {
        ByteReader r = new ByteReader(value);
        cancelled = r.bool();
        extended = r.int64();
        ahead = r.int64();
        passed.decode(r.varint());
        heldBytes = r.varint();
        held.read(r);
        TaggedFields.readRecord(r, (tag, field) -> {
            if (tag == PASSED) {
                passed.decodeMore(field);
            } else if (tag == GUESSED) {
                guessed = Guessed.decode(field);
            } else if (tag == PURGED) {
                purged = PurgedAhead.decode(field);
            }
            return tag == PASSED || tag == GUESSED || tag == PURGED;
        });
    }

    void digest(StateDigest d) {
        d.add(number).add(connection.node()).add(connection.number()).add((long) channel);
        d.add(getter).add(cancelled).add(extended).add(ahead);
        passed.digest(d);
        d.add(heldBytes).add(spec.tag());
        if (guessed != null) {
            guessed.digest(d);
        }
        if (purged != null) {
            purged.digest(d);
        }
        held.forEach((a, b) -> d.add(a).add(b));
        deadline.digest(d);
    }
}
