package io.tallymq.raft;

import io.tallymq.raft.ModelDisk.Item;
import io.tallymq.raft.log.FatalHandler;
import io.tallymq.raft.log.ForwardHandler;
import io.tallymq.raft.log.LogGauges;
import io.tallymq.raft.log.ModelLease;
import io.tallymq.raft.log.NotAcceptedException;
import io.tallymq.raft.log.RaftNodeConfig;
import io.tallymq.raft.log.RaftStatus;
import io.tallymq.raft.log.ReplicatedLog;
import io.tallymq.raft.log.ReplicatedState;
import io.tallymq.raft.log.ReplicatedState.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Raft in small, in place of Ratis and of what the product puts around it: terms, elections, flushes of its own on each node, commits of
 * a majority's flushes, logs that are cut and checkpoints for who needs what was cut off. What the state sees is what the product's log
 * promises: see {@link ReplicatedState} and {@link ReplicatedLog}.
 */
final class ModelLog implements ReplicatedLog {
    private static final long LOOK = 25 * VirtualTime.MILLI;
    private static final long HEARTBEAT = 400 * VirtualTime.MILLI;
    private static final long MARK = 100 * VirtualTime.MILLI;
    private static final long TIDY = VirtualTime.SECOND;
    private static final int AT_A_TIME = 64;
    /** Entries after which the state writes although nobody waits. */
    private static final int GATHERED = 64;

    /** Nanoseconds that an entry of a slow replay takes. */
    private static final int SLOW = 10_000_000;

    private static final int SLOW_ENTRIES = 80;

    /** What a log has to know of the cluster that it is a model in. */
    interface World {
        /** Whether an entry is the one that others had committed at this index; the first one decides. */
        void committed(String node, long index, Item item);

        /** The term of the entry that was committed at this index. */
        long termOf(long index);

        /** Before and after the state gets an entry. */
        void applying(String node, Item item);

        void applied(String node, long index, long term);

        /** A term has a leader. */
        void leads(String node, long term);

        void installed(String node, Position at);

        /** The leader of this term was asked whether a node's process has ended, and said so. */
        void ended(String node, long term);

        Set<Fix> without();
    }

    private enum Role {
        FOLLOWER,
        CANDIDATE,
        LEADER
    }

    /** Submitted here, in this term. */
    private record Pending(long term, CompletableFuture<Position> future) {}

    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final FatalHandler fatal;
    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ModelDisk disk;
    private final StoreProvider stores;
    private final World world;
    private final ModelLease lease;
    private final ModelLink link;
    /** Applied entries between two cuts of the log, and how many stay. */
    private final int cutAfter;

    private final int keep;

    private Role role = Role.FOLLOWER;
    private String leader;
    private long commit = -1;
    private long firstOfTerm;
    private final Map<String, Long> next = new LinkedHashMap<>();
    private final Map<String, Long> match = new LinkedHashMap<>();
    private final Map<String, Long> answeredAt = new LinkedHashMap<>();
    private final Set<String> votes = new HashSet<>();
    private final TreeMap<Long, Pending> pending = new TreeMap<>();
    private long electionAt;
    private long leaderHeard;
    private long heartbeatAt;
    private long confirmedUpTo = -1;
    private boolean flushing;
    private long slowFlush;
    private long slowUpTo = -1;
    private boolean applying;
    private boolean fetching;
    private boolean reloading;
    private int gathered;
    private long cutAt;
    private String toldLeader;
    private long toldTerm = -1;
    private boolean stopped;
    private boolean quiet;

    /** What a model is made of. */
    record Parts(VirtualProcess process, ModelNetwork network, ModelDisk disk, StoreProvider stores, World world) {}

