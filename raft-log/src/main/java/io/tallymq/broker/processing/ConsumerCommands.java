package io.tallymq.broker.processing;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentTable;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** The consuming half of AMQP's basic class (1.8): consume, cancel, get, settle, recover. */
public final class ConsumerCommands {
    /** The level from which on a message that was not acked in time has not failed, and a stream has no exclusive consumers: as RabbitMQ. */
    private static final int NO_FAILURE = 5;
    /** The level from which on others are handed at once what a recover takes from a cancelled consumer; before, it waited for the next command. */
    private static final int CANCELLED_HAND_ON = 2;

    /** The level from which on who fetches is given nothing that is behind what is still to come back. */
    private static final int IN_ORDER = 5;

    private final Queues queues;
    private final QueueCommands queueCommands;
    private final QosCommands qosCommands;
    private final Connections connections;
    private final Dirty dirty;
    private final Handouts handouts;
    private final Leaving leaving;
    private final GivingBack givingBack;
    private final LongSupplier newNumber;
    private final LongSupplier clock;
    private final IntSupplier level;
    private final StateLimits limits;
    /** Work of one entry for what goes back. */
    private final int atOnce;

    /**
     * Made once.
     *
     * @param clock time of the entry in hand, milliseconds since the epoch
     * @param level of the state
     */
    public ConsumerCommands(
            Queues queues,
            QueueCommands queueCommands,
            QosCommands qosCommands,
            Connections connections,
            Dirty dirty,
            Handouts handouts,
            Leaving leaving,
            LongSupplier newNumber,
            LongSupplier clock,
            IntSupplier level,
            MachineLimits limits) {
        this.clock = clock;
        this.level = level;
        this.limits = limits.state();
        this.atOnce = limits.work().atOnce();
        this.leaving = leaving;
        this.queues = queues;
        this.queueCommands = queueCommands;
        this.qosCommands = qosCommands;
        this.connections = connections;
        this.dirty = dirty;
        this.handouts = handouts;
        this.newNumber = newNumber;
        this.givingBack = new GivingBack(queues, dirty, leaving, newNumber);
    }

    public Reply subscribe(Subscribe s, Effects effects) {
        if (connections.get(s.connection()) == null) {
            return Fenced.REPLY;
        }
        Queue q = queues.find(s.vhost(), s.queue());
        if (q == null) {
            return QueueCommands.missing(s.vhost(), s.queue());
        }
        Reply.Rejected refused = QueueArguments.locked(q, s.connection());
        if (refused == null) {
            refused = ArgumentTable.check(ArgumentRow.Owner.CONSUMER, s.spec().arguments(), QueueArguments.resource(q));
        }
        if (refused == null) {
            refused = QueueArguments.unknownAt(
                    level.getAsInt(), s.spec().arguments(), "a consumer of " + QueueArguments.resource(q));
        }
        if (refused != null) {
            return refused;
        }
        refused = q.isStream() ? StreamReading.refusal(q, s.spec()) : StreamReading.foreign(q, s.spec());
        if (refused == null) {
            refused = FilteredConsuming.refusal(q, s.spec());
        }
        if (refused != null) {
            return refused;
        }
        boolean alone = s.spec().exclusive();
        boolean heeded = !q.isStream() || level.getAsInt() < NO_FAILURE;
        if (heeded && q.turns().hasExclusive()
                || heeded && alone && (q.consumerCount() > 0 || q.settings().singleActiveConsumer())) {
            return Reply.accessRefused(QueueArguments.resource(q) + " in exclusive use");
        }
        refused = noRoom();
        refused = refused != null ? refused : qosCommands.noMore(connections.get(s.connection()), s.channel());
        refused = refused != null ? refused : queues.refusal(s.spec().arguments());
        if (refused != null) {
            return refused;
        }
        Holder h = Holder.consumer(q, newNumber.getAsLong(), s.connection(), s.channel(), s.spec());
        queues.add(h);
        connections.get(s.connection()).add(h);
        q.assignment().askBack(effects);
        handouts.dispatch(q, effects);
        return new Reply.Subscribed(
                h.number(),
                q.isStream() ? StreamReading.start(q, s.spec(), clock.getAsLong()) : null,
                h.filters() ? q.number() : 0);
    }

