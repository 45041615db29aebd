package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Aside;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.lane.ReturnedMessages;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.store.Chunk;
import java.util.List;

/** Who gets the next message of a queue, how many at a time, and what keeps everybody from it. Whose turn it is {@link Turns} say. */
public final class Assignment {
    /** What there is goes to competing consumers in so many turns each, at least. */
    private static final int TURNS = 4;
    /** A turn gives a competing consumer at most this part of its credit. */
    private static final int CREDIT_SHARE = 8;

    private final Queue queue;
    private final Turns turns;
    /** It {@link #canHandOut}, which a later entry will do. */
    private boolean waits;
    /** What keeps it from that, as it was found last. */
    private Barrier stoppedBy = Barrier.NONE;
    /** Nobody is given anything, until an operator lets it go on. */
    private boolean paused;

    Assignment(Queue queue, Turns turns) {
        this.queue = queue;
        this.turns = turns;
    }

    /** Whether a later entry hands something out that is ready, and that somebody may have. */
    public boolean waits() {
        return waits;
    }

    public void waits(boolean now) {
        waits = now;
    }

    /** At which {@link #barrier} it stands since it was looked at. */
    public Barrier stoppedBy() {
        return stoppedBy;
    }

    public void stops(Barrier at) {
        stoppedBy = at;
    }

    /** Whether a later entry hands something out, maybe when others have less, or it waits for something of its own. */
    public boolean isWaiting() {
        return waits || stoppedBy != Barrier.NONE;
    }

    /** Whether nobody is given anything: an operator said so. */
    public boolean isPaused() {
        return paused;
    }

    /** An operator says so, or not any more. What somebody was assigned ahead is asked back. */
    public void pause(boolean now, Effects effects) {
        paused = now;
        if (now) {
            queue.holdings().askBack(effects);
        }
    }

    /** For the start. */
    void restorePause() {
        paused = true;
    }

    /** Whether there is something ready and somebody who may have it. */
    public boolean canHandOut() {
        return next() != null;
    }

    /** Whose turn it is; null when nothing is to be had, or nobody may have it. Those are parked who are in the way. */
    private Holder next() {
        if (queue.deleted || paused || queue.hasNothingReady()) {
            return null;
        }
        Holder h = queue.lanes().turn(turns);
        return h == null
                        || waitsForLetters(h)
                        || waitsForAnother(h)
                        || waitsForRanges(h)
                        || waitsForRoom(h)
                        || credit(h) <= 0
                ? null
                : h;
    }

    /** Whether what a consumer would hold may be a range too many. */
    private boolean waitsForRanges(Holder h) {
        return !h.spec().noAck() && !queue.holdings().bounds().mayHold();
    }

    /** Whether what a consumer rejects would be one dead letter too many. */
    private boolean waitsForLetters(Holder h) {
        return queue.dying().held().holdBack() && !h.spec().noAck();
    }

    /**
     * Whether another consumer is assigned more than its client was sent. Should that come back, it has to come before what this one
     * would get now (4.7 of the specification): it waits until the other has sent it or given it back, for which it was asked, see {@link #askBack}.
     * The same with what others held who left.
     */
    private boolean waitsForAnother(Holder h) {
        return queue.holdings().othersHaveReserved(h);
    }

    /**
     * Whether a consumer may be assigned more than its prefetch. Not one of several, and not when messages have different priorities: what
     * comes next may have to go before what there is. Nor beside a limit, see {@link LengthLimit#allowsAhead}.
     */
    boolean assignsAhead() {
        return !turns.areShared()
                && !queue.lanes().areMixed()
                && queue.lastValues() == null
                && queue.limit().allowsAhead();
    }

    /** A lone consumer may be assigned ahead now, or may not any more. */
    void settingsChanged(QueueSettings before) {
        if (before.hasLimit() != queue.settings().hasLimit() && !turns.areShared()) {
            turns.all().forEach(queue::refresh);
        }
    }

    /** The level has risen: from {@link LengthLimit#allowsAhead} on a lone consumer beside a limit is not assigned ahead any more. */
    public void raised() {
        if (queue.settings().hasLimit() && !turns.areShared()) {
            turns.all().forEach(queue::refresh);
        }
    }

    /** Nobody is assigned ahead any more: what somebody was, is asked back. */
    public void askBack(Effects effects) {
        if (!assignsAhead()) {
            queue.holdings().askBack(effects);
        }
    }

