package io.tallymq.node;

import io.tallymq.node.Collector.OldObjects;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether what lives in the heap leaves room enough, so that the state stops growing before the JVM ends the node for want of it: the state is the same on
 * all nodes and comes back at each start. What is in use may be what nobody needs any more, so a collection is asked for; what is the least in use
 * in the looks from there on is kept. A client can make the state grow by some 9 MB a second, so there are to be few of them. One thread at a time.
 */
final class HeapAlarm implements Supplier<Heap> {
    private static final Logger LOG = LoggerFactory.getLogger(HeapAlarm.class);

    /** Percent of the old objects' room above which the alarm goes off. */
    static final int MOST = 75;
    /** Percent of it with which the alarm ends. */
    static final int RELIEF = 67;
    /** So many looks, from the one that asks for a collection beside the program on, must have found too much. */
    static final int LOOKS = 3;
    /** While the alarm is on, one look of so many asks for a collection. */
    static final int SELDOM = 10;

    private static final int PERCENT = 100;

    private final Supplier<OldObjects> old;
    private final Runnable collection;
    private final int enough;
    private boolean low;
    /** Looks since a collection was asked for, the one that asked among them; 0: none is. */
    private int looks;
    /** Bytes: the least in use since then. */
    private long least;
    /** Bytes in use above which a collection is asked for: half of what the last one left is to be filled first, else it would be asked for all the time. */
    private long askAt;

    /**
     * @param collection starts one of old objects
     * @param enough looks, from the one that asks for it on, after which a collection has done what it can: 1 for one that is waited for
     */
    HeapAlarm(Supplier<OldObjects> old, Runnable collection, int enough) {
        this.old = old;
        this.collection = collection;
        this.enough = enough;
    }

    /** Of this process. Its collection of one thread stops the program however it is asked for, and is waited for. */
    static HeapAlarm ofThisProcess() {
        return Collector.ofThisProcess() == Collector.ONE_THREAD
                ? new HeapAlarm(Collector::oldObjects, System::gc, 1)
                : new HeapAlarm(Collector::oldObjects, RegionSweep::start, LOOKS);
    }

    /** Looks. A collector that does not tell has no alarm. */
    @Override
    public Heap get() {
        OldObjects now = old.get();
        if (now.room() <= 0) {
            return Heap.UNKNOWN;
        }
        long limit = now.room() / PERCENT * MOST;
        long used = now.used();
        boolean asked = looks > 0;
        if (low || asked || used > Math.max(limit, askAt)) {
            used = kept(used);
            decide(limit, now.room());
        }
        return new Heap(used, limit, low);
    }

    /** Bytes that are left since a collection was asked for, which it is now if it was not. */
    private long kept(long used) {
        if (looks == 0 || looks >= SELDOM) {
            collection.run();
            least = old.get().used();
            looks = 0;
        }
        looks++;
        least = Math.min(least, used);
        return least;
    }

    private void decide(long limit, long room) {
        if (low && least <= room / PERCENT * RELIEF) {
            LOG.info("The node keeps {} bytes in its heap again: as far as this node goes, publishers go on", least);
            low = false;
            looks = 0;
        } else if (!low && least <= limit) {
            askAt = least + (room - least) / 2;
            looks = 0;
        } else if (!low && looks >= enough) {
            low = true;
            LOG.error(
                    "The node keeps {} bytes in its heap, {} are allowed: publishers of all nodes are blocked, and no queue, exchange or binding can be added."
                            + " Delete those that are not needed any more, let consumers drain the queues, or give the node a larger heap (-Xmx in TALLYMQ_JAVA_OPTS)",
                    least,
                    limit);
        }
    }
}
