package io.tallymq.raft.log;

import io.netty.channel.Channel;
import io.tallymq.raft.log.checkpoint.Checkpoints;
import io.tallymq.raft.log.election.Lease;
import io.tallymq.raft.log.election.QuickElection;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.LinkPong;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.ratis.Redial;
import io.tallymq.raft.log.state.ReplicatedState.Position;

/** What the link tells a node, and what it asks of it. The link's threads. */
final class LinkEvents implements NodeLink.Owner {
    private final RaftNode node;
    private final ForwardHandler forwards;
    private final Lease lease;
    private final Redial redial;
    private final Checkpoints checkpoints;

    LinkEvents(RaftNode node, ForwardHandler forwards, Lease lease, Redial redial, Checkpoints checkpoints) {
        this.node = node;
        this.forwards = forwards;
        this.lease = lease;
        this.redial = redial;
        this.checkpoints = checkpoints;
    }

    @Override
    public void onBatch(String node, byte[] bytes) {
        this.forwards.onBatch(node, bytes);
    }

    @Override
    public void onUnheard(String node) {
        this.forwards.onUnheard(node);
    }

    /** Not handed on: who is no leader any more has nothing to hand over. */
    @Override
    public void onLead(String node) {
        if (this.node.isLeader()) {
            var unused = this.node.lead(node);
        }
    }

    @Override
    public Position lastEntry() {
        return node.lastEntry();
    }

    @Override
    public long commitIndex() {
        return node.commitIndex();
    }

    @Override
    public long everywhere() {
        return node.everywhere();
    }

    @Override
    public boolean hearsLeader() {
        QuickElection election = node.watches().election();
        return election == null || election.hearsLeader();
    }

    @Override
    public Rank rank() {
        return node.rank();
    }

    @Override
    public String leader() {
        return node.leaderId();
    }

    @Override
    public int leaseMillis() {
        return lease.leftMillis();
    }

    @Override
    public void onPong(String peer, LinkPong pong) {
        lease.answered(peer, pong);
        forwards.onAnswer(peer);
        if (pong.missesLeader() && peer.equals(node.leaderId())) {
            node.lookSoon(); // it may lead no more
        }
    }

    @Override
    public void sendCheckpoint(String node, Channel channel) {
        checkpoints.send(node, channel);
    }

    @Override
    public void onUp(String peer) {
        redial.onUp(peer, node.server());
        forwards.onLinkUp(peer);
    }

    @Override
    public void onDown(String peer) {
        node.lookSoon();
        redial.onDown(peer);
        forwards.onLinkDown(peer);
    }

    @Override
    public void onGone(String peer) {
        QuickElection election = node.watches().election();
        if (election != null && !node.isClosing()) {
            election.onGone(peer);
        }
    }

    @Override
    public void onMistrust(String peer) {
        redial.onDown(peer); // its connection of Raft is refused as well, and waits longer each time
    }

    @Override
    public void onRefused(String peer, byte[] note) {
        forwards.onRefused(peer, note);
    }

    @Override
    public void onWritable(String peer) {
        forwards.onWritable(peer);
    }
}