    public Reply storeOffset(StoreOffset s) {
        Holder h = queues.holder(s.consumer());
        if (h != null && h.queue().isStream()) {
            h.queue().streamOffsets().put(h.spec().tag(), s.offset(), clock.getAsLong());
        }
        return Reply.OK;
    }

    public Reply cancel(Cancel c, Effects effects) {
        Holder h = queues.holder(c.consumer());
        if (h != null && !h.isCancelled() && !h.isGetter()) {
            cancel(h, effects);
        }
        return Reply.OK;
    }

    private void cancel(Holder h, Effects effects) {
        h.queue().cancel(h, dirty);
        dirty.touched(h.queue());
        dirty.touched(h);
        forgetIfSpent(h);
        if (h.queue().holdings().isAbandoned()) {
            queueCommands.remove(h.queue(), effects);
        } else {
            handouts.dispatch(h.queue(), effects); // another may be active now
        }
    }

    /**
     * A holder's client has had messages for too long: they go back, and it gets no more. What it has had for less stays its own.
     *
     * @param late pairs of first and last number
     */
    void timeOut(Holder h, long[] late, Effects effects) {
        Queue q = h.queue();
        long messages = 0;
        for (int i = 0; i < late.length; i += 2) {
            messages += late[i + 1] - late[i] + 1;
        }
        effects.timedOut(h, q.ackTimeouts().of(h), messages);
        if (!h.isCancelled() && !h.isGetter()) {
            q.cancel(h, dirty);
        }
        boolean counts = level.getAsInt() < NO_FAILURE;
        letGo(h, late, counts ? Settle.Outcome.REJECT_REQUEUE : Settle.Outcome.NACK_REQUEUE);
        handOn(h, true, effects);
        if (q.holdings().isAbandoned()) {
            queueCommands.remove(q, effects);
        }
    }

    /** A cancelled consumer without messages has no more to say. */
    private void forgetIfSpent(Holder h) {
        if (h.isCancelled() && h.held.isEmpty() && !h.isGone()) {
            Connections.Connection c = connections.get(h.connection());
            if (c != null) {
                c.remove(h);
            }
            queues.forget(h);
        }
    }

    public Reply credit(Credit c, Effects effects) {
        Holder h = queues.holder(c.consumer());
        if (h != null && !h.isCancelled() && c.messages() > 0) {
            h.extend(c.messages());
            h.queue().refresh(h);
            dirty.touched(h);
            handouts.dispatch(h.queue(), effects);
        }
        return Reply.OK;
    }

    public Reply get(Get g, Effects effects) {
        if (connections.get(g.connection()) == null) {
            return Fenced.REPLY;
        }
        Queue q = queues.find(g.vhost(), g.queue());
        if (q == null) {
            return QueueCommands.notFound(g.vhost(), g.queue());
        }
        Reply.Rejected locked = QueueArguments.locked(q, g.connection());
        if (locked != null) {
            return locked;
        }
        if (q.isStream()) {
            return Reply.notImplemented(
                    "basic.get not supported by stream " + QueueArguments.resource(q) + ": consume it");
        }
        if (q.settings().singleActiveConsumer()) {
            return Reply.locked(QueueArguments.resource(q)
                    + " has a single active consumer: basic.get would take messages beside it; consume instead");
        }
        q.disuse().used(dirty);
        Connections.Connection connection = connections.get(g.connection());
        Holder h = connection.getter(g.channel(), q, g.noAck());
        if (q.assignment().isPaused()
                || !handouts.fetching(q)
                || !q.holdings().waitsForLeaving() && !q.lanes().haveFor(h)) {
            q.holdings().gotNothing(dirty);
            return Reply.EMPTY;
        }
        Reply.Rejected held = g.noAck() ? null : q.assignment().refusal();
        if (held != null) {
            return held;
        }
        if (h == null) {
            Reply.Rejected refusal = noRoom();
            if (refusal != null) {
                return refusal;
            }
            h = addGetter(q, g);
        }
        final boolean waits = q.holdings().waitsForLeaving();
        Delivery d = comesInOrder(q, h) ? q.assignment().assign(h, 1, dirty) : null;
        if (d == null) {
            q.holdings().gotNothing(dirty);
        }
        Reply got = d == null ? Reply.EMPTY : new Reply.Got(h.number(), d, q.ready());
        if (waits && leaving.mayHandOut(q)) {
            handouts.dispatch(q, effects);
        }
        return got;
    }

