package io.tallymq.amqp.channel;

import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.broker.effect.Reply;
import java.util.TreeSet;

/**
 * Numbers the publishes of a channel and decides, once for each, what becomes of it: stored (acked in confirm mode), refused with
 * a nack, or void because the channel has ended at it or before it. What was decided stays, whatever the broker says later and in
 * whatever state the channel is: a publish that was refused or is void is never acked. The broker's numbers go on when a channel is
 * closed and its number is used again, so that a late confirm is never taken for one of the new channel's. Event loop only.
 */
public final class Confirms implements FullConfirms.Held {
    private final ChannelWriter writer;
    private final MessageTotals totals;
    private final ChannelCounts counts;
    /** Number of the last publish. */
    private long last;
    /** All publishes up to this one are decided. */
    private long decided;
    /** This publish and all later ones are void. */
    private long end = Long.MAX_VALUE;
    /** Number of the last publish before confirm.select: delivery tags count from there. */
    private long base;

    private boolean selected;
    /** Publishes that are confirmed when all members of the cluster have them: decided, and not acked yet, or on their way. */
    private final TreeSet<Long> held = new TreeSet<>();
    /** Those of them that are decided. */
    private int waiting;
    /** Refused publishes that are not decided with all before them yet. */
    private final TreeSet<Long> nacked = new TreeSet<>();

    /** @param previous number of the last publish of an earlier channel with the same number */
    Confirms(ChannelWriter writer, long previous) {
        this(writer, previous, new MessageTotals(), new ChannelCounts());
    }

    /** @param totals counts messages of whatever channel, as {@code counts} does those of this one */
    Confirms(ChannelWriter writer, long previous, MessageTotals totals, ChannelCounts counts) {
        this.counts = counts;
        this.totals = totals;
        this.writer = writer;
        this.last = previous;
        this.decided = previous;
    }

    /** The number of the publish at hand. */
    public long next() {
        if (selected) {
            totals.toConfirm().increment();
        }
        return ++last;
    }

    /** The number of the last publish. */
    public long last() {
        return last;
    }

    /** Whether publishes are on their way. */
    public boolean hasPending() {
        return !isDecided(last);
    }

    /** Whether it is known what became of this publish and all before it. */
    boolean isDecided(long seq) {
        return Math.min(seq, end - 1) <= decided;
    }

    /** confirm.select: the next publish gets delivery tag 1. Nothing happens the second time. */
    public void select() {
        if (!selected) {
            selected = true;
            base = last;
        }
    }

    /** Whether the client has confirms. */
    public boolean isSelected() {
        return selected;
    }

    /** Publishes whose confirms are due; 0 where none are. */
    public long pending() {
        return selected ? Math.max(0, last - Math.max(decided, base)) + waiting : 0;
    }

    /** These publishes are confirmed by {@link #release}, and not when they are applied. */
    public void hold(long first, long through) {
        for (long seq = Math.max(first, Math.max(decided, base) + 1); selected && seq <= through && seq < end; seq++) {
            held.add(seq);
        }
    }

    @Override
    public int size() {
        return held.size();
    }

    @Override
    public long awaits() {
        return held.isEmpty() || held.first() > decided ? -1 : decided;
    }

    @Override
    public void release(long through) {
        long to = Math.min(through, decided);
        var released = held.headSet(to, true);
        if (released.isEmpty()) {
            return;
        }
        long top = released.last();
        boolean several = released.size() > 1;
        count(released.size());
        waiting -= released.size();
        released.clear();
        writer.ack(top - base, several); // all below it are decided, and those of them that waited have it, too
    }

    /** The broker has applied all publishes up to this one: those that are not decided otherwise are stored. */
    public void applied(long seq) {
        long to = Math.min(seq, end - 1);
        if (to > decided) {
            ack(Math.max(decided, base), to);
            waiting +=
                    held.isEmpty() ? 0 : held.subSet(decided, false, to, true).size();
            decided = to;
            nacked.headSet(to, true).clear();
        }
    }

    /** All publishes above {@code from} and up to {@code to} are acked, but for the nacked ones. */
    private void ack(long from, long to) {
        if (!held.isEmpty() && held.first() <= to) {
            ackAround(from, to);
        } else {
            ackPlain(from, to);
        }
    }

    private void ackPlain(long from, long to) {
        long acked = to;
        while (acked > from && nacked.contains(acked)) {
            acked--;
        }
        if (selected && acked > from) {
            writer.ack(acked - base, acked > from + 1);
            count(acked - from - nackedBetween(from, acked));
        }
    }

    private void count(long messages) {
        totals.confirmed().add(messages);
        counts.confirmed(messages);
    }

    /** One by one where others wait, for an ack of several would cover these. */
    private void ackAround(long from, long to) {
        long first = held.first();
        if (first > from + 1) {
            ackPlain(from, first - 1);
        }
        for (long seq = Math.max(from + 1, first); selected && seq <= to; seq++) {
            if (!held.contains(seq) && !nacked.contains(seq)) {
                writer.ack(seq - base, false);
                count(1);
            }
        }
    }

    private int nackedBetween(long from, long to) {
        return nacked.isEmpty() ? 0 : nacked.subSet(from, false, to, false).size();
    }

    /**
     * The broker refused a publish. Those before it are applied.
     *
     * @return whether the channel ends with it: it is void then, and so are those behind it
     */
    public boolean refused(long seq, Reply.Reason why) {
        if (seq <= decided || seq >= end || nacked.contains(seq)) {
            return false;
        }
        if (why.endsPublisher()) {
            applied(seq - 1);
            end = seq;
            return true;
        }
        held.remove(seq);
        nacked.add(seq); // before anything is written: should that fail, a later confirm must not ack it
        if (selected && seq > base) {
            writer.nack(seq - base);
        }
        return false;
    }

    /** The channel has ended behind this publish: later ones are void. */
    void endBehind(long seq) {
        end = Math.min(end, Math.max(seq, decided) + 1);
    }

    /** The client is told that the channel ends: whatever is not decided is void. */
    public void end() {
        endBehind(decided);
        held.clear();
        waiting = 0;
    }
}
