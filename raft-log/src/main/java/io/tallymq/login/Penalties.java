package io.tallymq.login;

import io.tallymq.net.Origin;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Time that failed logins cost the address they come from (see {@link Origin}): twice as much each time, up to a limit. Until then nothing of that
 * address is compared, so a guess costs as much however many are sent at once. A login that succeeds does not make the next guess cheaper: who
 * guesses may have a user of his own. Any thread.
 */
final class Penalties {
    /** Addresses that are known, at most, and addresses with users: those that failed last. */
    static final int MOST = 10_000;

    static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** Forgotten after this time without another one. */
    static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final int MOST_DOUBLED = 10;

    private record Failures(int count, long last, long until) {}

    /** Only the hash of the name: strangers' names may be long, and all that hangs on it is who is looked at first. */
    private record Whose(InetAddress origin, int user) {}

    private final LongSupplier nanoTime;
    private final long most;
    private final Map<InetAddress, Failures> failures = newest();
    private final Map<Whose, Long> users = newest();

    /** @param most nanoseconds of one of them */
    Penalties(LongSupplier nanoTime, long most) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    private static <K, V> Map<K, V> newest() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST;
            }
        };
    }

    /** A login failed. Returns for how long its answer is to be held back, nanoseconds: the address is held as long. */
    synchronized long failed(InetAddress from, String user) {
        InetAddress origin = Origin.of(from);
        long now = nanoTime.getAsLong();
        Failures before = failures.get(origin);
        int count = before == null || isOld(before.last, now) ? 1 : before.count + 1;
        long cost = Math.min(most, FIRST_NANOS << Math.min(count - 1, MOST_DOUBLED));
        failures.put(origin, new Failures(count, now, now + cost));
        users.put(new Whose(origin, user.hashCode()), now);
        return cost;
    }

    private static boolean isOld(long last, long now) {
        return now - last > FORGET_NANOS;
    }

    /** For how long nothing of the address is to be compared, nanoseconds; 0 for not at all. */
    synchronized long held(InetAddress from) {
        Failures f = failures.get(Origin.of(from));
        return f == null ? 0 : Math.max(0, f.until - nanoTime.getAsLong());
    }

    /** Whether a login of the address failed lately. */
    synchronized boolean isSuspect(InetAddress from) {
        Failures f = failures.get(Origin.of(from));
        return f != null && !isOld(f.last, nanoTime.getAsLong());
    }

    /** Whether that user's failed lately, or one's whose name can't be told from his. */
    synchronized boolean hasFailed(InetAddress from, String user) {
        Long last = users.get(new Whose(Origin.of(from), user.hashCode()));
        return last != null && !isOld(last, nanoTime.getAsLong());
    }
}
