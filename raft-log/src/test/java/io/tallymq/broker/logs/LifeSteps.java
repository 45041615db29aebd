package io.tallymq.broker.logs;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.List;

/** Nodes, connections and channels come and go; the level rises. These steps need no connection. */
final class LifeSteps {
    private static final List<String> NODES = List.of("n1", "n2");

    /** Makes an entry of what a node says, or a part of one. */
    interface Log {
        Reply entry(String node, Command command);
    }

    private final Log log;
    private final Replica replica;
    private final Clients clients;

    LifeSteps(Log log, Replica replica, Clients clients) {
        this.log = log;
        this.replica = replica;
        this.clients = clients;
    }

    /** Returns whether it is one of these. */
    boolean step(FeatureOp op, Dice dice) {
        String node = NODES.get((int) (op.seed() % 2));
        String other = NODES.get((int) ((op.seed() + 1) % 2));
        switch (op.kind()) {
            case NODE_UP -> {
                if (!replica.isUp(node) || dice.oneIn(3)) {
                    nodeUp(node);
                }
            }
            case NODE_LOST -> nodeLost(node, other);
            case OPEN -> open(node);
            case RAISE ->
                by(
                        node,
                        new Raise(
                                dice.oneIn(4) ? 1 + dice.below(BrokerMachine.LEVELS.max()) : BrokerMachine.LEVELS.max(),
                                1));
            case PROBE -> by(node, new Probe(dice.oneIn(4), dice.oneIn(2) ? dice.below(30) : 0));
            case CLOSE -> close(dice);
            case CLOSE_CHANNEL -> closeChannel(dice);
            default -> {
                return false;
            }
        }
        return true;
    }

    void nodeUp(String node) {
        replica.starts(node);
        drop(node);
        log.entry(node, new NodeUp(node, replica.epochOf(node)));
    }

    private void drop(String node) {
        clients.connections.stream().filter(c -> c.node().equals(node)).toList().forEach(clients::dropped);
    }

    private void nodeLost(String node, String by) {
        if (replica.epochOf(node) > 0 && replica.isUp(by) && replica.isUp(node)) {
            drop(node);
            log.entry(by, new NodeLost(node, replica.epochOf(node), 1));
            replica.lost(node);
        }
    }

    private void by(String node, Command command) {
        if (replica.isUp(node)) {
            log.entry(node, command);
        }
    }

    /** Null when it is refused. */
    ConnectionId open(String node) {
        if (!replica.isUp(node)) {
            return null;
        }
        ConnectionId c = clients.newConnection(node);
        ConnectionInfo.Endpoint e = new ConnectionInfo.Endpoint("127.0.0.1", 1);
        ConnectionInfo.Negotiated n = new ConnectionInfo.Negotiated(10, 4096, 60, "PLAIN", 1);
        ConnectionInfo info = new ConnectionInfo("c" + c.number(), "/", "guest", e, e, n, Arguments.NONE);
        if (log.entry(node, new OpenConnection(c, info)) != Reply.OK) {
            return null;
        }
        clients.connections.add(c);
        return c;
    }

    private void close(Dice dice) {
        if (!clients.connections.isEmpty()) {
            ConnectionId c = dice.of(clients.connections);
            int part = dice.below(3);
            clients.connections.remove(c);
            log.entry(c.node(), new CloseConnection(c, clients.gone(c, -1, s -> (s + part) % 3 > 0)));
        }
    }

    /** Front ends close at once what an error has ended, but what their clients sent meanwhile comes before that. */
    void closeEnded(Dice dice) {
        if (!clients.ended.isEmpty()) {
            closeChannel(dice);
        }
    }

    private void closeChannel(Dice dice) {
        if (clients.connections.isEmpty()) {
            return;
        }
        Clients.Channel channel = clients.ended.isEmpty()
                ? new Clients.Channel(dice.of(clients.connections), dice.below(Clients.CHANNELS))
                : clients.ended.get(0);
        int part = dice.below(3);
        ConnectionId c = channel.connection();
        log.entry(
                c.node(),
                new CloseChannel(c, channel.number(), clients.gone(c, channel.number(), s -> (s + part) % 3 > 0)));
    }
}
