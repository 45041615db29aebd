package io.tallymq.raft.log.link;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.LinkHandshake.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which other nodes of a cluster run: those that take the word of this node, which does not. Blocks for moments. */
public final class RunningNodes {
    private RunningNodes() {}

    /** Their names. Who is not reached, or takes this node for a stranger, is none of them. */
    public static List<String> of(RaftNodeConfig config) {
        List<String> running = new ArrayList<>();
        for (Peer peer : config.peers()) {
            if (!peer.id().equals(config.nodeId()) && answers(config, peer)) {
                running.add(peer.name());
            }
        }
        return running;
    }

    private static boolean answers(RaftNodeConfig config, Peer peer) {
        try (LinkCall call = new LinkCall(config)) {
            call.greet(peer, Purpose.BATCHES, 0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
