package io.tallymq.node;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Collects all of the heap and leaves next to nothing of it free: what is free goes back to the system. What may be free after other collections, so that
 * the next one does not come at once, stays as it was: the first load grows the heap again.
 */
final class SmallestHeap {
    private static final String LEAST_FREE = "MinHeapFreeRatio";
    private static final String MOST_FREE = "MaxHeapFreeRatio";
    /** Percent of the old generation. */
    private static final String LEAST_AT_REST = "5";

    private static final String MOST_AT_REST = "15";

    private SmallestHeap() {}

    static void collect() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (vm == null) {
            System.gc();
            return;
        }
        String least = vm.getVMOption(LEAST_FREE).getValue();
        String most = vm.getVMOption(MOST_FREE).getValue();
        // In an order in which the least is never more than the most: the JVM refuses that.
        vm.setVMOption(LEAST_FREE, LEAST_AT_REST);
        vm.setVMOption(MOST_FREE, MOST_AT_REST);
        try {
            System.gc();
        } finally {
            vm.setVMOption(MOST_FREE, most);
            vm.setVMOption(LEAST_FREE, least);
        }
    }
}
