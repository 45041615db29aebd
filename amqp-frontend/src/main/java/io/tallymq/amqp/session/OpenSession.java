package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ClientTerms;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.DueAnswers;
import io.tallymq.amqp.channel.LiveConnection;
import io.tallymq.amqp.channel.Permits;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.delivery.DeliveryContext;
import io.tallymq.amqp.publish.BlockedNotice;
import io.tallymq.amqp.publish.PublishContext;
import io.tallymq.amqp.settle.SentMessages;
import io.tallymq.amqp.socket.ClientTls;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Session;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a connection has from connection.open on: its session with the broker, and its channels. Event loop only, but for what says
 * otherwise.
 */
final class OpenSession implements LiveConnection {
    private final AmqpConnection connection;
    private final ClientTerms terms;
    private final ConnectionInfo info;
    private final Rights rights;
    private final ClientErrors errors;
    private final BlockedNotice blockedNotice;
    private final Session session;
    private final ConnectionContext context;
    private final DeliveryContext deliveries;
    private final PublishContext publishing;
    private final Channels channels;
    private boolean closed;
    private boolean settlesLater;

    /** @param rights what the user may do */
    OpenSession(
            AmqpConnection connection,
            FrontEnd frontEnd,
            ClientTerms terms,
            ConnectionInfo info,
            Rights rights,
            SocketOutput outbox,
            ReadGate gate) {
        this.connection = connection;
        this.terms = terms;
        this.info = info;
        this.rights = rights;
        this.errors = frontEnd.errors();
        this.blockedNotice =
                new BlockedNotice(connection::write, gate, terms.capabilities().connectionBlocked());
        SessionEvents events = new SessionEvents(connection, gate, blockedNotice);
        this.session = frontEnd.broker().connect(info.vhost(), events, connection.loop());
        Permits permits = new Permits(rights, terms.user(), terms.vhost());
        DueAnswers due = new DueAnswers(gate);
        this.context =
                new ConnectionContext(this, frontEnd.node(), connection.loop(), terms, permits, session, outbox, due);
        this.deliveries = new DeliveryContext(
                context, outbox, frontEnd.bodyBudget(), frontEnd.filterCounts(), frontEnd.tagBudget());
        this.publishing = new PublishContext(context, gate, frontEnd.publishBudget(), blockedNotice);
        this.channels = new Channels(context, deliveries, publishing, frontEnd.registry());
        events.attach(channels);
    }

    /** Tells the broker of the connection. */
    void begin(Consumer<Reply> opened) {
        session.submit(new OpenConnection(session.id(), info), opened);
    }

    /**
     * What there is to tell of its connection. Any thread.
     *
     * @param name of the connection
     * @param state a word for what it does
     */
    AmqpConnectionInfo describe(String name, String state, ClientTls tls, AmqpConnectionInfo.Traffic traffic) {
        return new AmqpConnectionInfo(
                session.id(), info, name, state, channels.numbers(), channels.opened(), tls, traffic);
    }

    ConnectionId id() {
        return session.id();
    }

    ClientTerms terms() {
        return terms;
    }

    Channels channels() {
        return channels;
    }

    /** Whether the broker takes more of what this client sends. */
    boolean isWritable() {
        return session.isWritable(blockedNotice.isPublisher());
    }

    /** So much is kept of a frame that the client has sent in part: it counts as what it has sent of messages. */
    void keepsOfFrame(int bytes) {
        AmqpError tooMuch = publishing.keepsOfFrame(bytes);
        if (tooMuch != null) {
            connection.fail(tooMuch);
        }
    }

    /** Whether the client publishes while the broker takes no messages, or was told so. Any thread. */
    boolean isBlocked() {
        return blockedNotice.isInForce();
    }

    /** Why the client may not be here any more, as users or virtual hosts have changed; null if it may. */
    AmqpError lostAccess() {
        if (!rights.isVhostThere()) {
            return AmqpError.connection(ReplyCode.CONNECTION_FORCED, "vhost '" + terms.vhost() + "' is deleted");
        }
        return rights.isThere()
                ? null
                : AmqpError.connection(ReplyCode.CONNECTION_FORCED, "user '" + terms.user() + "' is deleted");
    }

    /** Rights may have changed: consumers that the user may not have any more are cancelled. */
    void accessChanged() {
        channels.accessChanged();
    }

    /** Writes what channels have to deliver, as long as the socket takes it. */
    void deliver() {
        deliveries.turn();
    }

    /** Gives the acks of this turn to the broker. */
    void flushSettles() {
        if (context.settles().isUrgent()) {
            context.settles().flush();
        } else if (!context.settles().isEmpty() && !settlesLater) {
            settlesLater = true;
            var unused = context.timers()
                    .after(
                            context.loop(),
                            FlowLimits.FETCHED_MILLIS,
                            TimeUnit.MILLISECONDS,
                            "settling what was fetched",
                            () -> context.run(this::settleFetched));
        }
    }

    private void settleFetched() {
        settlesLater = false;
        if (!closed) {
            context.settles().flush();
        }
    }

    /**
     * The client closes the connection: it hears the answers that are due, and nothing else.
     *
     * @param givenBack runs when the broker has given back what the connection held
     */
    void clientCloses(Runnable givenBack) {
        List<Sent> sent = channels.sent();
        channels.connectionCloses();
        context.submit(new CloseConnection(session.id(), sent), reply -> givenBack.run());
    }

    /** The end of the session with the broker; nothing happens the second time. */
    void close() {
        if (!closed) {
            closed = true;
            blockedNotice.close();
            SentMessages sent = new SentMessages();
            try {
                channels.tellSent(sent);
                context.settles().flush();
            } finally {
                context.settles().giveUp(sent);
                endSession(sent);
            }
        }
    }

    /** Whatever fails, the broker hears of the end: else the messages that the client has would be nobody's for ever. */
    private void endSession(SentMessages sent) {
        try {
            channels.abandonAll();
            publishing.end();
        } finally {
            endSession(sent.toList(context.settles()));
        }
    }

    private void endSession(List<Sent> sent) {
        try {
            context.settles().flush();
        } finally {
            session.close(sent);
        }
    }

    @Override
    public void fail(AmqpError error) {
        connection.fail(error);
    }

    @Override
    public void channelFailed(int channel, AmqpError error) {
        errors.channel(connection.subject(), channel, error);
    }

    @Override
    public void run(Runnable work) {
        connection.faults().run(work);
    }

    @Override
    public void endTurn() {
        connection.endTurn();
    }
}