    /** Hands ready messages to consumers with credit, in turn, so many times at most. Returns how many times. */
    public int dispatch(Dirty work, Effects effects, int most) {
        int made = 0;
        for (Holder h = next(); h != null && made < most && !queue.expiry().isStale(); h = next()) {
            Delivery d = assign(h, share(h), work);
            if (d == null) {
                return made;
            }
            turns.served(h);
            effects.deliver(h, d);
            made++;
        }
        return made;
    }

    /** How many more messages a consumer may be given, as far as it and what all hold of the queue counts. */
    long room(Holder h) {
        return queue.lastValues() == null
                ? h.credit()
                : Math.min(h.credit(), queue.lastValues().room());
    }

    /** Whether what is next for a holder, or for somebody new if that is null, is of a chunk more, for which there is no room. */
    private boolean waitsForRoom(Holder h) {
        if (!queue.holdings().bounds().isTooMuchBegun()) {
            return false; // mostly
        }
        QueueLog lane = queue.lanes().next(h);
        return lane != null && begins(lane) && !queue.holdings().bounds().mayBegin();
    }

    private static boolean begins(QueueLog lane) {
        Chunk next = lane.hasReturned() ? null : lane.headInMemory();
        return !lane.hasReturned() && (next == null || next.firstSeq() == lane.head());
    }

    /**
     * Why nobody is given a message to hold, see {@link HeldBounds#mayBegin}, {@link LastValues#room} and {@link DeadLetters.Held}; null for no reason.
     */
    public Reply.Rejected refusal() {
        if (queue.dying().held().holdBack()) {
            return new Reply.Rejected(
                    506,
                    Reply.Reason.LIMIT,
                    QueueArguments.resource(queue)
                            + " has as many stuck dead letters as there may be: see its dead_letters_reason");
        }
        if (!queue.holdings().bounds().mayHold()) {
            return new Reply.Rejected(
                    506,
                    Reply.Reason.LIMIT,
                    "consumers of all queues hold messages in as many ranges as they may, and those of "
                            + QueueArguments.resource(queue) + " in some: acknowledge them in their order");
        }
        if (waitsForRoom(null)) {
            return new Reply.Rejected(
                    506,
                    Reply.Reason.LIMIT,
                    "consumers of all queues hold messages of as many chunks as they may, and those of "
                            + QueueArguments.resource(queue) + " hold some: acknowledge some");
        }
        return queue.lastValues() == null || queue.lastValues().room() > 0
                ? null
                : new Reply.Rejected(
                        506,
                        Reply.Reason.LIMIT,
                        QueueArguments.resource(queue) + " has x-last-value, and its consumers hold as many of its"
                                + " messages as they may: acknowledge some");
    }

    /** What keeps a queue that has something ready, and somebody in turn with room in his channel, from handing it out. */
    public enum Barrier {
        NONE(0),
        /** Chunks of which consumers hold messages: what all queues have together, until others have less of it. */
        CHUNKS(1),
        /** The same of stuck dead letters. */
        LETTERS(2),
        /** The same of last values, or chunks of queues that have some. */
        VALUES(3),
        /** Something of its own: what its consumers hold, or its letters. Whatever ends that looks at it again. From level 5 on. */
        OWN(4),
        /** The same as {@link #CHUNKS} of ranges of messages that consumers hold. From level 5 on. */
        RANGES(5);

        /** Those that others end. */
        public static final List<Barrier> SHARED = List.of(CHUNKS, LETTERS, VALUES, RANGES);

        final int code;

        Barrier(int code) {
            this.code = code;
        }

        static Barrier of(int code) {
            return values()[code];
        }
    }

    /**
     * What its consumers wait for beside turn and room of their channels, where nothing {@link #canHandOut}. What those held who left is ready without anybody looking
     * at the queue: as long as some of it is to come back that is none of these, and it is looked at again behind that.
     */
    public Barrier barrier() {
        if (queue.deleted
                || paused
                || queue.hasNothingReady()
                || queue.holdings().waitsForLeaving()) {
            return Barrier.NONE;
        }
        Holder h = queue.lanes().turn(turns);
        if (h == null) {
            return Barrier.NONE;
        }
        Barrier own = queue.holdings().noteReasons() ? Barrier.OWN : Barrier.NONE;
        if (waitsForAnother(h)) {
            return own;
        }
        if (waitsForLetters(h)) {
            return queue.dying().held().areTooManyOfAll() ? Barrier.LETTERS : own;
        }
        if (waitsForRanges(h)) {
            return Barrier.RANGES;
        }
        if (waitsForRoom(h)) {
            return Barrier.CHUNKS;
        }
        LastValues values = queue.lastValues();
        return values != null && values.areTooManyOfAll() && values.room() <= 0 ? Barrier.VALUES : own;
    }

