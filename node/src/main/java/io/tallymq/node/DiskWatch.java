package io.tallymq.node;

import io.tallymq.timer.Timers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocks publishers before the disk is full: the log must never meet a write that fails for want of space. */
final class DiskWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
    private static final long PERIOD_SECONDS = 1;

    private final Path directory;
    private final long limit;
    private final Consumer<String> alarm;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private boolean low;

    /**
     * @param limit bytes that must be free, 0 for no watch
     * @param alarm hears why publishers are to be blocked, and null when they no longer are
     */
    DiskWatch(Path directory, long limit, Consumer<String> alarm, Timers timers) {
        this.directory = directory;
        this.limit = limit;
        this.alarm = alarm;
        this.timers = timers;
        this.timer = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "disk-watch");
            t.setDaemon(true);
            return t;
        });
    }

    void start() {
        if (limit > 0) {
            timer.execute(this::look);
            var unused = timers.every(timer, PERIOD_SECONDS, TimeUnit.SECONDS, "watching the disk", this::look);
        }
    }

    private void look() {
        long free;
        try {
            free = Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            LOG.warn("The free space of {} can't be read: {}", directory, e.toString());
            return;
        }
        boolean nowLow = free < limit;
        if (nowLow == low) {
            return;
        }
        low = nowLow;
        if (low) {
            LOG.error(
                    "The disk of {} has {} bytes free, {} are wanted: publishers are blocked. Make room, or lower"
                            + " disk.free-limit",
                    directory,
                    free,
                    limit);
        } else {
            LOG.info("The disk of {} has {} bytes free again: publishers go on", directory, free);
        }
        alarm.accept(low ? "low on disk" : null);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
