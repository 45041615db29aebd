package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.settings.Stuck;
import io.tallymq.broker.view.BrokerView;

/**
 * How messages of one queue die: they are gone, or wait as dead letters for their way to the dead letter exchange, which they go some per
 * entry of the log.
 */
public final class Dying {
    private final Queue queue;
    private final DeadLetters letters;
    private final DeadLetters.Held held;
    /** Body bytes of dead letters that wait. */
    private long bytes;
    /** When those that are stuck try again; 0: they are not stuck. */
    private long retryAt;
    /** Why they are stuck, for people; no part of what replicas have to agree on. */
    private Stuck why = Stuck.NOT;

    Dying(Queue queue, DeadLetters letters, Common common) {
        this.queue = queue;
        this.letters = letters;
        this.held = new DeadLetters.Held(queue, letters, common);
    }

    /** Those of its letters that are held up. */
    public DeadLetters.Held held() {
        return held;
    }

    /** Messages that are nobody's die, and not because their time is over. */
    void die(long first, long last, Death why) {
        if (waits(first, last, why)) {
            letters.lately().died(last - first + 1);
        }
    }

    /** Messages that are nobody's die because their time is over, since then at the latest. */
    void expire(long first, long last, long time) {
        if (waits(first, last, Death.EXPIRED)) {
            letters.lately().expired(last - first + 1, time);
        }
    }

    /** Returns whether they wait for their way now. */
    private boolean waits(long first, long last, Death why) {
        boolean waits = queue.settings().deadLetter() != null;
        if (waits || why != Death.REJECTED) { // those were never counted, and all programs have to count alike
            queue.counters.died(why, last - first + 1);
        }
        if (!waits) {
            queue.lanes().partings().part(first, last, why.parting());
            return false;
        }
        bytes += queue.lanes().bytes(first, last);
        queue.lanes().dead().die(first, last, why);
        held.changed();
        if (queue.lastValues() != null) {
            queue.lastValues().gone(first, last); // they never come back
        }
        if (retryAt == 0) {
            letters.add(queue);
        }
        return retryAt == 0;
    }

    /** Those of some messages that went back die that failed too often: x-delivery-limit. */
    void ofFailures(long first, long last) {
        long limit = queue.settings().deliveryLimit();
        if (limit >= 0) {
            queue.lanes().dieOfFailures(first, last, limit, (a, b) -> die(a, b, Death.DELIVERY_LIMIT));
        }
    }

    /** Whether dead letters are on their way, or so many messages that what expires waits for these to go. */
    boolean goOn() {
        Lanes lanes = queue.lanes();
        return retryAt == 0
                && queue.settings().deadLetter() != null
                && (!lanes.dead().isEmpty() || lanes.going() >= Expiry.MOST_DEAD);
    }

    /** The first dead letters, at most so many; there are some. */
    public DeadMessages.Run first(int most) {
        return queue.lanes().dead().first(most);
    }

    /** The first {@code n} of some dead letters have gone on; {@code dropped} of them had nowhere to go. */
    public void gone(DeadMessages.Run run, int n, int dropped) {
        long first = run.chunk().firstSeq() + run.from();
        bytes -= queue.lanes().bytes(first, first + n - 1);
        queue.lanes().dead().buried(first, first + n - 1);
        held.wentOn();
        queue.counters.deadLettered(n - dropped, dropped);
        if (queue.lanes().dead().isEmpty()) {
            letters.remove(queue);
        }
    }

    /** The dead letters in hand have nowhere to go any more. */
    public void lost(DeadMessages.Run run) {
        long first = run.chunk().firstSeq() + run.from();
        long last = run.chunk().firstSeq() + run.to() - 1;
        bytes -= queue.lanes().bytes(first, last);
        queue.lanes().dead().lost(first, last, run.why());
        held.changed();
        queue.counters.deadLettered(0, run.to() - run.from());
        if (queue.lanes().dead().isEmpty()) {
            letters.remove(queue);
        }
    }

    /** The oldest of those that are held up and are too many have nowhere to go any more, as far as they are neighbours in one chunk; there are some. */
    void dropOldest() {
        lost(first((int) Math.min(Integer.MAX_VALUE, held.excess())));
    }

    /** Full queues did not get so many letters that others got. */
    public void copiesLost(int copies) {
        if (copies > 0) {
            queue.counters.copiesLost(copies);
        }
    }

    /** Messages that never came in went to the dead letters, or had nowhere to go. */
    public void refused(int sent, int dropped) {
        queue.counters.deadLettered(sent, dropped);
    }

    /** The next dead letter can't go anywhere: it tries again at this time, milliseconds since the epoch. */
    public void stuck(long until, Stuck because) {
        retryAt = until;
        why = because;
        letters.remove(queue);
        held.stuck();
    }

    /** Dead letters go nowhere any more: where they would go is gone. They go with their queue, as those that are stuck. */
    public void giveUp() {
        if (!queue.lanes().dead().isEmpty()) {
            stuck(Long.MAX_VALUE, Stuck.NOWHERE);
        }
    }

    /** Stuck dead letters try again if it is time. */
    public void retry(long now) {
        if (retryAt != 0 && retryAt <= now) {
            retryAt = 0;
            why = Stuck.NOT;
            letGo();
        }
    }

    /** When it is; {@link Agenda#NEVER}. */
    long due() {
        return retryAt == 0 ? Agenda.NEVER : retryAt;
    }

    long bytes() {
        return bytes;
    }

    BrokerView.DeadLettersWaiting view() {
        return !queue.lanes().dead().isEmpty()
                ? new BrokerView.DeadLettersWaiting(
                        queue.lanes().dead().count(),
                        bytes,
                        retryAt != 0,
                        why == Stuck.NOT ? "" : why.text(queue.settings().deadLetter()) + held.text())
                : BrokerView.DeadLettersWaiting.NONE;
    }

    /** Null for nothing. */
    byte[] encode() {
        return !queue.lanes().dead().isEmpty() || retryAt != 0 ? record().toBytes() : null;
    }

    private ByteWriter record() {
        ByteWriter w = new ByteWriter(16).varint(bytes).varint(retryAt).varint(why.ordinal());
        return held.areHeld() ? w.bool(true) : w;
    }

    void decode(ByteReader r) {
        bytes = r.varint();
        retryAt = r.varint();
        why = r.hasRemaining() ? Stuck.of((int) r.varint()) : Stuck.NOT;
        held.restore(r.hasRemaining() && r.bool());
    }

    /** All is known again: its dead letters go on. */
    void restored() {
        held.changed();
        letGo();
    }

    private void letGo() {
        if (isOnItsWay() && (!queue.deleted || queue.isToBeTakenOut)) {
            letters.add(queue);
        }
    }

    /** How many are stuck: they go with the queue. */
    public long left() {
        return isOnItsWay() ? 0 : queue.lanes().dead().count();
    }

    /** Dead letters move: a queue that is deleted is not taken out before. Those that are stuck go with it. */
    public boolean isOnItsWay() {
        return !queue.lanes().dead().isEmpty() && retryAt == 0;
    }

    void digest(StateDigest d) {
        if (bytes != 0 || retryAt != 0) {
            d.add(bytes).add(retryAt);
        }
        if (held.areHeld()) {
            d.add(true);
        }
    }
}