    ModelLog(Parts parts, RaftNodeConfig config, ReplicatedState state, ForwardHandler forwards, FatalHandler fatal) {
        this.config = config;
        this.state = state;
        this.fatal = fatal;
        this.process = parts.process();
        this.network = parts.network();
        this.disk = parts.disk();
        this.stores = parts.stores();
        this.world = parts.world();
        List<String> others = others();
        this.lease = new ModelLease(
                config.tuning().link().lease(),
                others.size() + 1,
                this::isLeader,
                () -> disk.term,
                state::applied,
                process::nanoTime);
        this.link =
                new ModelLink(this, network, forwards, others, config.tuning().link());
        this.cutAfter = 30 + process.random().nextInt(400);
        this.keep = process.random().nextInt(60);
    }

    private List<String> others() {
        return config.peers().stream()
                .map(RaftNodeConfig.Peer::id)
                .filter(id -> !id.equals(config.nodeId()))
                .toList();
    }

    String node() {
        return config.nodeId();
    }

    VirtualProcess process() {
        return process;
    }

    void sawEnd(String peer) {
        world.ended(peer, disk.term);
    }

    /** Whatever the product is shown. */
    long realTerm() {
        return disk.term;
    }

    ModelLease lease() {
        return lease;
    }

    @Override
    public ModelLink link() {
        return link;
    }

    Position last() {
        return new Position(disk.termAt(disk.last()), disk.last());
    }

    /** Each flush of this disk takes so much longer. */
    void slowFlush(long nanos) {
        slowFlush = nanos;
    }

    @Override
    public String toString() {
        return "log " + disk.base() + " to " + disk.last() + ", flushed " + disk.flushed() + ", committed " + commit
                + (reloading ? ", reloading" : "") + (flushing ? ", flushing" : "") + (applying ? ", applying" : "");
    }

    // ---- the product's side

    @Override
    public void countStart() {
        disk.starts++;
    }

    @Override
    public long starts() {
        return world.without().contains(Fix.UNIQUE_STARTS) ? 0 : disk.starts;
    }

    @Override
    public void start() {
        Position durable = state.durable();
        if (durable.index() > disk.last()
                || durable.index() > disk.base() && disk.termAt(durable.index()) != world.termOf(durable.index())) {
            disk.restart(durable.index(), world.termOf(durable.index()));
        } else if (durable.index() < disk.base()) {
            throw new AssertionError(
                    node() + ": the log begins at " + (disk.base() + 1) + ", the store ends at " + durable);
        }
        commit = Math.max(durable.index(), Math.min(disk.mark, disk.flushed()));
        slowUpTo = process.random().nextInt(2) == 0 ? disk.last() : -1;
        waitLong();
        leaderHeard =
                process.nanoTime() - config.tuning().election().timeoutMin().toNanos();
        network.started(this);
        link.start();
        look();
        mark();
        tidy();
        applySoon();
    }

    @Override
    public CompletableFuture<Position> submit(byte[] bytes, int off, int len) {
        if (role != Role.LEADER || stopped) {
            return refused(NotAcceptedException.Reason.NOT_LEADER);
        }
        if (!isLeader()) {
            return refused(NotAcceptedException.Reason.LEADER_NOT_READY);
        }
        CompletableFuture<Position> future = new CompletableFuture<>();
        pending.put(disk.last() + 1, new Pending(disk.term, future));
        append(Item.of(disk.term, bytes));
        return future;
    }

    private static CompletableFuture<Position> refused(NotAcceptedException.Reason reason) {
        return CompletableFuture.failedFuture(new NotAcceptedException(reason, "not now"));
    }

    @Override
    public boolean isLeader() {
        return role == Role.LEADER && !stopped && state.applied().index() >= firstOfTerm;
    }

    @Override
    public boolean holdsLease() {
        boolean unbound = world.without().contains(Fix.DECIDED_IN_TERM) && isLeader();
        return !stopped && (unbound || lease.holds());
    }

    @Override
    public String leaderId() {
        return leader;
    }

    @Override
    public long term() {
        return shown(disk.term);
    }

