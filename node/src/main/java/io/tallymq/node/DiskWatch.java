package io.tallymq.node;

import io.tallymq.node.config.NodeConfig;
import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the free space once a second, and more often while it changes, so that publishers are blocked before the disk is full: the log must never meet a
 * write that fails for want of space.
 */
final class DiskWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
    /** Between two looks while the disk fills or is low: what is left may be little more than a moment's log. And else. */
    private static final Duration OFTEN = Duration.ofMillis(200);

    private static final Duration SELDOM = Duration.ofSeconds(1);
    /** Bytes: so much more or less since the last look is a disk that somebody writes to. */
    private static final long MOVES = 1 << 20;
    /** So many looks in a row must have found room enough before the alarm ends: files of compactions come and go. */
    static final int RELIEF_LOOKS = 25;

    private final LongSupplier space;
    private final long limit;
    private final long relief;
    private final Consumer<Disk> listener;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private boolean low;
    /** As of the last look. */
    private long free = -1;
    /** Looks in a row that found the room that ends the alarm. */
    private int relieved;

    /**
     * @param space bytes free, -1 when that can't be known
     * @param limit bytes that must be free, 0 for no alarm
     * @param listener hears each look
     */
    DiskWatch(LongSupplier space, long limit, Consumer<Disk> listener, Timers timers) {
        this.space = space;
        this.limit = limit;
        this.relief = NodeConfig.Storage.reliefAt(limit);
        this.listener = listener;
        this.timers = timers;
        this.timer = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "disk-watch");
            t.setDaemon(true);
            return t;
        });
    }

    /** Looks for the first time: when this returns, a disk that is low is known to be. */
    void start() {
        look();
        new Rhythm(timers, timer, OFTEN, SELDOM, "watching the disk", this::isMoving).start();
    }

    private boolean isMoving() {
        long before = free;
        look();
        return low || Math.abs(free - before) > MOVES;
    }

    /** What can't be known changes nothing. One thread at a time. */
    void look() {
        free = space.getAsLong();
        boolean before = low;
        if (free >= 0) {
            relieved = low && free >= relief ? relieved + 1 : 0;
            low = low ? relieved < RELIEF_LOOKS : free < limit;
        }
        if (low && !before) {
            LOG.error(
                    "The disk has {} bytes free, {} are wanted: publishers of all nodes are blocked. Let consumers"
                            + " drain the queues, make room, or lower disk.free-limit",
                    free,
                    limit);
        } else if (before && !low) {
            LOG.info("The disk has {} bytes free again: as far as this node goes, publishers go on", free);
        }
        listener.accept(new Disk(free, limit, low));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
