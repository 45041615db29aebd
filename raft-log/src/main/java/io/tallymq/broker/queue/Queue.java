package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Aside;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.Priorities;
import io.tallymq.broker.lane.QueueCounters;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.QueueSettings;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.Governed;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.stream.StreamOffsets;

/** A queue: its messages, who consumes them and who is next. */
public final class Queue implements RoutingTarget, Governed, Backlog {
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

    private final Turns turns;
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
    private final Filters filters;

    boolean hadConsumer;
    private final Holdings holdings;

    /** As {@link Agenda} has it. */
    long dueAt = Agenda.NEVER;

    public final QueueCounters counters;
    boolean dirty;
    /** It changed in the entry in hand. */
    boolean changed;

    boolean deleted;
    /** It is deleted, and what the store has of it is still to be taken out: until then that has to be complete. */
    boolean isToBeTakenOut;

    /**
     * Made now.
     *
     * @param level of the state: a queue keeps to what it brought when it was made
     * @param all counts what happens in all queues
     */
    public Queue(long number, DeclareQueue d, int level, QueueCounters all, Common common, DeadLetters deadLetters) {
        this(
                number,
                d.vhost(),
                d.name(),
                d.spec(),
                d.spec().exclusive() ? d.connection() : null,
                QueueArguments.priorities(d.spec(), level),
                all,
                common,
                deadLetters);
    }