    /** To the product, which can't tell terms apart if all are the same one. */
    private long shown(long term) {
        return world.without().contains(Fix.DECIDED_IN_TERM) ? 1 : term;
    }

    @Override
    public boolean readyToServe() {
        return !stopped && leader != null && state.applied().term() == term();
    }

    @Override
    public RaftStatus.Role role() {
        return switch (role) {
            case FOLLOWER -> RaftStatus.Role.FOLLOWER;
            case CANDIDATE -> RaftStatus.Role.CANDIDATE;
            case LEADER -> RaftStatus.Role.LEADER;
        };
    }

    @Override
    public long commitIndex() {
        var unused = durableIndex(); // what a node reports was asked for together
        return commit;
    }

    private long durableIndex() {
        return world.without().contains(Fix.ABSENT_STORE)
                ? indexOf(stores.durable())
                : state.durable().index();
    }

    @Override
    public RaftStatus status() {
        long durable = durableIndex();
        RaftStatus.Indexes indexes =
                new RaftStatus.Indexes(disk.flushed(), commit, state.applied().index(), durable);
        return new RaftStatus(node(), role(), leader, term(), indexes, pending.size(), 0, List.of());
    }

    private static long indexOf(io.tallymq.broker.MessageStore.Applied a) {
        return a == null ? -1 : a.index();
    }

    @Override
    public long failedTasks() {
        return 0;
    }

    @Override
    public LogGauges gauges() {
        return new LogGauges(0, 0, 0, 0);
    }

    @Override
    public boolean isQuiet() {
        return quiet;
    }

    /** A crash has killed the process before this; else it is an orderly end. */
    @Override
    public void close() {
        stopped = true;
        if (process.isAlive()) {
            flush();
            state.forceDurable();
            quiet = true;
        }
    }

    // ---- time

    private void look() {
        long now = process.nanoTime();
        if (role == Role.LEADER) {
            long silence = config.tuning().election().stepDown().toNanos();
            long heard = answeredAt.values().stream()
                    .filter(at -> now - at < silence)
                    .count();
            if (heard + 1 <= config.peers().size() / 2) {
                follow(disk.term, null);
            } else if (now - heartbeatAt >= 0) {
                heartbeatAt = now + HEARTBEAT;
                others().forEach(this::replicate);
            }
        } else if (now - electionAt >= 0) {
            waitLong();
            askFirst();
        }
        tellLeader();
        process.after(LOOK, "look", this::look);
    }

    private void waitLong() {
        long min = config.tuning().election().timeoutMin().toNanos();
        long max = config.tuning().election().timeoutMax().toNanos();
        electionAt = process.nanoTime() + min + (long) (process.random().nextDouble() * (max - min));
    }

    private void tellLeader() {
        boolean same = java.util.Objects.equals(leader, toldLeader);
        if (!same || toldTerm != disk.term && leader != null) {
            toldLeader = leader;
            toldTerm = disk.term;
            state.leaderChanged(leader, term());
        }
    }

    private void mark() {
        disk.mark = Math.max(disk.mark, Math.min(commit, disk.flushed()));
        process.after(MARK, "mark", this::mark);
    }

    private void tidy() {
        if (!reloading) {
            flush();
            long applied = state.applied().index();
            if (applied - cutAt >= cutAfter) {
                cutAt = applied;
                state.forceDurable();
                disk.cut(Math.min(state.durable().index() - keep, disk.last() - 1));
            } else if (process.random().nextInt(6) == 0) {
                state.forceDurable(); // as a store does by itself
            }
        }
        process.after(TIDY, "tidy", this::tidy);
    }

    // ---- elections

    /** The leader's process has ended. */
    void leaderGone(String peer) {
        if (peer.equals(leader) && role == Role.FOLLOWER) {
            leaderHeard =
                    process.nanoTime() - config.tuning().election().timeoutMin().toNanos();
            electionAt = process.nanoTime() + (long) (process.random().nextDouble() * 300 * VirtualTime.MILLI);
        }
    }

