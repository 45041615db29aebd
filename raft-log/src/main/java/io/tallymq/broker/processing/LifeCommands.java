package io.tallymq.broker.processing;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Nodes;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Nodes, connections and channels come and go, and with them what they own and hold. */
public final class LifeCommands {
    private final Nodes nodes;
    private final Connections connections;
    private final Uploads uploads;
    private final Queues queues;
    private final Closing closing;
    private final VhostRules vhosts;
    private final StateLimits limits;

    public LifeCommands(
            Nodes nodes,
            Connections connections,
            Uploads uploads,
            Queues queues,
            Closing closing,
            VhostRules vhosts,
            StateLimits limits) {
        this.vhosts = vhosts;
        this.nodes = nodes;
        this.connections = connections;
        this.uploads = uploads;
        this.queues = queues;
        this.closing = closing;
        this.limits = limits;
    }

    public Reply nodeUp(NodeUp up, Effects effects) {
        closeAllOf(up.node(), "its node started anew", effects);
        return Reply.OK;
    }

    public Reply nodeLost(NodeLost lost, Effects effects) {
        if (nodes.epochOf(lost.node()) == lost.epoch() && !nodes.isLost(lost.node())) {
            nodes.lost(lost.node());
            closeAllOf(lost.node(), "the cluster did not hear from its node for too long", effects);
        }
        return Reply.OK;
    }

    /** @param opening the number of its opening, from level 5 on; else 0 */
    public Reply open(OpenConnection open, long opening) {
        if (connections.count() >= limits.of(StateLimit.CONNECTIONS)) {
            return new Reply.Rejected(530, Reply.Reason.LIMIT, limits.text(StateLimit.CONNECTIONS));
        }
        Reply.Rejected refusal = vhosts.refusal(open.info());
        if (refusal != null) {
            return refusal;
        }
        connections.open(open.connection(), open.info(), opening);
        return Reply.OK;
    }

    public Reply close(CloseConnection close, Effects effects) {
        close(Departure.Whose.connection(close.connection()), List.of(close.connection()), close.sent(), effects);
        return Reply.OK;
    }

    /** Its node closes it, and says so. */
    public Reply forceClose(ForceClose f, Effects effects) {
        if (connections.get(f.connection()) == null) {
            return Reply.notFound("no such connection: it may have ended");
        }
        effects.connectionForced(f.connection(), f.reason());
        return Reply.OK;
    }

    public Reply closeChannel(CloseChannel close, Effects effects) {
        Connections.Connection c = connections.get(close.connection());
        if (c != null) {
            Departure.Whose whose = Departure.Whose.channel(close.connection(), close.channel());
            closing.close(whose, c.holders(close.channel()), List.of(), close.sent(), effects);
            c.forget(close.channel());
            connections.forgetChannel(c, close.channel());
        }
        return Reply.OK;
    }

    private void closeAllOf(String name, String reason, Effects effects) {
        List<ConnectionId> ids = connections.ofNode(name);
        close(Departure.Whose.node(name), ids, null, effects);
        ids.forEach(id -> effects.connectionClosed(id, reason));
    }

    private void close(Departure.Whose whose, List<ConnectionId> ids, List<Sent> sent, Effects effects) {
        Set<ConnectionId> known = new TreeSet<>();
        List<Holder> holders = new ArrayList<>();
        List<Queue> exclusive = new ArrayList<>();
        for (ConnectionId id : ids) {
            Connections.Connection c = connections.get(id);
            if (c != null) {
                known.add(id);
                c.channels.values().forEach(ch -> holders.addAll(ch.values()));
                c.exclusiveQueues.forEach(n -> exclusive.add(queues.byNumber(n)));
            }
        }
        closing.close(whose, holders, exclusive, sent, effects);
        uploads.connectionsClosed(known);
        known.forEach(connections::remove);
    }
}
