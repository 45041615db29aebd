package io.tallymq.raft.log.ratis;

import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.raftlog.RaftLogIOException;

/**
 * Ratis' gRPC transport with {@link CommitPushAppender} as the leader's sender. Ratis creates it from the class name
 * in {@code raft.rpc.type}, so it is public and has a constructor without parameters.
 */
public final class CommitPush implements RpcType {
    @Override
    public String name() {
        return CommitPush.class.getName();
    }

    @Override
    public Factory newFactory(Parameters parameters) {
        return new Factory(parameters);
    }

    /** Hears how far a follower has flushed its log. */
    @FunctionalInterface
    public interface Flushes {
        /**
         * On any thread, again and again; never blocks.
         *
         * @param node the follower's id
         * @param index of the last entry that is on its disk
         */
        void reached(String node, long index);
    }

    /** Hears that this node leads and can not read of its own log what a follower needs. */
    @FunctionalInterface
    public interface Unreadable {
        /**
         * On a sender's thread, each time it tries.
         *
         * @param node the follower's id
         * @param from index of the first entry that it needs: that one can not be read, or one behind it
         */
        void found(String node, long from, RaftLogIOException cause);
    }

    /** The followers of this node while it leads, by their id; handed to Ratis in its {@link Parameters}. */
    public static final class Followers {
        private static final String KEY = "tallymq.followers";
        private final Map<String, CommitPushAppender> byId = new ConcurrentHashMap<>();
        private final Predicate<String> waiting;
        private final Flushes flushes;
        private final Unreadable unreadable;
        /** Null for plain text. */
        private NodesTls tls;

        private GrpcServices.Customizer customizer;

        /**
         * None yet; for one start of a node.
         *
         * @param waiting whether somebody at that node waits for what is committed; any thread
         * @param flushes hears how far they are, on any thread
         * @param unreadable hears what can not be sent to them
         */
        public Followers(Predicate<String> waiting, Flushes flushes, Unreadable unreadable) {
            this.waiting = waiting;
            this.flushes = flushes;
            this.unreadable = unreadable;
        }

        /**
         * What Ratis hands to the transport that it makes, and that who is dialled finds in this process what proves this node. Before Ratis starts.
         *
         * @param calls what is accepted begins there
         */
        public Parameters asParameters(RaftNodeConfig config, RaftCalls calls) {
            for (RaftNodeConfig.Peer peer : config.peers()) {
                if (!peer.id().equals(config.nodeId())) {
                    GrpcThreads.prove(peer.raftAddress(), RaftCalls.proof(config, peer.id()));
                }
            }
            Parameters parameters = new Parameters();
            GrpcConfigKeys.Server.setServicesCustomizer(parameters, calls);
            parameters.put(KEY, this, Followers.class);
            tls = config.tls();
            customizer = calls;
            return parameters;
        }

        /** The follower with this id; {@code null} if this node never led since it is a member. Any thread. */
        public FollowerInfo get(String id) {
            CommitPushAppender sender = byId.get(id);
            return sender == null ? null : sender.getFollower();
        }

        /** How often a follower's sender has looked for something to send; 0 if this node never led since it is a member. Any thread. */
        public long looks(String id) {
            CommitPushAppender sender = byId.get(id);
            return sender == null ? 0 : sender.getCallId();
        }
    }

    /** Creates the senders. */
    static final class Factory extends GrpcFactory {
        private final Followers followers;

        Factory(Parameters parameters) {
            super(parameters);
            GrpcThreads.direct();
            Followers given = parameters == null ? null : parameters.get(Followers.KEY, Followers.class);
            followers = given == null ? new Followers(node -> true, (node, index) -> {}, (node, from, e) -> {}) : given;
        }

        /** Ratis would build what begins a connection of TLS once, out of files; what is given here looks each time. */
        @Override
        public GrpcServices newRaftServerRpc(RaftServer server) {
            if (followers.tls == null) {
                return super.newRaftServerRpc(server);
            }
            return GrpcServicesImpl.newBuilder()
                    .setServer(server)
                    .setCustomizer(followers.customizer) // what is accepted begins in RaftPortGate
                    .setServerSslContextForClient(new RaftDialTls(followers.tls))
                    .build();
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
            CommitPushAppender sender = new CommitPushAppender(
                    server, state, follower, followers.waiting, followers.flushes, followers.unreadable);
            followers.byId.put(follower.getId().toString(), sender);
            return sender;
        }
    }
}