    /** Something came from this peer. */
    void heard(String peer) {
        if (peer.equals(leader)) {
            leaderHeard = process.nanoTime();
        }
    }

    /** A node that nobody would vote for disturbs nobody. */
    private void askFirst() {
        long term = disk.term;
        Position last = last();
        Set<String> willing = new HashSet<>(Set.of(node()));
        leader = null;
        role = Role.CANDIDATE;
        for (String other : others()) {
            network.send(node(), other, "prevote?", log -> {
                boolean yes = log.wouldVote(term + 1, last);
                network.send(other, node(), "prevote", me -> {
                    if (yes && me == this && role == Role.CANDIDATE && disk.term == term && willing.add(other)) {
                        if (willing.size() == config.peers().size() / 2 + 1) {
                            stand();
                        }
                    }
                });
            });
        }
    }

    private boolean wouldVote(long term, Position candidates) {
        long silence = process.nanoTime() - leaderHeard;
        boolean content = leader != null
                && silence < config.tuning().election().timeoutMin().toNanos();
        return term > disk.term && role != Role.LEADER && !content && isUpToDate(candidates);
    }

    private boolean isUpToDate(Position candidates) {
        Position mine = last();
        return candidates.term() != mine.term() ? candidates.term() > mine.term() : candidates.index() >= mine.index();
    }

    private void stand() {
        disk.term++;
        disk.vote = node();
        votes.clear();
        votes.add(node());
        long term = disk.term;
        Position last = new Position(disk.termAt(disk.flushed()), disk.flushed());
        for (String other : others()) {
            network.send(node(), other, "vote?", log -> {
                boolean yes = log.vote(node(), term, last);
                long its = log.disk.term;
                network.send(other, node(), "vote", me -> {
                    if (me == this) {
                        voted(other, term, its, yes);
                    }
                });
            });
        }
    }

    private boolean vote(String candidate, long term, Position last) {
        if (term < disk.term) {
            return false;
        }
        if (term > disk.term) {
            follow(term, null);
        }
        boolean yes = (disk.vote == null || disk.vote.equals(candidate)) && isUpToDate(last);
        if (yes) {
            disk.vote = candidate;
            waitLong();
        }
        return yes;
    }

    private void voted(String other, long term, long its, boolean yes) {
        if (its > disk.term) {
            follow(its, null);
        } else if (yes && term == disk.term && role == Role.CANDIDATE) {
            votes.add(other);
            if (votes.size() > config.peers().size() / 2) {
                lead();
            }
        }
    }

    private void lead() {
        world.leads(node(), disk.term);
        role = Role.LEADER;
        leader = node();
        next.clear();
        match.clear();
        for (String other : others()) {
            next.put(other, disk.last() + 1);
            match.put(other, -1L);
            answeredAt.put(other, process.nanoTime());
        }
        heartbeatAt = process.nanoTime() + HEARTBEAT;
        firstOfTerm = disk.last() + 1;
        append(Item.of(disk.term, null));
    }

    private void follow(long term, String newLeader) {
        boolean led = role == Role.LEADER;
        if (term > disk.term) {
            disk.term = term;
            disk.vote = null;
        }
        role = Role.FOLLOWER;
        leader = newLeader;
        confirmedUpTo = -1;
        waitLong();
        if (led) {
            List<Pending> lost = List.copyOf(pending.values());
            pending.clear();
            lost.forEach(p -> p.future().completeExceptionally(new IOException("this node leads no more")));
        }
    }

    // ---- replication

    private void append(Item item) {
        disk.append(item);
        flushLog();
        others().forEach(this::replicate);
    }

