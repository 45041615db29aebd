package io.tallymq.raft.log;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.RaftStatus.Indexes;
import io.tallymq.raft.log.RaftStatus.PeerStatus;
import io.tallymq.raft.log.RaftStatus.Role;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.ratis.CommitPush;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;

/** Puts a {@link RaftStatus} together; takes no lock and waits for nobody. */
final class RaftStatusReader {
    private RaftStatusReader() {}

    static RaftStatus read(
            RaftNode node,
            RaftNodeConfig config,
            RaftServer.Division division,
            CommitPush.Followers followers,
            NodeLink link,
            boolean stopped) {
        Role role = stopped ? Role.STOPPED : role(division);
        long flushed = division == null ? -1 : division.getRaftLog().getFlushIndex();
        Indexes indexes = new Indexes(
                flushed, node.commitIndex(), node.appliedIndex(), node.durable().index());
        List<PeerStatus> peers = new ArrayList<>();
        for (Peer peer : config.peers()) {
            if (!peer.id().equals(config.nodeId())) {
                FollowerInfo follower = role == Role.LEADER ? followers.get(peer.id()) : null;
                boolean reachable = link.reachable(peer.id());
                peers.add(new PeerStatus(
                        peer.id(),
                        reachable,
                        reachable ? link.rank(peer.id()) : null,
                        follower == null ? -1 : follower.getMatchIndex(),
                        follower == null ? -1 : follower.getNextIndex(),
                        lastRpc(role, division, peer.id(), follower)));
            }
        }
        return new RaftStatus(
                config.nodeId(),
                role,
                node.leaderId(),
                node.term(),
                indexes,
                node.pendingEntries(),
                Directories.bytes(node.logDir()),
                node.rank(),
                peers);
    }

    /** A node that was not stopped. */
    static Role role(RaftServer.Division division) {
        if (division == null) {
            return Role.STARTING;
        }
        DivisionInfo info = division.getInfo();
        if (!info.isAlive()) {
            return Role.STOPPED;
        }
        RaftPeerRole role = info.getCurrentRole();
        return role == RaftPeerRole.LEADER
                ? Role.LEADER
                : role == RaftPeerRole.CANDIDATE
                        ? Role.CANDIDATE
                        : role == RaftPeerRole.LISTENER ? Role.LISTENER : Role.FOLLOWER;
    }

    private static long lastRpc(Role role, RaftServer.Division division, String peer, FollowerInfo follower) {
        if (follower != null) {
            return follower.getLastRpcResponseTime().elapsedTimeMs();
        }
        if (role != Role.FOLLOWER || division.getInfo().getLeaderId() == null) {
            return -1;
        }
        RoleInfoProto info = division.getInfo().getRoleInfoProto();
        var leader = info.getFollowerInfo().getLeaderInfo();
        return leader.getId().getId().toStringUtf8().equals(peer) ? leader.getLastRpcElapsedTimeMs() : -1;
    }
}
