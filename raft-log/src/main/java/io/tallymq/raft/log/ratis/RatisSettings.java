package io.tallymq.raft.log.ratis;

import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** A {@link RaftNodeConfig} in Ratis' words, each setting with its reason. */
public final class RatisSettings {
    /** Ratis wants a message to be allowed this much more than the largest append. */
    private static final int MESSAGE_MARGIN = 2 << 20;

    /** Append requests under way to one follower before its first answer. */
    private static final int OUTSTANDING_APPENDS = 32;

    /** No closed segment has its entries in memory once all nodes have them; the open one always has. */
    private static final int CACHED_SEGMENTS = 0;

    private static final int FLOW_CONTROL_WINDOW = 4 << 20;

    /** A node that just started has no leader to wait for; if there is one, the pre-vote finds out. */
    private static final TimeDuration FIRST_ELECTION_MIN = TimeDuration.valueOf(300, TimeUnit.MILLISECONDS);

    private static final TimeDuration FIRST_ELECTION_MAX = TimeDuration.valueOf(700, TimeUnit.MILLISECONDS);

    private RatisSettings() {}

    /**
     * Ratis' name of a group, the same on all nodes and at all times.
     *
     * @param clusterName what nodes compare
     * @param group one of {@link Groups}
     */
    public static RaftGroupId groupId(String clusterName, int group) {
        byte[] name = ("tallymq:" + clusterName + ":" + group).getBytes(StandardCharsets.UTF_8);
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name));
    }

    /** Where Ratis keeps the log's files of a node; may not exist yet. */
    public static Path logDir(RaftNodeConfig config) {
        return config.raftDir()
                .resolve("log")
                .resolve(groupId(config.clusterName(), Groups.BROKER).getUuid().toString())
                .resolve("current");
    }

    /** The group of all vhosts with all nodes of the cluster. */
    public static RaftGroup group(RaftNodeConfig config) {
        List<RaftPeer> peers = config.peers().stream()
                .map(p -> RaftPeer.newBuilder()
                        .setId(p.id())
                        .setAddress(p.raftAddress())
                        .build())
                .toList();
        return RaftGroup.valueOf(groupId(config.clusterName(), Groups.BROKER), peers);
    }

    /**
     * Ratis' settings.
     *
     * @param storage a directory in which it makes one for each group
     */
    public static RaftProperties properties(RaftNodeConfig config, Path storage) {
        RaftProperties p = new RaftProperties();
        p.set(RaftConfigKeys.Rpc.TYPE_KEY, CommitPush.class.getName());
        RaftServerConfigKeys.setStorageDir(p, List.of(storage.toFile()));
        transport(p, config);
        elections(p, config.tuning().election());
        log(p, config.tuning().log());
        snapshots(p);
        return p;
    }

    private static void transport(RaftProperties p, RaftNodeConfig config) {
        int append = config.tuning().log().appendBytes();
        GrpcConfigKeys.Server.setHost(p, config.bind().host());
        GrpcConfigKeys.Server.setPort(p, config.bind().raftPort());
        GrpcConfigKeys.setMessageSizeMax(p, SizeInBytes.valueOf(append + MESSAGE_MARGIN));
        GrpcConfigKeys.setFlowControlWindow(p, SizeInBytes.valueOf(FLOW_CONTROL_WINDOW));
        GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(p, OUTSTANDING_APPENDS);
        // Ratis' default waits up to 5 s before it tries a follower again that came back.
        p.set(RaftServerConfigKeys.Log.Appender.RETRY_POLICY_KEY, "10ms,10, 100ms,50, 500ms,1000000000");
    }

    private static void elections(RaftProperties p, ElectionTuning t) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, of(t.timeoutMin()));
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, of(t.timeoutMax()));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(
                p, TimeDuration.min(FIRST_ELECTION_MIN, of(t.timeoutMin())));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(
                p, TimeDuration.min(FIRST_ELECTION_MAX, of(t.timeoutMax())));
        RaftServerConfigKeys.LeaderElection.setPreVote(p, true);
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, of(t.stepDown()));
        RaftServerConfigKeys.setCloseThreshold(p, of(t.closeThreshold()));
    }

    private static void log(RaftProperties p, LogTuning t) {
        RaftServerConfigKeys.Log.setSegmentSizeMax(p, SizeInBytes.valueOf(t.segmentBytes()));
        // No zero fill: half of the bytes to the device, and a torn write ends the file instead of leaving a hole.
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf(0));
        // One more entry and fsync per commit on every node; CommitPushAppender tells followers instead.
        RaftServerConfigKeys.Log.setLogMetadataEnabled(p, false);
        // Not for speed: with it an append may be done when its turn is over, behind a vote, see CallTurns.
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(p, false);
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, CACHED_SEGMENTS);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf(t.cacheBytes()));
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf(t.appendBytes() + MESSAGE_MARGIN));
        RaftServerConfigKeys.Log.setQueueByteLimit(p, SizeInBytes.valueOf(t.pendingBytes()));
        RaftServerConfigKeys.Log.setQueueElementLimit(p, t.pendingEntries());
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(t.appendBytes()));
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(p, TimeDuration.ZERO);
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf(t.pendingBytes()));
        RaftServerConfigKeys.Write.setElementLimit(p, t.pendingEntries());
        // Entries are submitted once; what was applied twice is found by the state itself.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, TimeDuration.ONE_SECOND);
        p.setTimeDuration(
                RaftServerConfigKeys.Read.ReadAfterWriteConsistent.WRITE_INDEX_CACHE_EXPIRY_TIME_KEY,
                TimeDuration.ONE_SECOND);
    }

    private static void snapshots(RaftProperties p) {
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(p, false);
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        RaftServerConfigKeys.Log.setPurgeGap(p, 1);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 0);
    }

    private static TimeDuration of(Duration duration) {
        return TimeDuration.valueOf(duration.toMillis(), TimeUnit.MILLISECONDS);
    }
}
