package io.tallymq.net;

import io.tallymq.timer.SparseLog;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Who was refused and why: each kind of refusal is written once per minute and address. For at most {@link #MOST} addresses a minute;
 * what goes beyond is written as rarely as {@link SparseLog} does. Any thread.
 */
final class RefusalLog {
    static final int MOST = 256;
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

    private record Key(String address, String kind) {}

    private final Logger log;
    private final SparseLog beyond;
    /** When each was written last, the oldest first. Guarded by itself. */
    private final Map<Key, Long> written = new LinkedHashMap<>();

    RefusalLog(Logger log) {
        this.log = log;
        this.beyond = new SparseLog(log);
    }

    void warn(SocketAddress from, String kind, String text) {
        String address = from instanceof InetSocketAddress ip ? ip.getHostString() : String.valueOf(from);
        if (!isDue(new Key(address, kind), System.nanoTime())) {
            return;
        }
        log.warn("{}", text);
    }

    private boolean isDue(Key key, long now) {
        synchronized (written) {
            Iterator<Long> times = written.values().iterator();
            while (times.hasNext() && now - times.next() >= PAUSE) {
                times.remove();
            }
            if (written.containsKey(key)) {
                return false;
            }
            if (written.size() < MOST) {
                written.put(key, now);
                return true;
            }
        }
        beyond.warn("More than {} addresses were refused within a minute, the last one {}", MOST, key.address);
        return false;
    }
}
