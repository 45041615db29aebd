package io.tallymq.raft.trace;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What this node knows of traced messages, of itself and from the others: of the last so many, by their places in the log, so that all nodes keep the
 * same ones. Each node tells the others what it knows itself; a node that was away is told again. Any thread.
 */
public final class TraceBook {
    /** Shares in one report; the rest goes with the next. */
    static final int PER_REPORT = 64;

    /**
     * A traced message.
     *
     * @param shares what is known of it, by the ids of those who told it
     */
    public record Trace(TraceId id, SortedMap<String, TraceShare> shares) {}

    private final String self;
    private final int most;
    private final TreeMap<TraceId, TreeMap<String, TraceShare>> traces = new TreeMap<>();
    /** This node's own, in the order in which they were written last. */
    private final TreeMap<Long, TraceId> versions = new TreeMap<>();

    private final Map<TraceId, Long> versionOf = new HashMap<>();
    /** The last version that another node was told. */
    private final Map<String, Long> told = new HashMap<>();

    private long version;

    /**
     * An empty one.
     *
     * @param self this node's id
     * @param most messages that are kept
     */
    public TraceBook(String self, int most) {
        this.self = self;
        this.most = most;
    }

    /** What this node knows of a message now. */
    public synchronized void own(TraceShare share) {
        put(self, share);
        if (traces.containsKey(share.id())) {
            Long before = versionOf.put(share.id(), ++version);
            if (before != null) {
                versions.remove(before);
            }
            versions.put(version, share.id());
        }
    }

    private void put(String node, TraceShare share) {
        traces.computeIfAbsent(share.id(), id -> new TreeMap<>()).put(node, share);
        while (traces.size() > most) {
            Long own = versionOf.remove(traces.pollFirstEntry().getKey());
            if (own != null) {
                versions.remove(own);
            }
        }
    }

    /**
     * Writes what another node was not told yet, at most {@link #PER_REPORT} shares.
     *
     * @return what to {@link #told} when it was sent; 0 when there is nothing to tell
     */
    public synchronized long write(String node, ByteWriter w) {
        List<Long> news = versions.tailMap(told.getOrDefault(node, 0L), false).keySet().stream()
                .limit(PER_REPORT)
                .toList();
        if (news.isEmpty()) {
            return 0;
        }
        w.varint(news.size());
        for (Long v : news) {
            traces.get(versions.get(v)).get(self).write(w);
        }
        return news.get(news.size() - 1);
    }

    /** A node was told all up to this. Returns whether there is more. */
    public synchronized boolean told(String node, long upTo) {
        told.put(node, upTo);
        return version > upTo && !versions.tailMap(upTo, false).isEmpty();
    }

    /** A node may not have heard what it was told. */
    public synchronized void lost(String node) {
        told.remove(node);
    }

    /** Reads what {@code from} wrote. */
    public synchronized void read(String from, ByteReader r) {
        for (long n = r.varint(); n > 0; n--) {
            put(from, TraceShare.read(r));
        }
    }

    /** All, the last of the log first. */
    public synchronized List<Trace> all() {
        List<Trace> all = new ArrayList<>(traces.size());
        traces.descendingMap().forEach((id, shares) -> all.add(new Trace(id, new TreeMap<>(shares))));
        return all;
    }

    /** How many are kept. */
    public synchronized int size() {
        return traces.size();
    }

    /** How many are kept at most. */
    public int most() {
        return most;
    }
}
