package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Aside;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.Governed;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.stream.StreamOffsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A queue: its messages, who consumes them and who is next. */
public final class Queue implements RoutingTarget, Governed, Backlog {
    /** The level of the state from which on the ways are counted in which messages are handed out. */
    private static final int WAYS = 5;

    private final long number;
    private final String vhost;
    private final String name;
    private QueueSpec spec;
    private final ConnectionId owner;
    private final Common common;
    private final Lanes lanes;
    private QueueSettings settings;
    /** Null for none. */
    private PolicyInEffect policy;

    final Turns turns;
    private final LengthLimit limit;
    private final boolean stream;
    /** Null for what is no stream. */
    private final StreamOffsets streamOffsets;

    private final Expiry expiry;
    private final Dying dying;
    private final Resting resting;
    private final AckTimeouts ackTimeouts;
    /** Null for most. */
    private final LastValues lastValues;
    /** Null for most. */
    private Aside aside;

    private final Disuse disuse;
    private final Assignment assignment;
    /** Null while no consumer has a filter. */
    private Filtering filtering;

    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    boolean hadConsumer;
    private long held;
    /** Body bytes of the held messages. */
    private long heldBytes;
    /** Of the held messages, those that no client was sent, as far as the log knows. */
    private long reserved;

    /** Holders who left with messages that are still to be given back, by their lowest; see {@link Leaving}. */
    private final TreeMap<Long, Holder> leaving = new TreeMap<>();
    /** How many that are. */
    private long leavingMessages;

    /** As {@link Agenda} has it. */
    long dueAt = Agenda.NEVER;

    final QueueCounters counters;
    boolean dirty;
    /** It changed in the entry in hand. */
    boolean changed;

    boolean deleted;
    /** It is deleted, and what the store has of it is still to be taken out: until then that has to be complete. */
    boolean isToBeTakenOut;
    /** It {@link #canHandOut}, which a later entry will do. */
    boolean waits;

    /**
     * Made now.
     *
     * @param level of the state: a queue keeps to what it brought when it was made
     * @param all counts what happens in all queues
     */
    Queue(long number, DeclareQueue d, int level, QueueCounters all, Common common) {
        this(
                number,
                d.vhost(),
                d.name(),
                d.spec(),
                d.spec().exclusive() ? d.connection() : null,
                Priorities.of(d.spec(), level),
                all,
                common);
    }

