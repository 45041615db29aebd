package io.tallymq.broker.queue;

import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.settings.PolicyRound;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What holders have of a queue's messages, and how they let go of it. */
public final class Holdings {
    /** The level of the state from which on the ways are counted in which messages are handed out, and failures however many. */
    private static final int WAYS = 5;
    /** The level of the state from which on it is told why a queue hands out nothing. */
    private static final int REASONS = 5;
    /** The level of the state from which on much that a holder has is stored in blocks. */
    private static final int BLOCKS = 5;
    /** Ranges of a holder. */
    private static final int MANY = 512;

    private final Queue queue;
    private final Common common;
    private final TreeMap<Long, Holder> holders = new TreeMap<>();
    private long held;
    /** Body bytes of the held messages. */
    private long heldBytes;
    /** Of the held messages, those that no client was sent, as far as the log knows. */
    private long reserved;
    /** Those who were assigned something ahead that a purge took, by number. */
    private final TreeMap<Long, Holder> purged = new TreeMap<>();

    private final HeldBounds bounds;
    private final Departed departed;

    Holdings(Queue queue, Common common) {
        this.queue = queue;
        this.common = common;
        this.bounds = new HeldBounds(queue, common);
        this.departed = new Departed(queue, this);
    }

    /** How much of it there may be. */
    HeldBounds bounds() {
        return bounds;
    }

    /** What those still have who left. */
    public Departed departed() {
        return departed;
    }

    public List<Holder> holders() {
        return new ArrayList<>(holders.values());
    }

    public int holderCount() {
        return holders.size();
    }

    /** The lowest number of a holder behind this one; {@link PolicyRound#NONE}. */
    long behind(long number) {
        Long next = holders.higherKey(number);
        return next == null ? PolicyRound.NONE : next;
    }

    /** Null when there is none with this number. */
    Holder holder(long number) {
        return holders.get(number);
    }

    /** The last consumer of an auto-delete queue has gone. */
    public boolean isAbandoned() {
        return queue.spec().autoDelete() && queue.hadConsumer && queue.turns().consumers() == 0;
    }

    /** Messages that somebody has. */
    public long count() {
        return held;
    }

    /** Body bytes of these. */
    long bytes() {
        return heldBytes;
    }

    /** Those of them that no client was sent, as far as the log knows. */
    long reserved() {
        return reserved;
    }

    /** The same without what a purge took, which is only to come back. */
    long readyOfHolders() {
        return purged.isEmpty()
                ? reserved
                : reserved
                        - purged.values().stream()
                                .mapToLong(Holder::reservedAndPurged)
                                .sum();
    }

    /** Messages of holders who left, which are still to be given back and are to be had then. */
    long readyOfLeaving() {
        return departed.ready();
    }

    /** Notices a change of what a holder has and was not sent. */
    void changed(Holder h) {
        reserved += h.reserved() - h.counted;
        h.counted = h.reserved();
        bounds.countRanges(h, h.held.ranges());
    }

    /** A holder that holds nothing has come. */
    void add(Holder h) {
        holders.put(h.number(), h);
    }

    /** A holder that holds nothing is no more. */
    void remove(Holder h) {
        holders.remove(h.number());
        purged.remove(h.number());
        reserved -= h.counted;
        bounds.countRanges(h, 0);
    }

    /** The queue is being deleted, and the holder's record is taken out later. */
    public void orphan(Holder h) {
        bounds.countRanges(h, 0);
        h.gone = true;
        h.orphan = true;
    }

    /** For the start: a holder is there again. */
    void restore(Holder h) {
        holders.put(h.number(), h);
        bounds.countRanges(h, h.held.ranges());
        if (h.departure() != null) {
            departed.add(h);
        } else {
            held += h.held.count();
            heldBytes += h.heldBytes;
            notePurged(h);
        }
    }

    /** Messages that clients were sent and have not settled. */
    long unacked() {
        return held - reserved;
    }

    /** Body bytes of messages that clients were sent: which of the held ones were not sent yet is not known, only how many. */
    long unackedBytes() {
        return reserved == 0 ? Math.max(0, heldBytes) : (long) ((double) Math.max(0, heldBytes) * unacked() / held);
    }

    /** Whether what is ready waits for what a client may not have been sent, see {@link Assignment}. */
    public boolean hasReserved() {
        return reserved > 0;
    }

    /** Whether somebody else has what may come back, and would have to come first. */
    boolean othersHaveReserved(Holder h) {
        return reserved != h.counted && reserved > 0 || departed.messages() > 0;
    }

    /** Whether it is part of the state why a queue that has something ready hands out nothing, and it is looked at again behind what a limit took. */
    public boolean noteReasons() {
        return common.level().getAsInt() >= REASONS;
    }

    boolean storesBlocks() {
        return common.level().getAsInt() >= BLOCKS;
    }

    /** Whether some holder's messages are so many ranges that taking out their records is left to later entries. */
    public boolean haveMany() {
        return holders.values().stream().anyMatch(this::hasMany);
    }

    public boolean hasMany(Holder h) {
        return storesBlocks() && h.held.ranges() > MANY;
    }

