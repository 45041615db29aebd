package io.tallymq.node;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** How this process's heap is collected, as far as the node asks for collections itself. {@code deploy/tallymq} chooses it by the heap's size. */
enum Collector {
    /** The serial collector: all of a small heap in a tenth of a second, in which the program stops. */
    ONE_THREAD,
    /** G1, which marks beside the program when it is asked to ({@code -XX:+ExplicitGCInvokesConcurrent}). */
    BESIDE_THE_PROGRAM,
    /** Another one, or one that would stop the program for as long as it takes: never asked. */
    OTHER;

    static Collector ofThisProcess() {
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
}
