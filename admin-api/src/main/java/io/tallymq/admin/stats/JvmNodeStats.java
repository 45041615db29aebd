package io.tallymq.admin.stats;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.disk.FreeSpace;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** {@link NodeStats} from what the JDK and Linux' /proc tell. */
public final class JvmNodeStats implements NodeStats {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    /**
     * What is watched, and when it is too much or too little.
     *
     * @param dataDirectory on the disk whose free space counts
     * @param memoryLimit bytes resident, 0 for no alarm
     * @param diskFreeLimit bytes that are wanted free, 0 for no limit
     */
    public record Watch(String node, Path dataDirectory, long memoryLimit, long diskFreeLimit) {}

    private final Watch watch;
    private final Supplier<List<Listener>> listeners;
    private final ClientTraffic traffic;
    private final FreeSpace disk;

    public JvmNodeStats(Watch watch, List<Listener> listeners, ClientTraffic traffic) {
        this(watch, () -> listeners, traffic);
    }

    /** @param listeners asked each time: ports are bound later. Any thread */
    public JvmNodeStats(Watch watch, Supplier<List<Listener>> listeners, ClientTraffic traffic) {
        this.watch = watch;
        this.disk = new FreeSpace(watch.dataDirectory);
        this.listeners = listeners;
        this.traffic = traffic;
    }

    @Override
    public Machine machine() {
        var runtime = ManagementFactory.getRuntimeMXBean();
        long open = -1;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            open = unix.getOpenFileDescriptorCount();
        }
        return new Machine(
                runtime.getPid(),
                runtime.getUptime(),
                Runtime.getRuntime().availableProcessors(),
                residentBytes(),
                watch.memoryLimit > 0 ? watch.memoryLimit : -1,
                open,
                filesLimit(),
                diskFree(),
                watch.diskFreeLimit > 0 ? watch.diskFreeLimit : -1);
    }

    /** Bytes that this process may have: of its container, if that has a limit, else of the machine; -1 where that can't be known. */
    public static long memoryTotal() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
                ? os.getTotalMemorySize()
                : -1;
    }

    /** File descriptors that this process may have, -1 where that can't be known. */
    public static long filesLimit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : -1;
    }

    /** None: alarms begin and end elsewhere, for they block publishers. */
    @Override
    public List<Alarm> alarms() {
        return List.of();
    }

    @Override
    public List<Listener> listeners() {
        return List.copyOf(listeners.get());
    }

    @Override
    public ClientTraffic traffic() {
        return traffic;
    }

    /** Bytes free where the data is, -1 when that can't be read. */
    public long diskFree() {
        return disk.getAsLong();
    }

    /** Resident memory; off Linux what the JVM's own pools hold, which is less. */
    public static long residentBytes() {
        try (BufferedReader lines = Files.newBufferedReader(STATUS, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(RESIDENT)) {
                    String kibibytes =
                            line.substring(RESIDENT.length()).replace("kB", "").trim();
                    return Long.parseLong(kibibytes) << 10;
                }
            }
        } catch (IOException e) {
            // No /proc here.
        }
        var memory = ManagementFactory.getMemoryMXBean();
        MemoryUsage heap = memory.getHeapMemoryUsage();
        return heap.getCommitted() + memory.getNonHeapMemoryUsage().getCommitted();
    }
}
