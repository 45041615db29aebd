package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmallestHeapTest {
    private static List<String> ratios() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return List.of(
                vm.getVMOption("MinHeapFreeRatio").getValue(),
                vm.getVMOption("MaxHeapFreeRatio").getValue());
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    @Test
    void theHeapIsCollectedAndGrowsAsBeforeAfterwards() {
        List<String> before = ratios();
        long collections = collections();
        SmallestHeap.collect();
        assertTrue(collections() > collections);
        assertEquals(before, ratios());
    }
}