    Queue(
            long number,
            String vhost,
            String name,
            QueueSpec spec,
            ConnectionId owner,
            Priorities priorities,
            QueueCounters all,
            Common common) {
        this.counters = new QueueCounters(all);
        this.number = number;
        this.vhost = vhost;
        this.name = name;
        this.spec = spec;
        this.owner = owner;
        this.lanes = new Lanes(this, priorities, common);
        this.common = common;
        this.settings = QueueSettings.of(spec.arguments());
        this.stream = QueueArguments.isStream(spec);
        this.streamOffsets = stream ? new StreamOffsets(number, common.store()) : null;
        this.turns = new Turns(settings.singleActiveConsumer());
        this.limit = new LengthLimit(this);
        this.expiry = new Expiry(this, common);
        this.disuse = new Disuse(this, common.clock());
        this.dying = new Dying(this, common.deadLetters());
        this.resting = new Resting(this, common.store());
        this.ackTimeouts = new AckTimeouts(this, common);
        this.assignment = new Assignment(this, turns);
        this.lastValues = settings.lastValue() == null ? null : new LastValues(this, settings.lastValue(), common);
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public String vhost() {
        return vhost;
    }

    @Override
    public String name() {
        return name;
    }

    MachineLimits limits() {
        return common.limits();
    }

    public QueueSpec spec() {
        return spec;
    }

    /** Its messages. */
    public Lanes lanes() {
        return lanes;
    }

    /** Messages were published to it. Returns whether they have different lanes from now on. */
    public boolean append(Chunk c) {
        counters.published(c.count());
        boolean mixed = lanes.append(c);
        if (lastValues != null) {
            lastValues.came(c);
        }
        becameReady(c.firstSeq(), c.endSeq() - 1);
        if (mixed) {
            turns.all().forEach(this::refresh);
        }
        return mixed;
    }

    /** Whether there is nothing to be had at this moment. */
    public boolean hasNothingReady() {
        return lanes.ready() == 0;
    }

    /** Messages that went back wait again, or have just been given back. Of a deleted queue nothing waits. */
    void cameBack(long first, long last) {
        if (lastValues != null && !deleted) {
            lastValues.cameBack(first, last);
        }
        becameReady(first, last);
    }

    private void becameReady(long first, long last) {
        if (filtering != null) {
            filtering.became(first, last);
        }
    }

    /** Its consumers with a filter hear of what may be had now. */
    void tellFiltering(Effects effects) {
        if (filtering != null) {
            filtering.tell(effects);
        }
    }

    /** Whether messages are told apart by a header, or some were that are still there. */
    public boolean sortsByHeader() {
        return settings.sortsByHeader() || lanes.haveKeys();
    }

    /** Whether some consumer has a filter. */
    boolean hasFiltering() {
        return filtering != null;
    }

    /** Its consumers that have a filter; there are some. */
    Filtering filtering() {
        return filtering;
    }

    private void addFiltering(Holder h) {
        if (h.filters()) {
            filtering = filtering == null ? new Filtering(this) : filtering;
            filtering.add(h);
        }
    }

    private void removeFiltering(Holder h) {
        if (h.filters() && filtering != null) {
            filtering.remove(h);
            filtering = filtering.isEmpty() ? null : filtering;
        }
    }

    /** Messages are gone, however. */
    void gone(long first, long last) {
        if (lastValues != null) {
            lastValues.gone(first, last);
        }
        if (aside != null) {
            aside.gone(first, last);
        }
    }

    /** What it knows of some of its messages beside; null for nothing. */
    public Aside aside() {
        return aside;
    }

    /** The same, to add to it. */
    public Aside makeAside() {
        aside = aside != null ? aside : new Aside(number, vhost, common.store(), common.aside());
        return aside;
    }

    /** The headers that settles added to a message; null for none. */
    public HeaderOverlay overlay(long seq) {
        return aside == null ? null : aside.overlays().of(seq);
    }

    /** The store is about to commit. */
    void write() {
        lanes.writeDirty();
        if (aside != null) {
            aside.written();
        }
    }

    /** The queue is deleted. */
    void takenOut() {
        if (stream) {
            streamOffsets.deleteAll();
        }
    }

    /** For the start: all of its state is there. */
    void restored() {
        if (stream) {
            streamOffsets.restore();
        }
        if (lastValues != null) {
            lastValues.restore();
        }
    }

    /** Whether its messages stay, and are read and not taken. */
    public boolean isStream() {
        return stream;
    }

    /** How far readers of a stream were. */
    public StreamOffsets streamOffsets() {
        return streamOffsets;
    }

    /** The readers of a stream hear of a chunk. */
    public void tell(Chunk c, Effects effects) {
        turns.all().forEach(h -> effects.grew(h, c));
    }

    /** How much is to be had at most. */
    public LengthLimit limit() {
        return limit;
    }

    /** Messages that somebody may still be given: what consumers were assigned is not among them. */
    public long available() {
        return lanes.ready() + leavingMessages;
    }

    /** Body bytes of these. */
    long availableBytes() {
        return lanes.bytes() - heldBytes - dying.bytes() - resting.asideBytes() - lanes.untoldBytes();
    }

    /** Which of its messages have outlived their time. */
    public Expiry expiry() {
        return expiry;
    }

    /** Which of its messages rest before they come again. */
    public Resting resting() {
        return resting;
    }

    /** Whose client has had messages for too long. */
    public AckTimeouts ackTimeouts() {
        return ackTimeouts;
    }

    /** How its messages die. */
    public Dying dying() {
        return dying;
    }

    /** Whether anybody uses it. */
    public Disuse disuse() {
        return disuse;
    }

    /** When something is due: messages that expire, itself, dead letters that were stuck. {@link Agenda#NEVER}. */
    long due() {
        long expires = lanes.going() >= Expiry.MOST_DEAD ? Agenda.NEVER : expiry.due();
        long later = Math.min(disuse.due(), Math.min(resting.due(), ackTimeouts.due()));
        return Math.min(Math.min(expires, dying.due()), later);
    }

    /** Whether a later entry hands something out. */
    public boolean isWaiting() {
        return waits;
    }

    /** The connection that alone may use it, or null. */
    public ConnectionId owner() {
        return owner;
    }

    public int consumerCount() {
        return turns.consumers();
    }

    @Override
    public boolean confirmsByAll() {
        return settings.confirmsByAll();
    }

    @Override
    public long acked() {
        return counters.acked();
    }

    /** Messages that clients were sent and have not settled. */
    long unacked() {
        return held - reserved;
    }

    /** Messages that no client was sent: those that are to be had, and those on their way to a consumer that settles fast. */
    @Override
    public long ready() {
        return lanes.ready() + reserved + leavingMessages;
    }

    public List<Holder> holders() {
        return new ArrayList<>(holders.values());
    }

    int holderCount() {
        return holders.size();
    }

    public boolean hasExclusiveConsumer() {
        return turns.hasExclusive();
    }

    public QueueSettings settings() {
        return settings;
    }

    @Override
    public PolicyInEffect policy() {
        return policy;
    }

    /** It goes by other policies, null for none. Whether one consumer alone is given messages is not among what changes. */
    void goBy(PolicyInEffect now, Dirty work) {
        QueueSettings before = settings;
        restore(now);
        expiry.settingsChanged();
        ackTimeouts.settingsChanged(before, work);
        if (before.expires() < 0 && settings.expires() >= 0) {
            disuse.began();
        }
    }

    /** It is as if it had been declared so. What can't change {@link QueueArguments#unalterable} says. */
    void alter(QueueSpec now, PolicyInEffect policies, Dirty work) {
        spec = now;
        goBy(policies, work);
        if (turns.isSingle() != settings.singleActiveConsumer()) {
            turns.single(settings.singleActiveConsumer());
        }
    }

    /** As {@link #goBy}, for the start. */
    void restore(PolicyInEffect policies) {
        policy = policies;
        settings = QueueSettings.of(QueueArguments.effective(spec, policies));
    }

    /** Whether what comes and leaves is told in the stream of receipts; of that itself nothing is, whatever it is by now. */
    public boolean isAudited() {
        return settings.audited() && !name.equals(ReportQueue.FEED);
    }

    /** Whether a consumer is given messages: of a queue with a single active one, whether it is that. */
    boolean isActive(Holder h) {
        return turns.isActive(h);
    }

    void addHolder(Holder h) {
        holders.put(h.number(), h);
        if (!h.isGetter()) {
            turns.add(h);
            addFiltering(h);
            hadConsumer = true;
            sharingChanged(2);
        }
        refresh(h);
    }

    /**
     * Whether a consumer may be assigned more than its prefetch. Not one of several, and not when messages have different priorities: what
     * comes next may have to go before what there is.
     */
    boolean assignsAhead() {
        return !turns.areShared() && !lanes.areMixed() && lastValues == null;
    }

    /** Nobody is assigned ahead any more: what somebody was, is asked back. */
    public void askBack(Effects effects) {
        if (reserved > 0 && !assignsAhead()) {
            turns.all().stream().filter(h -> h.counted > 0).forEach(effects::giveBack);
        }
    }

    /** A consumer has come or gone; what the others may have changes if there are so many now. */
    private void sharingChanged(int now) {
        if (turns.consumers() == now) {
            turns.all().forEach(this::refresh);
        }
    }

    /** The consumer gets nothing more. */
    public void cancel(Holder h, Dirty work) {
        h.cancelled = true;
        removeFiltering(h);
        refresh(h);
        if (turns.remove(h)) {
            sharingChanged(1);
            disuse.used(work);
        }
    }

    void removeHolder(Holder h) {
        holders.remove(h.number());
        reserved -= h.counted;
        ackTimeouts.forget(h);
    }

    /** A holder that gets nothing more has gone: what it holds counts as ready, and is given back in order. */
    public void leave(Holder h, Departure with, Dirty work) {
        if (turns.isSingle() || h.deadline.next() != 0) {
            work.touched(this); // another may be active now, or the next one to be looked at
        }
        held -= h.held.count();
        heldBytes -= h.heldBytes;
        reserved -= h.counted;
        h.leave(with);
        ackTimeouts.forget(h);
        turns.gone(h);
        addLeaving(h);
    }

    private void addLeaving(Holder h) {
        leavingMessages += h.held.count();
        if (!h.held.isEmpty()) {
            leaving.put(h.held.lowest(), h);
        }
    }

    /** Whether messages of holders who left are to be given back. */
    public boolean waitsForLeaving() {
        return leavingMessages > 0;
    }

    /** Gives back the lowest of these messages and what follows it and goes back in the same way. Returns who held it. */
    Holder giveBackNext(Dirty work) {
        Holder h = leaving.pollFirstEntry().getValue();
        long from = h.held.lowest();
        long to = Math.min(h.held.lowestRangeEnd(), h.departure().endOfOutcome(h.number(), from));
        Settle.Outcome outcome = h.departure().outcome(h.number(), from);
        h.held.remove(from, to, (a, b) -> leave(h, a, b, outcome, 0));
        leavingMessages -= to - from + 1;
        if (!h.held.isEmpty()) {
            leaving.put(h.held.lowest(), h);
        }
        work.touched(this);
        work.touched(h);
        return h;
    }

    /** The last consumer of an auto-delete queue has gone. */
    public boolean isAbandoned() {
        return spec.autoDelete() && hadConsumer && turns.consumers() == 0;
    }

    /** Notices a change of a holder's credit or of what it holds. */
    public void refresh(Holder h) {
        reserved += h.reserved() - h.counted;
        h.counted = h.reserved();
        turns.changed(h);
    }

    /** The consumer's channel has no room: it is not looked at before there is. */
    public void park(Holder h) {
        turns.park(h);
    }

    /** The consumer's channel has room again. */
    public void unpark(Holder h) {
        turns.unpark(h);
    }

    /** Whether what is ready waits for what a client may not have been sent, see {@link Assignment}. */
    public boolean hasReserved() {
        return reserved > 0;
    }

    /** Whether somebody else has what may come back, and would have to come first. */
    boolean othersHaveReserved(Holder h) {
        return reserved != h.counted && reserved > 0 || leavingMessages > 0;
    }

    /** Whom its messages go to. */
    public Assignment assignment() {
        return assignment;
    }

    private boolean countsWays() {
        return common.level().getAsInt() >= WAYS;
    }

    /** Somebody wanted to get a message, and there was none for him. */
    public void gotNothing(Dirty work) {
        if (countsWays()) {
            counters.gotNothing();
            work.touched(this);
        }
    }

    /** A holder has messages that were to be had. */
    void assigned(Holder h, Delivery d, Dirty work) {
        h.held.add(d.firstSeq(), d.firstSeq() + d.count() - 1);
        held += d.count();
        long bytes = common.sizes().of(d.chunk(), d.from(), d.to());
        h.heldBytes += bytes;
        heldBytes += bytes;
        lanes.assigned(h, d.firstSeq(), d.count());
        counters.delivered(d.count());
        if ((h.isGetter() || h.spec().noAck()) && countsWays()) {
            counters.deliveredOtherwise(h.isGetter(), h.spec().noAck(), d.count());
        }
        h.assigned(d.count());
        ackTimeouts.assigned(h);
        refresh(h);
        work.touched(this);
        work.touched(h);
    }

    /**
     * A holder lets go of messages, in one of several ways; those it does not hold are passed over.
     *
     * @param ranges pairs of first and last sequence number, inclusive
     */
    public void settle(Holder h, long[] ranges, Settle.Outcome outcome, Dirty work) {
        settle(h, ranges, outcome, 0, work);
    }

    /**
     * A holder lets go of one message.
     *
     * @param delay milliseconds that it rests if it goes back; 0: as the queue's arguments say
     */
    public void settle(Holder h, long seq, Settle.Outcome outcome, long delay, Dirty work) {
        settle(h, new long[] {seq, seq}, outcome, delay, work);
    }

    /**
     * A holder puts one message aside: nobody has it from now on but who names its token.
     *
     * @param until when it comes back by itself, milliseconds since the epoch; {@link Agenda#NEVER}. Should it expire before, it comes then
     */
    public void defer(Holder h, long seq, String token, long until, Dirty work) {
        settle(h, seq, Settle.Outcome.NACK_REQUEUE, Resting.NOT_BACK, work);
        resting.putAside(seq, token, Math.min(until, expiry.end(seq)));
    }

    private void settle(Holder h, long[] ranges, Settle.Outcome outcome, long delay, Dirty work) {
        long before = held;
        long bytesBefore = h.heldBytes;
        for (int i = 0; i < ranges.length; i += 2) {
            h.held.remove(ranges[i], ranges[i + 1], (a, b) -> {
                held -= b - a + 1;
                if (outcome != Settle.Outcome.RELEASE) {
                    h.passed(b);
                }
                leave(h, a, b, outcome, delay);
            });
        }
        if (h.held.isEmpty()) {
            h.heldBytes = 0;
        }
        heldBytes -= bytesBefore - h.heldBytes;
        h.settled(before - held, outcome);
        refresh(h);
        work.touched(this);
        work.touched(h);
    }

    private void leave(Holder h, long a, long b, Settle.Outcome outcome, long delay) {
        if (h.departure() == null && !h.held.isEmpty()) { // else it is all that is left: nobody needs to add it up
            h.heldBytes -= lanes.bytes(a, b);
        }
        lanes.left(a, b - a + 1);
        if (outcome != Settle.Outcome.ACK && outcome != Settle.Outcome.DISCARD) {
            h.deadline.returned(a, b);
        }
        switch (outcome) {
            case ACK -> {
                counters.acked(b - a + 1);
                lanes.part(a, b, Parting.ACKED);
            }
            case DISCARD -> dying.die(a, b, Death.REJECTED);
            case NACK_REQUEUE -> {
                lanes.giveBack(a, b, countsReturns() ? Attempts::returnedAgain : Attempts::returned);
                resting.settleDown(a, b, false, delay, common.clock().getAsLong());
            }
            case REJECT_REQUEUE -> {
                lanes.giveBack(a, b, Attempts::failed);
                dying.ofFailures(a, b);
                resting.settleDown(a, b, true, delay, common.clock().getAsLong());
            }
            case RELEASE -> lanes.giveBack(a, b, Attempts::released);
        }
        if (outcome != Settle.Outcome.ACK && outcome != Settle.Outcome.DISCARD && delay != Resting.NOT_BACK) {
            cameBack(a, b);
        }
    }

    /** Whether it counts how often clients gave a message back, for x-acquired-count: quorum queues do, unless they are of level 1. */
    boolean countsReturns() {
        return settings.deliveryLimit() >= 0 || lanes.havePriorities() && QueueArguments.isQuorum(spec);
    }

    /** The holder is gone; what it held is ready again. */
    public void returnAll(Holder h, Settle.Outcome how, Dirty work) {
        settle(h, h.held.toArray(), how, work);
    }

    /** What a consumer holds and its client was not sent is ready again, as if it had never left. */
    public void release(Holder h, long[] sent, Dirty work) {
        SeqRanges unsent = new SeqRanges();
        h.held.forEach(unsent::add);
        for (int i = 0; i < sent.length; i += 2) {
            unsent.remove(sent[i], sent[i + 1], (a, b) -> {});
        }
        settle(h, unsent.toArray(), Settle.Outcome.RELEASE, work);
    }

    /** Body bytes of messages that clients were sent: which of the held ones were not sent yet is not known, only how many. */
    long unackedBytes() {
        return reserved == 0 ? heldBytes : (long) ((double) heldBytes * unacked() / held);
    }

    /** The consumers behind a number, ascending. */
    Iterable<Holder> consumersAfter(long holder) {
        return turns.consumersAfter(holder);
    }

    /** About what {@link #digest} costs; an empty queue costs one. */
    long digestCost() {
        return 1 + holders.size() / 4 + held / 32 + (aside == null ? 0 : aside.count() / 32);
    }

    /** Takes up a holder that the store had. */
    void restore(Holder h) {
        holders.put(h.number(), h);
        if (h.departure() != null) {
            addLeaving(h);
        } else {
            held += h.held.count();
            heldBytes += h.heldBytes;
            ackTimeouts.restore(h);
            if (!h.isCancelled()) {
                addFiltering(h);
            }
        }
    }

    /** Null when there is none with this number. */
    Holder holder(long number) {
        return holders.get(number);
    }

    void digestHeld(StateDigest d) {
        d.add(held).add(heldBytes).add(reserved);
    }

    void digest(StateDigest d) {
        d.add(number).add(QueueRecord.of(this));
        QueueState.digest(this, d);
        holders.values().forEach(h -> h.digest(d));
        QueueState.digestMore(this, d);
        if (stream) {
            streamOffsets.digest(d);
        }
    }
}
