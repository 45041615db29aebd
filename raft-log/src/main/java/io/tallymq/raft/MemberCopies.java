package io.tallymq.raft;

import io.tallymq.broker.CopiesAwaited;
import io.tallymq.raft.copies.Completeness;
import io.tallymq.raft.copies.FullCopies;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How much of the log the members of the cluster have, and who waits until they have all. Any thread. */
final class MemberCopies {
    private final RaftNodeConfig config;
    private final Platform platform;
    private final NodeReports reports;
    private final FullCopies copies;
    private final Completeness completeness = new Completeness();
    private final List<String> others;
    private ReplicatedLog raft;

    MemberCopies(RaftNodeConfig config, Platform platform, NodeReports reports, FullCopies.Later later) {
        this.config = config;
        this.platform = platform;
        this.reports = reports;
        this.others = config.peers().stream()
                .map(RaftNodeConfig.Peer::id)
                .filter(id -> !id.equals(config.nodeId()))
                .toList();
        this.copies = new FullCopies(new Members(), platform::nanoTime, later);
    }

    /** Before anything else. */
    void connect(ReplicatedLog node) {
        raft = node;
    }

    /** A member has told how far it is. */
    void answered() {
        copies.answered();
    }

    /** Some times a minute, on one thread. */
    void look(long commit) {
        completeness.look(commit, platform.currentTimeMillis(), others, this::reached);
    }

    /** Up to which entry a node is known to have the log, flushed; -1 for unknown. */
    private long reached(String node) {
        NodeReport r = reports.of(node);
        return Math.max(raft.link().committed(node), r == null ? -1 : r.commit());
    }

    /** Up to which entry all members are known to have the log, flushed, without its being known of each. */
    private long everywhere() {
        return Math.max(raft.everywhere(), raft.link().everywhere());
    }

    /** See {@link FullCopies}. Any thread. */
    Runnable onceOnAll(Runnable then) {
        return copies.await(then);
    }

    /** Any thread. */
    CopiesAwaited awaited() {
        FullCopies.Waiting w = copies.waiting();
        List<String> lacking = w.count() == 0
                ? List.of()
                : others.stream()
                        .filter(node -> reached(node) < w.index())
                        .map(config::nameOf)
                        .toList();
        return new CopiesAwaited(w.count(), TimeUnit.NANOSECONDS.toMillis(w.nanos()), lacking);
    }

    /** Names of the members that are known to have an entry in their logs, flushed. Any thread, cheap. */
    List<String> durableOn(long index) {
        boolean everywhere = everywhere() >= index;
        return config.peers().stream()
                .filter(p ->
                        everywhere || (p.id().equals(config.nodeId()) ? raft.commitIndex() : reached(p.id())) >= index)
                .map(RaftNodeConfig.Peer::name)
                .toList();
    }

    /** When the member of this name was last known to have all that was committed, in milliseconds since the epoch; -1 for unknown. Any thread. */
    long completeAt(String name) {
        return config.peers().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .map(p ->
                        p.id().equals(config.nodeId()) ? platform.currentTimeMillis() : completeness.completeAt(p.id()))
                .orElse(-1L);
    }

    /** For {@link #copies}. */
    private final class Members implements FullCopies.Members {
        @Override
        public long committed() {
            return raft.commitIndex();
        }

        @Override
        public long reached() {
            long least = raft.commitIndex();
            for (String node : others) {
                least = Math.min(least, MemberCopies.this.reached(node));
            }
            return Math.max(least, everywhere());
        }

        @Override
        public void ask() {
            raft.link().askAll();
        }
    }
}
