package io.tallymq.amqp.session;

import io.netty.channel.EventLoop;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.timer.Timers;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Consumer;

/** What the channels of an open connection share. Event loop only. */
final class ConnectionContext {
    private final LiveConnection connection;
    private final NodeContext node;
    private final EventLoop loop;
    private final ClientTerms terms;
    private final Permits permits;
    private final Session session;
    private final SocketOutput outbox;
    private final SettleBatch settles;

    /** @param permits what the user may do */
    ConnectionContext(
            LiveConnection connection,
            NodeContext node,
            EventLoop loop,
            ClientTerms terms,
            Permits permits,
            Session session,
            SocketOutput outbox) {
        this.connection = connection;
        this.node = node;
        this.loop = loop;
        this.terms = terms;
        this.permits = permits;
        this.session = session;
        this.outbox = outbox;
        this.settles = new SettleBatch(session);
    }

    /** Replicates a command, after the acks that came before it. */
    void submit(Command command, Consumer<Reply> onReply) {
        settles.flush();
        session.submit(command, onReply);
    }

    /** tx.commit, after the acks that came before it. */
    void commit(int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply) {
        settles().flush();
        session.commit(channel, settles, publishes, onReply);
    }

    /** Replicates a command whose reply nobody waits for, after the acks that came before it. */
    void submit(Command command) {
        settles.flush();
        session.submit(command);
    }

    /** Counts messages over all connections. */
    MessageTotals totals() {
        return node.totals();
    }

    Broker broker() {
        return node.broker();
    }

    /** What the user may do. */
    Permits permits() {
        return permits;
    }

    ProtocolLimits protocol() {
        return node.config().protocol();
    }

    FlowLimits flow() {
        return node.config().flow();
    }

    SecureRandom random() {
        return node.random();
    }

    ClientTerms terms() {
        return terms;
    }

    String vhost() {
        return terms.vhost();
    }

    Session session() {
        return session;
    }

    SocketOutput outbox() {
        return outbox;
    }

    /** The acks and nacks of this turn. */
    SettleBatch settles() {
        return settles;
    }

    Timers timers() {
        return node.timers();
    }

    EventLoop loop() {
        return loop;
    }

    /** Closes the connection with an error; does nothing if it is closing. */
    void fail(AmqpError error) {
        connection.fail(error);
    }

    /** Writes what has gathered, after something happened outside of a read or a row of events. */
    void endTurn() {
        connection.endTurn();
    }
}