    Queue(
            long number,
            String vhost,
            String name,
            QueueSpec spec,
            ConnectionId owner,
            Priorities priorities,
            QueueCounters all,
            Common common,
            DeadLetters deadLetters) {
        this.counters = new QueueCounters(all);
        this.number = number;
        this.vhost = vhost;
        this.name = name;
        this.spec = spec;
        this.owner = owner;
        this.settings = QueueSettings.of(spec.arguments());
        this.lanes = new Lanes(this, priorities, common);
        this.holdings = new Holdings(this, common);
        this.common = common;
        this.stream = QueueArguments.isStream(spec);
        this.streamOffsets = stream ? offsets(number, common) : null;
        this.turns = new Turns(settings.singleActiveConsumer());
        this.limit = new LengthLimit(this, common);
        this.expiry = new Expiry(this, common);
        this.disuse = new Disuse(this, common);
        this.dying = new Dying(this, deadLetters, common);
        this.resting = new Resting(this, common);
        this.ackTimeouts = new AckTimeouts(this, common);
        this.assignment = new Assignment(this, turns);
        this.filters = new Filters(this, common);
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

    /** What holders have of these. */
    public Holdings holdings() {
        return holdings;
    }

    /** Messages were published to it. Returns whether they have different lanes from now on. */
    public boolean append(Chunk c) {
        counters.published(c.count());
        boolean mixed = lanes.append(c);
        if (lastValues != null) {
            lastValues.came(c);
        }
        filters.became(c.firstSeq(), c.endSeq() - 1);
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
        filters.became(first, last);
    }

    /** Whether messages are told apart by a header, or some were that are still there. */
    public boolean sortsByHeader() {
        return KeyedLanes.sort(this, common.level().getAsInt());
    }

    /** Its consumers that have a filter. */
    public Filters filters() {
        return filters;
    }

    /** Which message is the newest of each value; null if a newer one does not take the place of one that waits. */
    public LastValues lastValues() {
        return lastValues;
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

    /** All that is to be had is purged, from the level on where later entries take out most of it. */
    public void valuesPurged() {
        if (lastValues != null) {
            lastValues.purged();
        }
    }

    /** It is deleted, and later entries take it out. */
    public void valuesDeleted() {
        if (lastValues != null) {
            lastValues.deleted();
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

    /** The store has all of it. */
    void committed() {
        lanes.committed();
        if (aside != null) {
            aside.committed();
        }
    }

    public boolean isDeleted() {
        return deleted;
    }

    /** It is gone for everybody, and {@link #takeOut} follows. */
    public void delete() {
        deleted = true;
        isToBeTakenOut = true;
        dying.held().changed();
        lanes.partings().rest();
    }

    /** What memory still has of it goes, and what the store has of its messages. */
    public void takeOut() {
        isToBeTakenOut = false;
        resting.leave();
        lanes.deleteAll();
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
        return lanes.ready() + holdings.readyOfLeaving();
    }

    /** Body bytes of these. */
    long availableBytes() {
        return lanes.bytes()
                - holdings.bytes()
                - dying.bytes()
                - resting.bytes()
                - holdings.departed().vanishingBytes()
                - lanes.partings().bytes();
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
        long messages = Math.min(expiry.goesAt(), resting.due());
        long first = Math.min(messages, Math.min(dying.due(), ackTimeouts.due()));
        return Math.min(first <= disuse.last() ? first : Agenda.NEVER, disuse.due());
    }

    @Override
    public boolean isOfConnection() {
        return owner != null;
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

    /** Messages that no client was sent: those that are to be had, and those on their way to a consumer that settles fast. */
    @Override
    public long ready() {
        return lanes.ready() + holdings.readyOfHolders() + holdings.readyOfLeaving();
    }

    public QueueSettings settings() {
        return settings;
    }

    @Override
    public PolicyInEffect policy() {
        return policy;
    }

    /** It goes by other policies, null for none. Whether one consumer alone is given messages is not among what changes. */
    public void goBy(PolicyInEffect now, Dirty work) {
        QueueSettings before = settings;
        restore(now);
        expiry.settingsChanged();
        ackTimeouts.settingsChanged(before, work);
        assignment.settingsChanged(before);
        if (before.expires() < 0 && settings.expires() >= 0) {
            disuse.began();
        }
    }

    /** It is as if it had been declared so. What can't change {@link QueueArguments#unalterable} says. */
    public void alter(QueueSpec now, PolicyInEffect policies, Dirty work) {
        spec = now;
        goBy(policies, work);
        if (turns.isSingle() != settings.singleActiveConsumer()) {
            turns.single(settings.singleActiveConsumer());
        }
    }

    /** As {@link #goBy}, for the start. */
    public void restore(PolicyInEffect policies) {
        policy = policies;
        settings = QueueSettings.of(QueueArguments.effective(spec, policies));
    }

    /** Whether what comes and leaves is told in the stream of receipts; of that itself nothing is, whatever it is by now. */
    public boolean isAudited() {
        return settings.audited() && !name.equals(ReportQueue.FEED);
    }

    private static StreamOffsets offsets(long number, Common common) {
        int most = common.limits().state().of(StateLimit.READERS);
        return new StreamOffsets(number, common.store(), common.aside(), most, common.level());
    }

    public void addHolder(Holder h) {
        holdings.add(h);
        if (!h.isGetter()) {
            turns.add(h);
            filters.add(h);
            hadConsumer = true;
            sharingChanged(2);
        }
        refresh(h);
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
        filters.remove(h);
        refresh(h);
        if (turns.remove(h)) {
            sharingChanged(1);
            disuse.used(work);
        }
    }

    public void removeHolder(Holder h) {
        holdings.remove(h);
        ackTimeouts.forget(h);
        h.gone = true;
    }

    /** Notices a change of a holder's credit or of what it holds. */
    public void refresh(Holder h) {
        holdings.changed(h);
        turns.changed(h);
    }

    /** Its consumers, and who of them is next. */
    public Turns turns() {
        return turns;
    }

    /** Whom its messages go to. */
    public Assignment assignment() {
        return assignment;
    }

    /** Takes up a holder that the store had. */
    void restore(Holder h) {
        holdings.restore(h);
        if (h.departure() == null) {
            ackTimeouts.restore(h);
            if (!h.isCancelled()) {
                filters.add(h);
            }
        }
    }

    public void digest(StateDigest d) {
        d.add(number).add(QueueRecord.of(this));
        QueueState.digest(this, d);
        holdings.digestHolders(d);
        QueueState.digestMore(this, d);
        if (stream) {
            streamOffsets.digest(d);
        }
    }
}
