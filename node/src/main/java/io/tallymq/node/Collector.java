package io.tallymq.node;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** How this process's heap is collected, as far as the node asks for collections itself. {@code deploy/tallymq} chooses it by the heap's size. */
enum Collector {
    /** The serial collector: all of a small heap in a tenth of a second, in which the program stops. */
    ONE_THREAD,
    /** G1, which marks beside the program when it is asked to ({@code -XX:+ExplicitGCInvokesConcurrent}). */
    BESIDE_THE_PROGRAM,
    /** Another one, or one that would stop the program for as long as it takes: never asked. */
    OTHER;

    /** Where each of them keeps objects that have lived for some time; another collector's are not watched. */
    private static final List<String> OLD_POOLS = List.of("Tenured Gen", "G1 Old Gen");

    private static final Collector OF_THIS_PROCESS = found();

    static Collector ofThisProcess() {
        return OF_THIS_PROCESS;
    }

    private static Collector found() {
        boolean serial = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .anyMatch("MarkSweepCompact"::equals);
        if (serial) {
            return ONE_THREAD;
        }
        return ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-XX:+ExplicitGCInvokesConcurrent")
                ? BESIDE_THE_PROGRAM
                : OTHER;
    }

    /** How full this process's old objects' part of the heap is; {@link OldObjects#UNKNOWN} with another collector. */
    static OldObjects oldObjects() {
        if (OF_THIS_PROCESS == OTHER) { // what nobody needs may fill it, and nobody may ask for a collection that tells
            return OldObjects.UNKNOWN;
        }
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> OLD_POOLS.contains(pool.getName()))
                .findFirst()
                .map(pool -> new OldObjects(
                        pool.getUsage().getUsed(), pool.getUsage().getMax()))
                .orElse(OldObjects.UNKNOWN);
    }

    /**
     * Objects that have lived for some time.
     *
     * @param used bytes, those among them that nobody needs any more
     * @param room bytes that they may have; -1 for unknown
     */
    record OldObjects(long used, long room) {
        static final OldObjects UNKNOWN = new OldObjects(0, -1);
    }
}