    private void flushLog() {
        if (flushing) {
            return;
        }
        flushing = true;
        long upTo = disk.last();
        long term = disk.termAt(upTo);
        process.soon(300_000 + slowFlush, "flushed", () -> {
            flushing = false;
            if (upTo <= disk.last() && upTo >= disk.base() && disk.termAt(upTo) == term) {
                disk.flushed(upTo);
                if (role == Role.LEADER) {
                    advance();
                } else {
                    answer();
                }
                applySoon();
            }
            if (disk.flushed() < disk.last()) {
                flushLog();
            }
        });
    }

    private void replicate(String to) {
        long from = next.get(to);
        long term = disk.term;
        if (from <= disk.base()) {
            long base = disk.base();
            network.send(node(), to, "install?", log -> log.behind(node(), term, base));
            return;
        }
        long before = from - 1;
        long termBefore = disk.termAt(before);
        List<Item> items = disk.from(from, AT_A_TIME);
        long committed = commit;
        network.send(
                node(),
                to,
                "append",
                log -> log.append(node(), term, new Position(termBefore, before), items, committed));
        if (!items.isEmpty()) {
            next.put(to, from + items.size()); // a heartbeat that is refused takes it back
        }
    }

    private boolean hears(String from, long term) {
        if (term < disk.term) {
            network.send(node(), from, "newer", log -> {
                if (disk.term > log.disk.term) {
                    log.follow(disk.term, null);
                }
            });
            return false;
        }
        if (term > disk.term || role != Role.FOLLOWER || !from.equals(leader)) {
            follow(term, from);
        }
        leaderHeard = process.nanoTime();
        waitLong();
        return true;
    }

    private void append(String from, long term, Position before, List<Item> items, long committed) {
        if (!hears(from, term) || reloading) {
            return;
        }
        if (before.index() > disk.last()
                || before.index() >= disk.base() && disk.termAt(before.index()) != before.term()) {
            long hint = Math.min(disk.last(), before.index() - 1);
            network.send(node(), from, "refuse", log -> log.refusedBy(node(), term, hint));
            return;
        }
        long index = before.index();
        for (Item item : items) {
            index++;
            if (index <= disk.base() || index <= disk.last() && disk.termAt(index) == item.term()) {
                continue;
            }
            if (index <= disk.last()) {
                if (index <= commit) {
                    throw new AssertionError(node() + " would take back committed entry " + index);
                }
                disk.truncate(index);
            }
            disk.append(item);
        }
        confirmedUpTo = Math.max(confirmedUpTo, index);
        commit = Math.max(commit, Math.min(committed, index));
        if (disk.flushed() < disk.last()) {
            flushLog();
        }
        answer();
        applySoon();
    }

    /** Only what is flushed is had. */
    private void answer() {
        if (leader == null || role != Role.FOLLOWER) {
            return;
        }
        long upTo = Math.min(disk.flushed(), confirmedUpTo);
        long term = disk.term;
        network.send(node(), leader, "appended", log -> log.hadBy(node(), term, upTo));
    }

    private void hadBy(String peer, long term, long upTo) {
        if (role != Role.LEADER || term != disk.term) {
            return;
        }
        answeredAt.put(peer, process.nanoTime());
        if (upTo > match.get(peer)) {
            match.put(peer, upTo);
            next.put(peer, Math.max(next.get(peer), upTo + 1));
            advance();
        }
        if (next.get(peer) <= disk.last()) {
            replicate(peer);
        }
    }

    private void refusedBy(String peer, long term, long hint) {
        if (role == Role.LEADER && term == disk.term) {
            answeredAt.put(peer, process.nanoTime());
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
            others().forEach(this::replicate);
            applySoon();
        }
    }

    // ---- applying

    private void applySoon() {
        if (!applying && !reloading && !stopped && state.applied().index() < Math.min(commit, disk.flushed())) {
            applying = true;
            process.soon(isSlow() ? SLOW : 150_000, "apply", this::apply);
        }
    }