    /** Whether that is no more; the same for all queues. */
    public boolean isOpen(Barrier b) {
        return switch (b) {
            case NONE -> true;
            case OWN -> false;
            case CHUNKS -> !queue.holdings().bounds().isTooMuchBegun();
            case RANGES -> !queue.holdings().bounds().areTooManyRanges();
            case LETTERS -> !queue.dying().held().areTooManyOfAll();
            case VALUES -> queue.lastValues() == null || !queue.lastValues().areTooManyOfAll();
        };
    }

    /**
     * Whether the queue may have more to hand out when somebody lets go of some messages in this way, and not only room of a channel for what was there
     * before. Asked before that. If not, all are parked whose channel has no room; if so, maybe not on every replica.
     */
    public boolean gains(Settle.Outcome how) {
        boolean back = how != Settle.Outcome.ACK && how != Settle.Outcome.DISCARD;
        return back
                || queue.holdings().hasReserved()
                || queue.lastValues() != null
                || queue.lanes().haveKeys(); // what it lets go of last makes its group anybody's
    }

    /** How many more messages a consumer may be given: of those that expire soon none beyond its prefetch. */
    private long credit(Holder h) {
        long all = room(h);
        long sent = h.creditToSend();
        if (sent >= all) {
            return all;
        }
        QueueLog lane = queue.lanes().next(h);
        return lane != null && queue.expiry().endsSoon(lane) ? sent : all;
    }

    /**
     * How many messages a consumer gets in its turn. Alone it gets what it may have. Of several, each gets a small part of what
     * there is and of what it may have: one message where there are few, more where one at a time would cost every replica a
     * step per message.
     */
    private long share(Holder h) {
        long credit = queue.lanes().part(credit(h));
        int all = turns.taking(h);
        if (all == 1) {
            return credit;
        }
        long part = queue.lanes().ready() / ((long) TURNS * all);
        return Math.max(1, Math.min(credit / CREDIT_SHARE, part));
    }

    /** Gives the next ready messages, at most so many and all of one chunk, to a holder; null when none is ready. */
    public Delivery assign(Holder h, long wanted, Dirty work) {
        QueueLog lane = queue.lanes().next(h);
        if (lane == null) {
            return null;
        }
        long most = queue.expiry().atOnce(lane, wanted);
        Delivery d;
        if (lane.hasReturned()) {
            d = again(h, lane, most);
            if (d.redelivered()) {
                queue.counters.redelivered(d.count());
            }
        } else {
            Chunk c = lane.chunkAtCursor();
            int from = lane.cursorIn(c);
            int n = (int) Math.min(most, c.count() - from);
            lane.take(c, n);
            d = new Delivery(h.number(), c, from, from + n, false, 0, 0);
        }
        queue.holdings().assigned(h, d, work);
        return d;
    }

    /** A message that was put aside goes to a holder. */
    public Delivery take(Holder h, long seq, Dirty work) {
        QueueLog lane = queue.lanes().chain().having(seq);
        queue.aside().deferred().remove(seq);
        Delivery d = again(h, lane.returned().alone(seq), h.at(lane));
        queue.counters.redelivered(1);
        queue.holdings().assigned(h, d, work);
        return d;
    }

    private Delivery again(Holder h, QueueLog lane, long most) {
        Aside aside = queue.aside();
        long together =
                aside == null ? most : aside.overlays().together(lane.returned().lowest(), most);
        long at = h.at(lane);
        return again(h, lane.returned().take(together, at), at);
    }

    /** What went back comes flagged if a client may have been sent it, or if this one may have been sent later messages: {@link Holder#at}. */
    Delivery again(Holder h, ReturnedMessages.Run r, long at) {
        // Clients of classic queues do not expect to be told of failed attempts.
        boolean tells = QueueArguments.isQuorum(queue.spec());
        long seq = r.chunk().firstSeq() + r.from();
        return new Delivery(
                h.number(),
                r.chunk(),
                r.from(),
                r.to(),
                seq < at || Attempts.wasSent(r.tries()),
                tells ? Attempts.failures(r.tries()) : 0,
                tells && queue.holdings().countsReturns() ? Attempts.returns(r.tries()) : 0,
                queue.overlay(seq));
    }
}
