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

    /** What of the old objects nobody needs any more is collected when it is asked for. */
    interface Collecting {
        /** Asks for it; done when this returns, or begun. */
        void start();

        /** Whether what was begun goes on. */
        default boolean isUnderWay() {
            return false;
        }
    }

    /** Percent of the old objects' room above which the alarm goes off. */
    static final int MOST = 75;
    /** Percent of it with which the alarm ends. */
    static final int RELIEF = 67;
    /** While the alarm is on, one look of so many asks for a collection. */
    static final int SELDOM = 10;

    private static final int PERCENT = 100;
    /** Such a part of the room that the last collection left is to be filled before another one is asked for, else it would be asked for all the time. */
    private static final int PART = 4;

    private final Supplier<OldObjects> old;
    private final Collecting collecting;
    private boolean low;
    /** Looks since a collection was asked for, the one that asked among them; 0: none is that counts. */
    private int looks;
    /** Bytes: the least in use since the last one was asked for. */
    private long least;
    /** Bytes in use above which the next one is asked for, if that is above the limit. */
    private long askAt;

    HeapAlarm(Supplier<OldObjects> old, Collecting collecting) {
        this.old = old;
        this.collecting = collecting;
    }

    /** Of this process. Its collection of one thread stops the program however it is asked for, and is waited for. */
    static HeapAlarm ofThisProcess() {
        return new HeapAlarm(
                Collector::oldObjects,
                Collector.ofThisProcess() == Collector.ONE_THREAD ? System::gc : new RegionSweep());
    }

    /** Looks. A collector that does not tell has no alarm. */
    @Override
    public Heap get() {
        OldObjects now = old.get();
        if (now.room() <= 0) {
            return Heap.UNKNOWN;
        }
        long limit = now.room() / PERCENT * MOST;
        if (low || looks > 0 || now.used() > Math.max(limit, askAt)) {
            look(now.used());
            decide(limit, now.room());
            return new Heap(least, limit, low);
        }
        return new Heap(Math.min(now.used(), limit), limit, false);
    }

    private void look(long used) {
        if (looks == 0 || looks >= SELDOM && !collecting.isUnderWay()) {
            collecting.start();
            least = old.get().used();
            looks = 0;
        }
        looks++;
        least = Math.min(least, used);
    }

    private void decide(long limit, long room) {
        if (low && least <= room / PERCENT * RELIEF) {
            LOG.info("The node keeps {} bytes in its heap again: as far as this node goes, publishers go on", least);
            low = false;
            looks = 0;
        } else if (!low && least <= limit) {
            askAt = least + (room - least) / PART;
            looks = 0;
        } else if (!low && !collecting.isUnderWay()) {
            low = true;
            LOG.error(
                    "The node keeps {} bytes in its heap, {} are allowed: publishers of all nodes are blocked, and no queue, exchange or binding can be added."
                            + " Delete those that are not needed any more, let consumers drain the queues, or give the node a larger heap (-Xmx in TALLYMQ_JAVA_OPTS)",
                    least,
                    limit);
        }
    }
}
