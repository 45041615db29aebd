package io.tallymq.broker.processing;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Takes all that is to be had out of a queue. It is gone for everybody at once; what is much later entries take out: what rested, what is still to come back of
 * holders who left, and what came back in many places, which a stand-in has that leaves, as with {@link GivingBack}. What a consumer was assigned ahead its
 * channel is asked for, for it may just be sending it.
 */
final class Purging {
    /** The level from which on it is done so with what holders had; before, all of that was taken out at once. */
    private static final int LEVEL = 5;

    private final Queues queues;
    private final Dirty dirty;
    private final Leaving leaving;
    private final LongSupplier newNumber;
    private final IntSupplier level;
    private final int atOnce;

    /** @param atOnce places in which it is taken out at once */
    Purging(Queues queues, Dirty dirty, Leaving leaving, LongSupplier newNumber, IntSupplier level, int atOnce) {
        this.queues = queues;
        this.dirty = dirty;
        this.leaving = leaving;
        this.newNumber = newNumber;
        this.level = level;
        this.atOnce = atOnce;
    }

    /** Returns how many messages that were. */
    long purge(Queue q, Effects effects) {
        dirty.touched(q);
        boolean later = level.getAsInt() >= LEVEL;
        if (later) {
            q.valuesPurged();
            takeBackMuch(q);
        } else {
            leaving.finish(q);
        }
        long n = q.resting().purge() + q.lanes().purge();
        n += later && q.holdings().waitsForLeaving() ? q.holdings().purge(newNumber.getAsLong(), dirty) : 0;
        n += later ? q.holdings().purgeAhead(dirty, effects) : 0;
        leaving.purged(q);
        return n;
    }

    /** Whether what came back is in so many places, or these may be so many chunks. Chunks of one place are left to later entries anyway. */
    private boolean isMuch(Queue q) {
        long places = q.lanes().chain().returnedRanges();
        return places > atOnce || places > 1 && q.lanes().chain().begunChunks() > atOnce;
    }

    private void takeBackMuch(Queue q) {
        if (isMuch(q) && GivingBack.mayOf(q)) {
            takeBack(q);
        }
    }

    private void takeBack(Queue q) {
        ConnectionId nobody = new ConnectionId(GivingBack.NOBODY, newNumber.getAsLong());
        Holder standIn = Holder.getter(q, newNumber.getAsLong(), nobody, 0, false);
        Departure d = Departure.of(newNumber.getAsLong(), Departure.Whose.connection(nobody), null, List.of());
        leaving.begin(d);
        queues.add(standIn);
        q.holdings().takeBack(standIn, d, dirty);
        leaving.add(standIn, d);
        leaving.added(d);
    }
}
