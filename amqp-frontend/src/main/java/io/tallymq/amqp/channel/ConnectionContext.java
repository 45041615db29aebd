package io.tallymq.amqp.channel;

import io.netty.channel.EventLoop;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.settle.SettleBatch;
import io.tallymq.amqp.socket.SocketOutput;
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
public final class ConnectionContext {
    private final LiveConnection connection;
    private final NodeContext node;
    private final EventLoop loop;
    private final ClientTerms terms;
    private final Permits permits;
    private final Session session;
    private final SocketOutput outbox;
    private final SettleBatch settles;
    private final DueAnswers due;

    /**
     * @param permits what the user may do
     * @param due answers of all its channels
     */
    public ConnectionContext(
            LiveConnection connection,
            NodeContext node,
            EventLoop loop,
            ClientTerms terms,
            Permits permits,
            Session session,
            SocketOutput outbox,
            DueAnswers due) {
        this.connection = connection;
        this.node = node;
        this.loop = loop;
        this.terms = terms;
        this.permits = permits;
        this.session = session;
        this.outbox = outbox;
        this.settles = new SettleBatch(session);
        this.due = due;
    }

    /** Replicates a command, after the acks that came before it. */
    public void submit(Command command, Consumer<Reply> onReply) {
        settles.flush();
        session.submit(command, onReply);
    }

    /** tx.commit, after the acks that came before it. */
    public void commit(int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply) {
        settles().flush();
        session.commit(channel, settles, publishes, onReply);
    }

    /** Replicates a command whose reply nobody waits for, after the acks that came before it. */
    public void submit(Command command) {
        settles.flush();
        session.submit(command);
    }

    /** Counts messages over all connections. */
    public MessageTotals totals() {
        return node.totals();
    }

    /** The broker, to look at: what changes it goes through {@link #submit}. */
    public Broker broker() {
        return node.broker();
    }

    /** What the user may do. */
    public Permits permits() {
        return permits;
    }

    /** What the protocol is limited to on this node. */
    public ProtocolLimits protocol() {
        return node.config().protocol();
    }

    /** How much is held for clients of this node. */
    public FlowLimits flow() {
        return node.config().flow();
    }

    /** For names that nobody can guess. */
    public SecureRandom random() {
        return node.random();
    }

    /** What the handshake settled. */
    public ClientTerms terms() {
        return terms;
    }

    /** The virtual host that the client has opened. */
    public String vhost() {
        return terms.vhost();
    }

    /** The connection's session with the broker. */
    public Session session() {
        return session;
    }

    /** What goes to the client. */
    public SocketOutput outbox() {
        return outbox;
    }

    /** The acks and nacks of this turn. */
    public SettleBatch settles() {
        return settles;
    }

    /** The answers that are due on all channels. */
    DueAnswers due() {
        return due;
    }

    /** Runs what has to be done by the clock, on {@link #loop}, and within {@link #run}. */
    public Timers timers() {
        return node.timers();
    }

    /** All of the connection runs on it. */
    public EventLoop loop() {
        return loop;
    }

    /** Closes the connection with an error; does nothing if it is closing. */
    public void fail(AmqpError error) {
        connection.fail(error);
    }

    /** One of its channels is closed with an error, which the client is told next. */
    public void channelFailed(int channel, AmqpError error) {
        connection.channelFailed(channel, error);
    }

    /** Runs what nobody waits for, as what follows a read: the connection ends, with a line in the log, if it throws. */
    public void run(Runnable work) {
        connection.run(work);
    }

    /** The same in a later turn of the event loop. */
    public void later(Runnable work) {
        loop.execute(() -> run(work));
    }

    /** Writes what has gathered, after something happened outside of a read or a row of events. */
    public void endTurn() {
        connection.endTurn();
    }
}
