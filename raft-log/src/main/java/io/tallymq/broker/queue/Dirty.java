package io.tallymq.broker.queue;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;

/** What has changed since the last commit and is still to be written to the store. */
public final class Dirty {
    /** Of the record of a queue so many are a unit of work, about 512 octets. */
    public static final int LANES_PER_UNIT = 8;

    private final MessageStore store;
    /** Until the store has them. */
    private final List<Queue> queues = new ArrayList<>();
    /** Queues that changed in the entry in hand. */
    private final List<Queue> changed = new ArrayList<>();

    private final List<Holder> holders = new ArrayList<>();
    /** What is to be written of the lanes of those queues. */
    private long units;

    public Dirty(MessageStore store) {
        this.store = store;
    }

    public void touched(Queue q) {
        if (!q.dirty) {
            q.dirty = true;
            queues.add(q);
            units += q.lanes().chain().more() / LANES_PER_UNIT;
        }
        if (!q.changed) {
            q.changed = true;
            changed.add(q);
        }
    }

    /** When something is due in the queues that changed; who takes by himself hears what may be had. */
    public void note(Agenda agenda, Effects effects) {
        for (Queue q : changed) {
            q.changed = false;
            q.filters().tell(effects);
            if (!q.deleted) {
                agenda.note(q);
            }
        }
        changed.clear();
    }

    public void touched(Holder h) {
        if (!h.dirty) {
            h.dirty = true;
            holders.add(h);
        }
    }

    /** Units of work that it is to write the lanes of all that changed. */
    public long units() {
        return units;
    }

    /** A cancelled holder that holds nothing, or a holder of a deleted queue, has no record, if it need not wait for its end. */
    public void write() {
        units = 0;
        for (Queue q : queues) {
            if (!q.deleted || q.isToBeTakenOut) {
                q.lanes().writeDirty();
                store.put(Keys.of(Keys.QUEUE_STATE, q.number()), QueueState.encode(q));
            }
        }
        for (Holder h : holders) {
            h.dirty = false;
            if (h.orphan) {
                continue;
            }
            if (h.gone || h.queue().deleted) {
                HolderRecord.delete(h, store);
            } else {
                HolderRecord.write(h, store);
            }
        }
        holders.clear();
    }

    /** What was written can be read. */
    public void committed() {
        for (Queue q : queues) {
            q.dirty = false;
            q.committed();
        }
        queues.clear();
    }
}
