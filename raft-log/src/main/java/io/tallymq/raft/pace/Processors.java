package io.tallymq.raft.pace;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How busy the processors are that this process may use: the machine's, or its container's share of them. Any thread. */
public final class Processors {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private Processors() {}

    /** Share that was in use since it was asked last, by whomever: 0 to 1, below 0 when that is not known. */
    public static double inUse() {
        return SYSTEM.getCpuLoad();
    }
}