    private boolean comesInOrder(Queue q, Holder h) {
        if (level.getAsInt() >= IN_ORDER) {
            return leaving.fetching(q, h);
        }
        leaving.fetching(q);
        return true;
    }

    /** Why one more can't hold messages; null when it can. */
    Reply.Rejected noRoom() {
        return queues.holderCount() < limits.of(StateLimit.CONSUMERS)
                ? null
                : Reply.limit(limits, StateLimit.CONSUMERS);
    }

    /** A channel gets from a queue for the first time. */
    Holder addGetter(Queue q, Get g) {
        Holder h = Holder.getter(q, newNumber.getAsLong(), g.connection(), g.channel(), g.noAck());
        queues.add(h);
        connections.get(g.connection()).add(h);
        return h;
    }

    public Reply takeBack(TakeBack t, Effects effects) {
        Holder h = queues.holder(t.consumer());
        if (h != null) {
            h.queue().holdings().release(h, t.sent(), dirty);
            handOn(h, true, effects);
        }
        return Reply.OK;
    }

    public Reply takeMatching(TakeMatching t, Effects effects) {
        Holder h = queues.holder(t.consumer());
        return h == null || h.isCancelled() || !h.filters()
                ? Reply.Taken.NOTHING
                : handouts.take(h, t.ranges(), effects);
    }

    public Reply settle(Settle s, Effects effects) {
        Holder h = queues.holder(s.holder());
        if (h == null) {
            return Reply.OK;
        }
        Settle.Outcome how = isVoid(s, h) ? Settle.Outcome.REJECT_REQUEUE : s.outcome();
        boolean more = h.queue().assignment().gains(how);
        letGo(h, s.ranges(), how);
        handOn(h, more, effects);
        return Reply.OK;
    }

    /** What goes back and is much is given back by later entries. */
    private void letGo(Holder h, long[] ranges, Settle.Outcome how) {
        boolean back = how == Settle.Outcome.NACK_REQUEUE || how == Settle.Outcome.REJECT_REQUEUE;
        if (back) {
            h.wasSent(ranges);
        }
        boolean later = back && level.getAsInt() >= GivingBack.LEVEL && ranges.length / 2 > atOnce;
        if (later && h.departure() == null && GivingBack.mayOf(h)) {
            givingBack.some(h, ranges, how);
        } else {
            h.queue().holdings().settle(h, ranges, how, dirty);
        }
    }

    /**
     * The holder has let go of something: what went back is to be had, and there is room again where it has a limit with others. The
     * others come first: else who always has something ready would keep the room.
     *
     * @param more whether its queue may have more to hand out than before
     */
    void handOn(Holder h, boolean more, Effects effects) {
        boolean limited = h.channelState() != null; // it is not any more once the holder is forgotten
        forgetIfSpent(h);
        Queue q = h.queue();
        if (limited) {
            Connections.Connection c = connections.get(h.connection());
            queueCommands.dispatchChannel(c, h.channel(), h.number(), more ? q : null, effects);
        }
        handouts.dispatch(q, effects);
    }

    /**
     * The client said it behind an error that ended its channel: the message goes back as one that the client was sent. What the
     * channel says itself holds: what it has not written, and what it has written to a client that does not ack.
     */
    boolean isVoid(Settle s, Holder h) {
        return connections.haveEnded()
                && s.outcome() != Settle.Outcome.RELEASE
                && !h.spec().noAck()
                && connections.hasEnded(h.connection(), h.channel());
    }

    public Reply recover(Recover r, Effects effects) {
        Connections.Connection c = connections.get(r.connection());
        if (c == null) {
            return Fenced.REPLY;
        }
        List<Holder> all = c.holders(r.channel());
        boolean later = level.getAsInt() >= GivingBack.LEVEL && !GivingBack.isLittle(all, 0, null, atOnce);
        if (later) {
            givingBack.all(all.stream().filter(GivingBack::mayOf).toList());
        }
        for (Holder h : all) {
            if (!later || !GivingBack.mayOf(h)) {
                h.queue().holdings().returnAll(h, Settle.Outcome.NACK_REQUEUE, dirty);
            }
            forgetIfSpent(h);
        }
        c.unparkAll(r.channel());
        for (Holder h : all) {
            if (!h.isGone() || level.getAsInt() >= CANCELLED_HAND_ON) {
                handouts.dispatch(h.queue(), effects);
            }
        }
        return Reply.OK;
    }
}
