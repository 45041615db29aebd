package io.tallymq.raft.log.checkpoint;

import io.netty.channel.Channel;
import io.tallymq.disk.Directories;
import io.tallymq.disk.FreeSpace;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.ratis.CommitPush;
import io.tallymq.raft.log.ratis.RatisSettings;
import io.tallymq.raft.log.state.LogStateMachine;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.SparseLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.slf4j.LoggerFactory;

/** Copies of the store on their way from and to other nodes. */
public final class Checkpoints {
    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final Executor executor;
    private final CheckpointHolds holds;
    private final CommitPush.Followers followers;
    private final CopyRoom room;
    private final FailedCopies failed = new FailedCopies();
    /** What others asked for in vain: they ask again and again. */
    private final SparseLog unsent = new SparseLog(LoggerFactory.getLogger(CheckpointSender.class));

    private final FreeSpace free;
    private volatile RaftServer.Division division;

    /**
     * For one start of a node.
     *
     * @param state makes checkpoints and installs them
     * @param executor where they are sent, for minutes
     * @param followers how far they are decides for how long the log is kept for them
     */
    public Checkpoints(
            RaftNodeConfig config, ReplicatedState state, Executor executor, CommitPush.Followers followers) {
        this.config = config;
        this.state = state;
        this.executor = executor;
        this.followers = followers;
        this.free = new FreeSpace(config.raftDir());
        LogTuning log = config.tuning().log();
        this.room = new CopyRoom(this::freeBytes, (long) log.segmentBytes() + log.pendingBytes(), System::nanoTime);
        this.holds = new CheckpointHolds(config.tuning().snapshot().hold(), new LogFacts(), System::nanoTime);
    }

    /** Ratis runs: from now on it can be told who leads, and how far. Once. */
    public void started(RaftServer.Division running) {
        division = running;
    }

    /** What the log is kept for. Any thread. */
    public CheckpointHolds holds() {
        return holds;
    }

    /** Where they stand while they come or go. Nothing in here outlives a start. */
    public Path dir() {
        return config.raftDir().resolve("checkpoints");
    }

    /** Streams a checkpoint of this node to one that asked, through its connection, which is closed at the end. Does not block. */
    public void send(String node, Channel channel) {
        try {
            executor.execute(() ->
                    new CheckpointSender(state, dir(), holds, CheckpointSender.PATIENCE, unsent).send(node, channel));
        } catch (RejectedExecutionException e) {
            channel.close();
        }
    }

    /**
     * Downloads a checkpoint of another node's store and installs it. Blocks, for minutes; one thread at a time. After it failed it waits before it tries again.
     *
     * @param from the other node's id
     * @throws IOException it could not be downloaded, is damaged, or there is no room for it: the store is as it was
     */
    public void fetch(String from, LogStateMachine to) throws IOException {
        Peer peer = config.peer(from);
        if (peer == null) {
            throw new IOException("node '" + from + "' is not in the list of peers");
        }
        failed.fetch(from, () -> isLeader(from), () -> fetch(peer, to));
    }

    /** What is left of the copy takes as much room as a store. */
    private void fetch(Peer from, LogStateMachine to) throws IOException {
        Path copy = dir().resolve("from-" + from.id());
        Directories.delete(copy);
        Files.createDirectories(copy);
        try {
            Position atLeast = new CheckpointFetcher(config, room).fetch(from, copy);
            verify(from, copy);
            to.install(atLeast, () -> state.install(copy));
        } finally {
            Directories.delete(copy);
        }
    }

    /** While the own store still serves, for it takes as long as to read all of the copy, and a bad one is no reason to end. */
    private void verify(Peer from, Path copy) throws IOException {
        try {
            state.verify(copy);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "the copy of node '" + from.name() + "'s store can't be used, this node keeps its own: "
                            + e.getMessage() + " If it is damaged each time, so is the store of node '" + from.name()
                            + "': let another node lead, and look at the disk of that one",
                    e);
        }
    }

    private boolean isLeader(String node) {
        RaftServer.Division d = division;
        RaftPeerId leader = d == null ? null : d.getInfo().getLeaderId();
        return leader != null && leader.toString().equals(node);
    }

    private long freeBytes() {
        return Math.max(0, free.getAsLong()); // a disk that doesn't answer is not to be filled
    }

    private final class LogFacts implements CheckpointHolds.Facts {
        @Override
        public long matchIndex(String node) {
            FollowerInfo follower = leads() ? followers.get(node) : null;
            return follower == null ? -1 : follower.getMatchIndex();
        }

        @Override
        public boolean leads() {
            RaftServer.Division d = division;
            return d != null && d.getInfo().isLeader();
        }

        @Override
        public long lastIndex() {
            return division.getRaftLog().getNextIndex() - 1;
        }

        @Override
        public long logBytes() {
            return Directories.bytes(RatisSettings.logDir(config));
        }

        @Override
        public long freeBytes() {
            return Checkpoints.this.freeBytes();
        }
    }
}
