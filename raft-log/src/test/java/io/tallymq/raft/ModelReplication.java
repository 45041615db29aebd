package io.tallymq.raft;

import io.tallymq.raft.ModelDisk.Item;
import io.tallymq.raft.log.RaftStatus.Role;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How entries get from a leader's {@link ModelLog} to the others', and when they are committed: once a majority has flushed them, each
 * node with flushes of its own.
 */
final class ModelReplication {
    private static final long HEARTBEAT = 400 * VirtualTime.MILLI;
    private static final int FLUSH = 300_000;
    private static final int AT_A_TIME = 64;

    private final ModelLog log;
    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ModelDisk disk;
    private long commit = -1;
    private boolean flushing;

    // As the leader: the first entry of its term, what each node gets next, what it has, and when it answered.
    private long firstOfTerm;
    private final Map<String, Long> next = new LinkedHashMap<>();
    private final Map<String, Long> match = new LinkedHashMap<>();
    private final Map<String, Long> answeredAt = new LinkedHashMap<>();
    private long heartbeatAt;

    /** As a follower: up to where its log is its leader's. */
    private long confirmedUpTo = -1;

    ModelReplication(ModelLog log, ModelLog.Parts parts) {
        this.log = log;
        this.process = parts.process();
        this.network = parts.network();
        this.disk = parts.disk();
    }

    long commit() {
        return commit;
    }

    /** What is committed and flushed here. */
    long applicable() {
        return Math.min(commit, disk.flushed());
    }

    boolean isFlushing() {
        return flushing;
    }

    /** The first entry of this leader's term. */
    long firstOfTerm() {
        return firstOfTerm;
    }

    /** It is known that so much is committed. */
    void committed(long index) {
        commit = Math.max(commit, index);
    }

    /** The log begins anew behind this entry, which is committed. */
    void begunAnew(long index) {
        confirmedUpTo = index;
    }

    // ---- the leader

    void lead() {
        next.clear();
        match.clear();
        for (String other : log.others()) {
            next.put(other, disk.last() + 1);
            match.put(other, -1L);
            answeredAt.put(other, process.nanoTime());
        }
        heartbeatAt = process.nanoTime() + HEARTBEAT;
        firstOfTerm = disk.last() + 1;
        append(Item.of(disk.term, null));
    }

    /** How many others have answered since then. */
    int answeredSince(long then) {
        return (int) answeredAt.values().stream().filter(at -> at - then > 0).count();
    }

    void answered(String peer) {
        answeredAt.put(peer, process.nanoTime());
    }

    void heartbeat(long now) {
        if (now - heartbeatAt >= 0) {
            heartbeatAt = now + HEARTBEAT;
            log.others().forEach(this::replicate);
        }
    }

    void append(Item item) {
        disk.append(item);
        flush();
        log.others().forEach(this::replicate);
    }

    private void replicate(String to) {
        String self = log.node();
        long from = next.get(to);
        long term = disk.term;
        if (from <= disk.base()) {
            long base = disk.base();
            network.send(self, to, "install?", its -> its.checkpoints().behind(self, term, base));
            return;
        }
        Position before = new Position(disk.termAt(from - 1), from - 1);
        List<Item> items = disk.from(from, AT_A_TIME);
        long committed = commit;
        network.send(self, to, "append", its -> its.replication().append(self, term, before, items, committed));
        if (!items.isEmpty()) {
            next.put(to, from + items.size()); // a heartbeat that is refused takes it back
        }
    }

    private void hadBy(String peer, long term, long upTo) {
        if (!log.election().leads() || term != disk.term) {
            return;
        }
        answered(peer);
        if (upTo > match.get(peer)) {
            match.put(peer, upTo);
            next.put(peer, Math.max(next.get(peer), upTo + 1));
            advance();
        }
        if (next.get(peer) <= disk.last()) {
            replicate(peer);
        }
    }

    /** A peer can't take what it was sent: its log is this one up to {@code hint} at most. */
    void refusedBy(String peer, long term, long hint) {
        if (log.election().leads() && term == disk.term) {
            answered(peer);
            next.put(peer, Math.max(match.get(peer) + 1, hint + 1));
            replicate(peer);
        }
    }

    private void advance() {
        List<Long> had = new ArrayList<>(match.values());
        had.add(disk.flushed());
        had.sort(null);
        long majority = had.get((had.size() - 1) / 2);
        if (majority > commit && disk.termAt(majority) == disk.term) {
            commit = majority;
            log.others().forEach(this::replicate);
            log.applying().soon();
        }
    }

    // ---- followers

    void follow() {
        confirmedUpTo = -1;
    }

    private void append(String from, long term, Position before, List<Item> items, long committed) {
        if (!log.election().hears(from, term) || log.checkpoints().isReloading()) {
            return;
        }
        if (before.index() > disk.last()
                || before.index() >= disk.base() && disk.termAt(before.index()) != before.term()) {
            long hint = Math.min(disk.last(), before.index() - 1);
            network.send(log.node(), from, "refuse", its -> its.replication().refusedBy(log.node(), term, hint));
            return;
        }
        long index = before.index();
        for (Item item : items) {
            take(++index, item);
        }
        confirmedUpTo = Math.max(confirmedUpTo, index);
        committed(Math.min(committed, index));
        if (disk.flushed() < disk.last()) {
            flush();
        }
        answer();
        log.applying().soon();
    }

    private void take(long index, Item item) {
        if (index <= disk.base() || index <= disk.last() && disk.termAt(index) == item.term()) {
            return;
        }
        if (index <= disk.last()) {
            Ledger.check(index > commit, "%s would take back committed entry %s", log.node(), index);
            disk.truncate(index);
        }
        disk.append(item);
    }

    /** Only what is flushed is had. */
    private void answer() {
        String leader = log.election().leader();
        if (leader == null || log.election().role() != Role.FOLLOWER) {
            return;
        }
        long upTo = Math.min(disk.flushed(), confirmedUpTo);
        long term = disk.term;
        network.send(log.node(), leader, "appended", its -> its.replication().hadBy(log.node(), term, upTo));
    }

    // ---- both

    private void flush() {
        if (flushing) {
            return;
        }
        flushing = true;
        long upTo = disk.last();
        long term = disk.termAt(upTo);
        process.soon(FLUSH + disk.slowness, "flushed", () -> {
            flushing = false;
            if (upTo <= disk.last() && upTo >= disk.base() && disk.termAt(upTo) == term) {
                flushed(upTo);
            }
            if (disk.flushed() < disk.last()) {
                flush();
            }
        });
    }

    private void flushed(long upTo) {
        disk.flushed(upTo);
        if (log.election().leads()) {
            advance();
        } else {
            answer();
        }
        log.applying().soon();
    }
}
