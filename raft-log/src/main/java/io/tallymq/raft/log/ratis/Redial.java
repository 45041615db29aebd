package io.tallymq.raft.log.ratis;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/**
 * When the link to a peer is there again after it broke, Ratis gets a new connection to that peer, too. Its old one may wait for the
 * next repetition of what was lost, for about as long as the cut lasted: in that time the peer gets no entries, and its vote is not
 * heard.
 */
public final class Redial {
    private final ExecutorService executor;
    private final Set<String> broken = ConcurrentHashMap.newKeySet();

    /** @param executor where the old connection is closed, which takes a moment */
    public Redial(ExecutorService executor) {
        this.executor = executor;
    }

    /** The link to a peer broke. Any thread. */
    public void onDown(String peer) {
        broken.add(peer);
    }

    /**
     * The link to a peer is there again. Any thread; never blocks.
     *
     * @param server null before it has started: then there is no old connection
     */
    public void onUp(String peer, RaftServer server) {
        if (!broken.remove(peer) || server == null || !(server.getServerRpc() instanceof GrpcServicesImpl rpc)) {
            return;
        }
        try {
            executor.execute(() -> {
                Thread.currentThread().interrupt(); // or Ratis gives the old connection 3 s to end in peace
                rpc.getProxies().resetProxy(RaftPeerId.valueOf(peer));
                Thread.interrupted();
            });
        } catch (RejectedExecutionException e) {
            broken.add(peer); // the node is stopping
        }
    }
}