    /** The end of what is replayed at a start may take long: clients are there by then. */
    private boolean isSlow() {
        long left = slowUpTo - state.applied().index();
        return left > 0 && left < SLOW_ENTRIES;
    }

    private void apply() {
        applying = false;
        long most = Math.min(commit, disk.flushed());
        for (int n = 1 + process.random().nextInt(4);
                n > 0 && !reloading && state.applied().index() < most;
                n--) {
            long index = state.applied().index() + 1;
            Item item = disk.item(index);
            world.committed(node(), index, item);
            world.applying(node(), item);
            try {
                apply(index, item);
            } catch (RuntimeException | Error e) {
                fatal.onFatal("entry " + index + " could not be applied", e);
                throw e;
            }
            world.applied(node(), index, item.term());
            Pending submitted = pending.remove(index);
            if (submitted != null && submitted.term() == item.term()) {
                submitted.future().complete(new Position(item.term(), index));
            }
        }
        applySoon();
    }

    private void apply(long index, Item item) {
        if (item.bytes() == null) {
            state.advance(shown(item.term()), index);
        } else {
            state.apply(shown(item.term()), index, item.bytes(), 0, item.bytes().length);
        }
        gathered++;
        if (gathered >= GATHERED || state.isAwaited() && index >= commit) {
            flush();
        }
        if (ModelDisk.Item.sum(item.bytes()) != item.sum()) {
            throw new AssertionError("entry " + index + " was changed while it was in the log");
        }
    }

    private void flush() {
        if (gathered > 0) {
            gathered = 0;
            state.flush();
        }
    }

    // ---- checkpoints

    /** The leader no longer has what this node needs. */
    private void behind(String from, long term, long base) {
        if (!hears(from, term)) {
            return;
        }
        long had = state.applied().index();
        if (!reloading && had >= base && had <= disk.flushed()) {
            network.send(node(), from, "has it", log -> log.refusedBy(node(), term, had));
            return;
        }
        network.send(node(), from, "behind", log -> log.answeredAt.put(node(), log.process.nanoTime()));
        if (fetching || reloading) {
            return;
        }
        fetching = true;
        process.after(2 * VirtualTime.SECOND, "patience", () -> fetching = false);
        network.send(node(), from, "fetch", log -> log.copyFor(node()));
    }

    private void copyFor(String node) {
        if (reloading) {
            return;
        }
        try {
            Path copy = state.checkpoint(Path.of(
                    node() + "-" + process.number() + "-" + process.time().now()));
            Position atLeast = state.durable();
            process.soon(
                    100 * VirtualTime.MILLI,
                    "copied",
                    () -> network.send(node(), node, "install", log -> log.install(copy, atLeast)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void install(Path copy, Position atLeast) {
        if (!fetching || reloading) {
            return;
        }
        if (role == Role.LEADER) {
            fetching = false;
            return;
        }
        if (atLeast.index() <= state.applied().index()) {
            flush();
            state.forceDurable();
            fetching = false;
            return;
        }
        Position installed;
        try {
            installed = state.install(copy);
        } catch (IOException | RuntimeException | Error e) {
            fatal.onFatal("a checkpoint could not be installed", e);
            throw new AssertionError(node() + ": a checkpoint could not be installed", e);
        }
        if (state.durable().index() < installed.index()) {
            throw new AssertionError(node() + ": a checkpoint was installed and is not durable");
        }
        gathered = 0;
        reloading = true;
        world.installed(node(), installed);
        process.soon(20 * VirtualTime.MILLI, "reloaded", () -> {
            reloading = false;
            fetching = false;
            if (installed.index() >= disk.last()
                    || installed.index() < disk.base()
                    || disk.termAt(installed.index()) != world.termOf(installed.index())) {
                disk.restart(installed.index(), world.termOf(installed.index()));
                confirmedUpTo = installed.index();
            }
            commit = Math.max(commit, installed.index());
            applySoon();
        });
    }
}
