package io.tallymq.raft.log;

import io.netty.channel.Channel;
import io.tallymq.disk.FreeSpace;
import io.tallymq.raft.log.RaftNodeConfig.Peer;
import io.tallymq.raft.log.ReplicatedState.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;

/** Copies of the store on their way from and to other nodes. */
final class Checkpoints {
    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final Executor executor;
    private final CheckpointHolds holds;
    private final CommitPush.Followers followers;
    private final CopyRoom room;
    private final FreeSpace free;
    private volatile RaftServer.Division division;

    Checkpoints(RaftNodeConfig config, ReplicatedState state, Executor executor, CommitPush.Followers followers) {
        this.config = config;
        this.state = state;
        this.executor = executor;
        this.followers = followers;
        this.free = new FreeSpace(config.raftDir());
        LogTuning log = config.tuning().log();
        this.room = new CopyRoom(this::freeBytes, (long) log.segmentBytes() + log.pendingBytes());
        this.holds = new CheckpointHolds(config.tuning().snapshot().hold(), new LogFacts(), System::nanoTime);
    }

    void started(RaftServer.Division running) {
        division = running;
    }

    /** What the log is kept for. */
    CheckpointHolds holds() {
        return holds;
    }

    /** Nothing in here outlives a start. */
    Path dir() {
        return config.raftDir().resolve("checkpoints");
    }

    /** Streams a checkpoint of this node; does not block. */
    void send(String node, Channel channel) {
        try {
            executor.execute(
                    () -> new CheckpointSender(state, dir(), holds, CheckpointSender.PATIENCE).send(node, channel));
        } catch (RejectedExecutionException e) {
            channel.close();
        }
    }

    /** Downloads a checkpoint of another node's store and installs it. Blocks. */
    void fetch(String from, LogStateMachine to) throws IOException {
        Peer peer = config.peer(from);
        if (peer == null) {
            throw new IOException("node '" + from + "' is not in the list of peers");
        }
        Path copy = dir().resolve("from-" + from);
        Directories.delete(copy);
        Files.createDirectories(copy);
        CheckpointFetcher fetcher =
                new CheckpointFetcher(new LinkHandshake(config), config.tuning().link(), config.tls(), room);
        Position atLeast = fetcher.fetch(peer, copy);
        to.install(atLeast, () -> state.install(copy));
        Directories.delete(copy);
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
