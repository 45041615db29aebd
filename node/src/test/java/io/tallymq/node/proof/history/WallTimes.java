package io.tallymq.node.proof.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What the times of a history are in milliseconds since the epoch, by the clock that its nodes have as well; and what time the log can have had then. Entries
 * have the leader's time, which is never ahead of that clock, and behind it only while it makes up for a time without any entry.
 */
final class WallTimes {
    /** For the roundings of two clocks and their drift between two answers. */
    private static final long TOLERANCE = 100;
    /** After so long without a leader the log's time does not take the clock's at once. */
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(55);
    /** And has caught up then. */
    private static final long MADE_UP = TimeUnit.SECONDS.toNanos(15);

    /** So long without an entry of the log, or a little less, is time without a cluster: what is remembered is remembered from its end on. */
    private static final long OUTAGE = TimeUnit.SECONDS.toNanos(9);

    private record Silence(long from, long to) {}

    /** By nanoseconds: what has to be added. */
    private final TreeMap<Long, Long> offsets = new TreeMap<>();

    private final List<Silence> silences = new ArrayList<>();
    private final List<Silence> outages = new ArrayList<>();
    private long lastConfirm = -1;

    /** Somebody noted the clock. */
    void noted(long nanos, long millis) {
        offsets.put(nanos, TimeUnit.MILLISECONDS.toNanos(millis) - nanos);
    }

    /** Something was confirmed: the log goes on. */
    void confirmed(long nanos) {
        if (lastConfirm >= 0 && nanos - lastConfirm > SILENCE) {
            silences.add(new Silence(lastConfirm, nanos + MADE_UP));
        }
        if (lastConfirm >= 0 && nanos - lastConfirm > OUTAGE) {
            outages.add(new Silence(lastConfirm, nanos));
        }
        lastConfirm = nanos;
    }

    private long millis(long nanos) {
        Map.Entry<Long, Long> offset = offsets.floorEntry(nanos);
        if (offset == null) {
            offset = offsets.firstEntry();
        }
        return offset == null ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos + offset.getValue());
    }

    /** An entry that was made after this moment has this time or a later one. */
    long earliest(long nanos) {
        long from = nanos;
        for (Silence s : silences) {
            from = nanos > s.from && nanos < s.to ? Math.min(from, s.from) : from;
        }
        return millis(from) - TOLERANCE;
    }

    /** Until when what was decided before this moment may be remembered: for its window, and behind an outage within that for another one. */
    long rememberedUntil(long nanos, long window) {
        long until = latest(nanos) + window;
        for (Silence outage : outages) {
            if (outage.to > nanos && earliest(outage.from) <= until) {
                until = Math.max(until, latest(outage.to) + window);
            }
        }
        return until;
    }

    /** An entry that was made before this moment has this time or an earlier one. */
    long latest(long nanos) {
        return millis(nanos) + TOLERANCE;
    }
}
