package io.tallymq.broker.queue;

import io.tallymq.broker.aside.AckDeadline;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.PolicyRound;
import io.tallymq.broker.settings.QueueSettings;
import java.util.Comparator;
import java.util.TreeSet;

/**
 * x-consumer-timeout: whose client may have had messages for too long. A holder is looked at some times within its timeout, see
 * {@link AckDeadline}, and only while it holds something.
 */
public final class AckTimeouts {
    /** The level of the state from which on there are timeouts. */
    public static final int LEVEL = 3;
    /** The level of the state from which on other settings reach holders in the entries that follow. */
    private static final int ROUNDS = 5;
    /** What looking at a holder costs: one for so many ranges that it holds. */
    private static final int RANGES = 32;
    /** What it costs beside that a holder learns of other settings. */
    private static final int CHANGE = 1;

    private final Queue queue;
    private final Common common;
    /** On which the holders learn of other settings. */
    private final PolicyRound round = new PolicyRound();

    private final TreeSet<Holder> looks =
            new TreeSet<>(Comparator.comparingLong(AckTimeouts::next).thenComparingLong(Holder::number));

    AckTimeouts(Queue queue, Common common) {
        this.queue = queue;
        this.common = common;
    }

    private static long next(Holder h) {
        return h.deadline.next();
    }

    /** Milliseconds that a holder's client may take for an ack; 0 for ever. A consumer's own argument comes first. */
    public long of(Holder h) {
        if (h.spec().noAck()) {
            return 0;
        }
        Long own = own(h);
        return own != null ? own : queue.settings().consumerTimeout();
    }

    /** Null if it goes by its queue's. */
    private static Long own(Holder h) {
        return h.spec().arguments().get(ArgumentTable.CONSUMER_TIMEOUT) instanceof Long own ? own : null;
    }

    /** It has something more. */
    void assigned(Holder h) {
        if (next(h) == 0 && common.level().getAsInt() >= LEVEL) {
            long timeout = of(h);
            if (timeout > 0) {
                look(h, h.sent(), timeout, common.clock().getAsLong());
            }
        }
    }

    private long[] look(Holder h, SeqRanges sent, long timeout, long now) {
        long[] late = h.deadline.look(sent, timeout, now);
        looks.add(h);
        return late;
    }

    /** It is gone. */
    void forget(Holder h) {
        if (next(h) != 0) {
            looks.remove(h);
            h.deadline.clear();
        }
    }

    /** The queue goes by other settings: later entries {@link #goOn} with that, from the level on. */
    void settingsChanged(QueueSettings before, Dirty work) {
        if (before.consumerTimeout() == queue.settings().consumerTimeout()) {
            return;
        }
        if (common.level().getAsInt() >= ROUNDS) {
            round.begin();
            return;
        }
        queue.holdings().holders().stream().filter(AckTimeouts::isWaiting).forEach(h -> {
            forget(h);
            assigned(h);
            work.touched(h);
        });
    }

    /** Of who is leaving nothing is looked at any more: what it held is being given back. */
    private static boolean isWaiting(Holder h) {
        return h.departure() == null && !h.held.isEmpty();
    }

    /** Whether some holders have still to learn of other settings. */
    public boolean isOnRound() {
        return round.isActive();
    }

    /**
     * The next holder learns of them: it is looked at soon, as one that has only now been given what it holds. Until its turn it goes by the new timeout, and by what was seen
     * before. Returns what that cost.
     */
    public int goOn(Dirty work) {
        long number = round.next(queue.holdings()::behind);
        work.touched(queue);
        Holder h = number == PolicyRound.NONE ? null : queue.holdings().holder(number);
        if (h == null || !isWaiting(h) || own(h) != null) {
            return 1;
        }
        forget(h);
        if (of(h) > 0) {
            h.deadline.lookAt(common.clock().getAsLong());
            looks.add(h);
        }
        work.touched(h);
        return CHANGE + cost(h);
    }

    /** Null when nobody is on a round. */
    byte[] encode() {
        return round.encode();
    }

    /** Takes up what {@link #encode} wrote. */
    void decode(ByteReader r) {
        round.decode(r);
    }

    void digest(StateDigest d) {
        round.digest(d);
    }

    /** When somebody is to be looked at, milliseconds since the epoch; {@link Agenda#NEVER}. */
    long due() {
        return looks.isEmpty() ? Agenda.NEVER : next(looks.first());
    }

    /** Who is to be looked at now; null for nobody: the queue may have gone with its last consumer. */
    public Holder dueBy(long now) {
        return !queue.deleted && due() <= now ? looks.first() : null;
    }

    /** What looking at it costs. */
    public int cost(Holder h) {
        return 1 + h.held.ranges() / RANGES;
    }

    /** Looks at who is due. Returns what its client has had for too long, pairs of first and last number. */
    public long[] look(Holder h, long now, Dirty work) {
        long timeout = of(h);
        SeqRanges sent = h.sent();
        looks.remove(h);
        work.touched(h);
        work.touched(queue);
        if (sent.isEmpty() || timeout == 0) {
            h.deadline.clear();
            return new long[0];
        }
        return look(h, sent, timeout, now);
    }

    void restore(Holder h) {
        if (next(h) != 0) {
            looks.add(h);
        }
    }
}