    private boolean countsWays() {
        return common.level().getAsInt() >= WAYS;
    }

    /** Somebody wanted to get a message, and there was none for him. */
    public void gotNothing(Dirty work) {
        if (countsWays()) {
            queue.counters.gotNothing();
            work.touched(queue);
        }
    }

    /** A holder has messages that were to be had. */
    void assigned(Holder h, Delivery d, Dirty work) {
        h.held.add(d.firstSeq(), d.firstSeq() + d.count() - 1);
        held += d.count();
        long bytes = common.sizes().of(d.chunk(), d.from(), d.to());
        h.heldBytes += bytes;
        heldBytes += bytes;
        queue.lanes().assigned(h, d.firstSeq(), d.count());
        queue.counters.delivered(d.count());
        if ((h.isGetter() || h.spec().noAck()) && countsWays()) {
            queue.counters.deliveredOtherwise(h.isGetter(), h.spec().noAck(), d.count());
        }
        h.assigned(d.count());
        queue.ackTimeouts().assigned(h);
        queue.refresh(h);
        work.touched(queue);
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
        long[] range = {seq, seq};
        h.wasSent(range);
        settle(h, range, outcome, delay, work);
    }

    /**
     * A holder puts one message aside: nobody has it from now on but who names its token.
     *
     * @param until when it comes back by itself, milliseconds since the epoch; {@link Agenda#NEVER}. Should it expire before, it comes then
     */
    public void defer(Holder h, long seq, String token, long until, Dirty work) {
        settle(h, seq, Settle.Outcome.NACK_REQUEUE, Resting.NOT_BACK, work);
        queue.resting().putAside(seq, token, Math.min(until, queue.expiry().end(seq)));
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
                letGo(h, a, b, outcome, delay);
            });
        }
        if (h.held.isEmpty()) {
            h.hasNothing();
        }
        notePurged(h);
        heldBytes -= bytesBefore - h.heldBytes;
        h.settled(before - held, outcome);
        queue.refresh(h);
        work.touched(queue);
        work.touched(h);
    }

    private void notePurged(Holder h) {
        if (h.hasPurged() && h.departure() == null) {
            purged.put(h.number(), h);
        } else if (!purged.isEmpty()) {
            purged.remove(h.number());
        }
    }

    /** Of what nobody says that it was sent, some may have been purged. */
    void letGo(Holder h, long first, long last, Settle.Outcome outcome, long delay) {
        boolean unsent = outcome == Settle.Outcome.RELEASE || outcome == Settle.Outcome.NACK_REQUEUE;
        if (h.purged() == null || !unsent) {
            leave(h, first, last, outcome, delay);
        } else {
            h.purged().split(first, last, (a, b) -> vanish(h, a, b, outcome), (a, b) -> leave(h, a, b, outcome, delay));
        }
        if (h.purged() != null) {
            h.purged().keep(first, last);
        }
    }

    /** A purge took it before it came back. */
    private void vanish(Holder h, long a, long b, Settle.Outcome outcome) {
        measure(h, a, b);
        h.deadline.returned(a, b);
        queue.lanes().partings().part(a, b, Parting.PURGED);
        if (outcome == Settle.Outcome.RELEASE) {
            queue.counters.unsent(b - a + 1);
        }
    }

    private void measure(Holder h, long a, long b) {
        if (h.departure() == null && !h.held.isEmpty()) { // else it is all that is left: nobody needs to add it up
            h.heldBytes -= queue.lanes().bytes(a, b);
        }
        queue.lanes().left(a, b - a + 1);
    }

    private void leave(Holder h, long a, long b, Settle.Outcome outcome, long delay) {
        measure(h, a, b);
        if (outcome != Settle.Outcome.ACK && outcome != Settle.Outcome.DISCARD) {
            h.deadline.returned(a, b);
        }
        switch (outcome) {
            case ACK -> {
                queue.counters.acked(b - a + 1);
                queue.lanes().partings().part(a, b, Parting.ACKED);
            }
            case DISCARD -> queue.dying().die(a, b, Death.REJECTED);
            case NACK_REQUEUE -> {
                queue.lanes().giveBack(a, b, countsReturns() ? Attempts::returnedAgain : Attempts::returned);
                queue.resting().settleDown(a, b, false, delay, common.clock().getAsLong());
            }
            case REJECT_REQUEUE -> {
                queue.lanes().giveBack(a, b, countsWays() ? Attempts::failedOn : Attempts::failed);
                queue.dying().ofFailures(a, b);
                queue.resting().settleDown(a, b, true, delay, common.clock().getAsLong());
            }
            case RELEASE -> {
                queue.lanes().giveBack(a, b, Attempts::released);
                if (countsWays() && !h.isGetter() && !h.spec().noAck()) {
                    queue.counters.unsent(b - a + 1);
                }
            }
        }
        if (outcome != Settle.Outcome.ACK && outcome != Settle.Outcome.DISCARD && delay != Resting.NOT_BACK) {
            queue.cameBack(a, b);
        }
    }

    /** Whether it counts how often clients gave a message back, for x-acquired-count: quorum queues do, unless they are of level 1. */
    boolean countsReturns() {
        return queue.settings().deliveryLimit() >= 0
                || queue.lanes().havePriorities() && QueueArguments.isQuorum(queue.spec());
    }

    /** The holder is gone; what it held is ready again. */
    public void returnAll(Holder h, Settle.Outcome how, Dirty work) {
        settle(h, h.held.toArray(), how, work);
    }

    /** A failed attempt of what the holder has up to this number. */
    public void failUpTo(Holder h, long last, Dirty work) {
        if (!h.held.isEmpty()) {
            settle(
                    h,
                    new long[] {h.held.lowest(), Math.min(last, h.held.highest())},
                    Settle.Outcome.REJECT_REQUEUE,
                    work);
        }
    }

    /** What a consumer holds and its client was not sent is ready again, as if it had never left. */
    public void release(Holder h, long[] sent, Dirty work) {
        SeqRanges unsent = new SeqRanges();
        h.held.forEach(unsent::add);
        for (int i = 0; i < sent.length; i += 2) {
            unsent.remove(sent[i], sent[i + 1], (a, b) -> {});
        }
        settle(h, unsent.toArray(), Settle.Outcome.RELEASE, work);
        h.wasSent(sent);
        notePurged(h);
    }

    /**
     * A holder gives back so much that later entries do it: a stand-in has it, which leaves.
     *
     * @param ranges pairs of first and last number; those it does not hold are passed over
     */
    public void handOver(Holder h, Holder standIn, long[] ranges, Settle.Outcome how, Dirty work) {
        long before = h.held.count();
        for (int i = 0; i < ranges.length; i += 2) {
            h.held.remove(ranges[i], ranges[i + 1], (a, b) -> {
                h.passed(b);
                h.handOver(a, b, standIn);
            });
            h.deadline.returned(ranges[i], ranges[i + 1]);
        }
        if (h.held.isEmpty()) {
            standIn.heldBytes = h.heldBytes;
            h.hasNothing();
        } else {
            share(h, standIn);
        }
        notePurged(h);
        h.settled(before - h.held.count(), how);
        queue.refresh(h);
        work.touched(queue);
        work.touched(h);
    }

    /** What the stand-in got is as large as descriptors tell: who looked into every chunk that it has a part of would be long at it. */
    private void share(Holder h, Holder standIn) {
        long[] sum = {0};
        boolean[] measures = {false};
        standIn.held.forEach(
                (a, b) -> sum[0] += queue.lanes().chain().having(a).chunks().share(a, b, measures));
        standIn.heldBytes = sum[0];
        h.heldBytes -= sum[0];
        if (measures[0]) {
            standIn.guessed().of = h.number();
            standIn.guessed().bytes = sum[0];
            h.guessed().standIns.add(standIn.number());
        }
    }

    /** A holder that gets nothing more has gone: what it holds counts as ready, and is given back in order. */
    public void leave(Holder h, Departure with, Dirty work) {
        if (queue.turns().isSingle() || h.deadline.next() != 0) {
            work.touched(queue); // another may be active now, or the next one to be looked at
        }
        held -= h.held.count();
        heldBytes -= h.heldBytes;
        reserved -= h.counted;
        h.leave(with);
        bounds.countRanges(h, h.held.ranges());
        notePurged(h);
        queue.ackTimeouts().forget(h);
        queue.turns().gone(h);
        departed.add(h);
    }

    /** Whether messages of holders who left are to be given back. */
    public boolean waitsForLeaving() {
        return departed.messages() > 0;
    }

    /**
     * The queue is purged: what came back is as if a stand-in had it that left, so that later entries take it out.
     *
     * @param standIn without messages
     */
    public void takeBack(Holder standIn, Departure with, Dirty work) {
        held += queue.lanes().chain().takeReturned(standIn.held);
        leave(standIn, with, work);
        work.touched(standIn);
    }

    /** A holder has so much more, or less, than was thought. */
    void correct(Holder h, long by) {
        h.heldBytes += by;
        heldBytes += by;
    }

    /**
     * The queue is purged: what somebody was assigned ahead is asked back, and gone when it comes. Until then nobody counts it as ready.
     *
     * @return how many messages that are
     */
    public long purgeAhead(Dirty work, Effects effects) {
        long n = 0;
        for (Holder h : reserved == 0 ? List.<Holder>of() : holders()) {
            if (h.reserved() > 0) {
                n += h.purge();
                notePurged(h);
                work.touched(h);
                effects.giveBack(h);
            }
        }
        return n;
    }

    /** What somebody was assigned ahead is to come back; who is cancelled gives it back anyway. */
    void askBack(Effects effects) {
        if (reserved > 0) {
            queue.turns().all().stream().filter(h -> h.counted > 0).forEach(effects::giveBack);
        }
    }

    /** As {@link Departed#purge}. */
    public long purge(long last, Dirty work) {
        return departed.purge(last, work);
    }

    void digest(StateDigest d) {
        d.add(held).add(heldBytes).add(reserved);
        departed.digest(d);
    }

    void digestHolders(StateDigest d) {
        holders.values().forEach(h -> h.digest(d));
    }
}
