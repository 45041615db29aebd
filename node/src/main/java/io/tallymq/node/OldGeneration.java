package io.tallymq.node;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.function.LongConsumer;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * Keeps what of the heap is in use near what lives in it. G1 marks only when a fixed share of the whole heap is old: a low share makes it mark for ever once so much
 * really lives, a high one has all of it resident after some minutes of load, however little lives. So the marking is asked for when the old generation is
 * {@link #GROWTH} times as large as the least it was since the last time, and {@link #LEAST_GROWN} more. Its cost is so bound to what was allocated. Looks after each collection of
 * the JVM, never else; on the JVM's notification thread, which waits for the marking.
 */
final class OldGeneration implements LongConsumer {
    /** The old generation may be so many times as large as what lived in it. */
    static final double GROWTH = 1.5;
    /** And so many bytes larger, so that a small one is not marked all the time. */
    static final long LEAST_GROWN = 24L << 20;

    private static final String POOL = "G1 Old Gen";

    private final Runnable marking;
    private long least = Long.MAX_VALUE;

    /** @param marking starts a marking that goes on beside the program, and waits for its end */
    OldGeneration(Runnable marking) {
        this.marking = marking;
    }

    /** Watches this process's heap, if G1 keeps it and a marking needs no stop; for as long as it runs. The serial collector keeps its old objects near what lives by itself. */
    static void watch() {
        if (Collector.ofThisProcess() != Collector.BESIDE_THE_PROGRAM) {
            return;
        }
        OldGeneration old = new OldGeneration(System::gc);
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener(
                        (n, handback) -> after((CompositeData) n.getUserData(), old), null, null);
            }
        }
    }

    /** Asks for a marking, or for the collection that stands for it, after which the heap gives back what is free, and does not wait for it. None if that would stop the program for long. */
    static void mark() {
        if (Collector.ofThisProcess() != Collector.OTHER) {
            Thread asking = new Thread(System::gc, "memory-alarm");
            asking.setDaemon(true);
            asking.start();
        }
    }

    private static void after(CompositeData collection, LongConsumer old) {
        GcInfo info = GarbageCollectionNotificationInfo.from(collection).getGcInfo();
        MemoryUsage usage = info.getMemoryUsageAfterGc().get(POOL);
        if (usage != null) {
            old.accept(usage.getUsed());
        }
    }

    /** @param used bytes of the old generation after a collection */
    @Override
    public void accept(long used) {
        least = Math.min(least, used);
        if (used > least * GROWTH && used - least > LEAST_GROWN) {
            marking.run();
            // What it found dead is collected with the next ones, and brings this down.
            least = used;
        }
    }
}
