package io.tallymq.raft;

import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.election.ModelLease;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.PeerLink;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The nodes' link over a {@link ModelNetwork}: connections that come up, fall silent, break and lose what they carry. */
final class ModelLink implements PeerLink {
    private static final long UP = 2 * VirtualTime.MILLI;

    /** To one peer. */
    private static final class Connection {
        boolean up;
        boolean ended;
        /** Counts connections: what an older one carries may be lost. */
        long number;
        /** By this process' clock. */
        long heard;
        /** When the last message sent over it arrives, in either direction. */
        long there;

        long back;
    }

    private final VirtualProcess process;
    private final ModelNetwork network;
    private final ForwardHandler handler;
    private final ModelLog log;
    private final ModelLease lease;
    private final LinkTuning tuning;
    private final Map<String, Connection> connections = new LinkedHashMap<>();
    private final Set<String> inbound = new HashSet<>();

    ModelLink(ModelLog log, ModelNetwork network, ForwardHandler handler, Collection<String> peers, LinkTuning tuning) {
        this.process = log.process();
        this.network = network;
        this.handler = handler;
        this.log = log;
        this.lease = log.lease();
        this.tuning = tuning;
        peers.forEach(p -> connections.put(p, new Connection()));
    }

    void start() {
        connections.keySet().forEach(this::dial);
        ping();
    }

    private String self() {
        return process.node();
    }

    private void dial(String peer) {
        Connection c = connections.get(peer);
        if (c.up) {
            return;
        }
        ModelLog other = network.log(peer);
        boolean connects = network.connects(self(), peer);
        c.ended = connects && other == null;
        if (connects && other != null && other.process().runs()) {
            process.soon(UP, "dialled", () -> up(peer, other));
        }
        process.after(tuning.retry().toNanos(), "dial", () -> dial(peer));
    }

    private void up(String peer, ModelLog other) {
        Connection c = connections.get(peer);
        if (c.up || !other.process().runs() || !network.connects(self(), peer)) {
            return;
        }
        c.up = true;
        c.number++;
        c.heard = process.nanoTime();
        other.link().inbound.add(self());
        handler.onLinkUp(peer);
    }

    private void ping() {
        long now = process.nanoTime();
        connections.forEach((peer, c) -> {
            if (c.up && now - c.heard > tuning.deadAfter().toNanos()) {
                broke(peer, c);
            } else if (c.up) {
                carry(peer, "ping", other -> other.asked(this, now));
            }
        });
        process.after(tuning.pingEvery().toNanos(), "ping", this::ping);
    }

    private void broke(String peer, Connection c) {
        c.up = false;
        ModelLog other = network.log(peer);
        if (other != null) {
            network.through(self(), peer, () -> other.link().inbound.remove(self()));
        }
        handler.onLinkDown(peer);
        process.soon(UP, "dial", () -> dial(peer));
    }

    /** Something on the way resets the connection. */
    void reset(String peer) {
        Connection c = connections.get(peer);
        long number = c.number;
        process.soon(UP, "reset", () -> {
            if (c.up && c.number == number) {
                broke(peer, c);
            }
        });
    }

    /** The peer's kernel closed its connections, which is seen unless the way is cut. */
    void peerDied(String peer) {
        inbound.remove(peer);
        Connection c = connections.get(peer);
        long number = c.number;
        if (!network.isCut(peer, self())) {
            process.soon(UP, "broken", () -> {
                if (c.up && c.number == number) {
                    broke(peer, c);
                    log.election().leaderGone(peer);
                }
            });
        }
    }

    /** Something to do at the other end of a connection. */
    private interface Message {
        void at(ModelLink other);
    }

    private void carry(String peer, String what, Message message) {
        Connection c = connections.get(peer);
        ModelLog other = network.log(peer);
        if (other == null || network.loses()) {
            return;
        }
        for (int n = network.repeats() ? 2 : 1; n > 0; n--) {
            c.there = arrives(c.there);
            deliver(self(), other, c, c.there, what, () -> message.at(other.link()));
        }
    }

    /** Over the connection that the peer made. */
    private void back(String peer, String what, Message message) {
        ModelLog other = network.log(peer);
        if (other == null || !other.link().connections.get(self()).up || network.loses()) {
            return;
        }
        Connection c = other.link().connections.get(self());
        c.back = arrives(c.back);
        deliver(self(), other, c, c.back, what, () -> message.at(other.link()));
    }

    private long arrives(long last) {
        return Math.max(last, process.time().now() + network.delay());
    }

    private void deliver(String from, ModelLog to, Connection c, long at, String what, Runnable arrives) {
        VirtualTime time = process.time();
        long number = c.number;
        time.after(
                at - time.now(),
                "net",
                () -> network.through(from, to.node(), () -> {
                    if (c.up && c.number == number || process.random().nextInt(2) == 0) {
                        time.after(0, to.process(), what, arrives);
                    }
                }));
    }

    /** A ping arrived; {@code at} by the clock of who asked, and who was started since did not. */
    private void asked(ModelLink asker, long at) {
        String peer = asker.self();
        Position last = log.last();
        int left = reachable(peer) ? lease.left() : 0;
        back(peer, "pong", other -> {
            if (other == asker) {
                other.answered(self(), last, left, at);
            }
        });
    }

    private void answered(String peer, Position last, int left, long at) {
        Connection c = connections.get(peer);
        if (c.up) {
            c.heard = process.nanoTime();
            lease.answered(peer, last, left, at);
            log.election().heard(peer);
        }
    }

    @Override
    public boolean forward(String node, byte[] bytes, int off, int len) {
        if (!connections.get(node).up) {
            return false;
        }
        byte[] copy = java.util.Arrays.copyOfRange(bytes, off, off + len);
        carry(node, "forward", other -> other.handler.onBatch(self(), copy.clone()));
        return true;
    }

    @Override
    public void refuse(String node, byte[] note) {
        back(node, "refused", other -> other.handler.onRefused(self(), note));
    }

    @Override
    public boolean reachable(String node) {
        Connection c = connections.get(node);
        return c != null && c.up;
    }

    @Override
    public boolean ended(String node) {
        Connection c = connections.get(node);
        boolean ended = c != null && c.ended && !c.up && !inbound.contains(node);
        if (ended) {
            log.sawEnd(node);
        }
        return ended;
    }
}
