package io.tallymq.node;

import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the resident memory with its limit, so that publishers are blocked before the system ends a process that takes too much. What of
 * the heap is free stays resident until a marking gives it back, so the alarm asks for one: else it could stay for ever although
 * nothing is kept. One thread at a time.
 */
final class MemoryAlarm implements Supplier<Memory> {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryAlarm.class);

    /** So many looks in a row must have found less than {@link #reliefAt} before the alarm ends. */
    static final int RELIEF_LOOKS = 5;
    /** While the alarm is on, one look of so many asks for a marking, the first one among them. */
    static final int MARKING_LOOKS = 30;
    /** The alarm ends with this part less than the limit. */
    private static final int RELIEF_PART = 20;

    private final LongSupplier resident;
    private final long limit;
    private final Runnable marking;
    private boolean low;
    /** Looks in a row that found what ends the alarm. */
    private int relieved;
    /** Looks since the alarm began. */
    private int looks;

    /**
     * @param resident bytes, -1 when that can't be known
     * @param limit bytes resident above which the alarm goes off, 0 for no alarm
     * @param marking starts a collection that gives back what is free, and does not wait for it
     */
    MemoryAlarm(LongSupplier resident, long limit, Runnable marking) {
        this.resident = resident;
        this.limit = limit;
        this.marking = marking;
    }

    /** Bytes resident with which the alarm of a limit ends. */
    static long reliefAt(long limit) {
        return limit - limit / RELIEF_PART;
    }

    /** Looks. What can't be known changes nothing. */
    @Override
    public Memory get() {
        long used = resident.getAsLong();
        boolean before = low;
        if (limit > 0 && used >= 0) {
            relieved = low && used <= reliefAt(limit) ? relieved + 1 : 0;
            low = low ? relieved < RELIEF_LOOKS : used > limit;
        }
        if (low && !before) {
            looks = 0;
            LOG.error(
                    "The node has {} bytes resident, {} are allowed: publishers of all nodes are blocked. Let consumers"
                            + " drain the queues, close connections, give the node more memory, or raise memory.limit",
                    used,
                    limit);
        } else if (before && !low) {
            LOG.info("The node has {} bytes resident again: as far as this node goes, publishers go on", used);
        }
        if (low && looks++ % MARKING_LOOKS == 0) {
            marking.run();
        }
        return new Memory(used, limit, low);
    }
}
