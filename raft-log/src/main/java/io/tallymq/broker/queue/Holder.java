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
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;

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
    PurgedAhead purged;
    /** For a consumer without limit: how many more its channel takes. */
    long extended;
    /** What may be assigned beyond the prefetch. */
    long ahead;

    final Passed passed = new Passed();
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
    /** Its queue is deleted, and later entries take its record out. */
    boolean orphan;
    /** The state differs from what the store has. */
    boolean dirty;

    Holder(Queue queue, long number, ConnectionId connection, int channel, ConsumerSpec spec, boolean getter) {
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
    public void leave(Departure with) {
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
