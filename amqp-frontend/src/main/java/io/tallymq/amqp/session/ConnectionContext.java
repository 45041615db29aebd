package io.tallymq.amqp.session;

import io.netty.channel.EventLoop;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.Session.Staged;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.User;
import io.tallymq.timer.Timers;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What the channels of an open connection share. Event loop only. */
final class ConnectionContext {
    private final AmqpConnection connection;
    private final FrontEnd frontEnd;
    private final ClientTerms terms;
    private final Session session;
    private final SocketOutput outbox;
    private final SettleBatch settles;
    private final DeliveryTurns turns;
    private final RouteNames routeNames = new RouteNames();
    private final BlockedNotice blockedNotice;
    private final PublishShare publishShare;
    private final ReturnRoom returnRoom = new ReturnRoom();
    private final Permits permits;
    private boolean names;

    ConnectionContext(
            AmqpConnection connection,
            FrontEnd frontEnd,
            ClientTerms terms,
            Session session,
            SocketOutput outbox,
            BlockedNotice blockedNotice,
            PublishShare publishShare) {
        this.connection = connection;
        this.frontEnd = frontEnd;
        this.terms = terms;
        this.session = session;
        this.outbox = outbox;
        this.blockedNotice = blockedNotice;
        this.publishShare = publishShare;
        this.settles = new SettleBatch(session);
        this.turns = new DeliveryTurns(outbox);
        this.permits = new Permits(connection.rights(), terms.user(), terms.vhost());
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

    /** Counts messages that were confirmed. */
    LongAdder confirms() {
        return frontEnd.registry().confirms();
    }

    /** A message was given back to its publisher. */
    void noteReturned() {
        frontEnd.registry().noteReturned();
    }

    FilterCounts filterCounts() {
        return frontEnd.filterCounts();
    }

    Broker broker() {
        return frontEnd.broker();
    }

    /** What the user may do. */
    Permits permits() {
        return permits;
    }

    /** Whether the user may have one more channel on this node; if not, the connection is closed. */
    boolean mayOpenChannel() {
        User user = broker().access().user(terms.user());
        long most = user == null ? Long.MAX_VALUE : user.most(User.MAX_CHANNELS);
        if (most == Long.MAX_VALUE || frontEnd.registry().channelsOf(terms.user()) < most) {
            return true;
        }
        fail(AmqpError.connection(
                ReplyCode.NOT_ALLOWED,
                "number of channels opened for user '" + terms.user()
                        + "' has reached the maximum allowed user limit of (" + most + ")",
                MethodId.CHANNEL_OPEN));
        return false;
    }

    BodyBudget bodyBudget() {
        return frontEnd.bodyBudget();
    }

    ProtocolLimits protocol() {
        return frontEnd.config().protocol();
    }

    FlowLimits flow() {
        return frontEnd.config().flow();
    }

    SecureRandom random() {
        return frontEnd.random();
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

    SettleBatch settles() {
        return settles;
    }

    DeliveryTurns turns() {
        return turns;
    }

    RouteNames routeNames() {
        return routeNames;
    }

    /** Whether the cluster knows publishes that have names, and will not forget it. */
    boolean mayName() {
        names = names || broker().read(BrokerView::level) >= VoidPublish.LEVEL;
        return names;
    }

    Timers timers() {
        return frontEnd.timers();
    }

    EventLoop loop() {
        return connection.loop();
    }

    /** Closes the connection with an error. */
    void fail(AmqpError error) {
        connection.fail(error);
    }

    /** Writes what has gathered, after something happened outside of a read or a row of events. */
    void endTurn() {
        connection.endTurn();
    }

    /** Room for bodies that are not complete yet, over all channels. */
    PublishShare publishShare() {
        return publishShare;
    }

    /** What is kept of publishes that settle. */
    ReturnRoom returnRoom() {
        return returnRoom;
    }

    /** What waits on a channel until all members of the cluster have copies. */
    FullConfirms fullConfirms(FullConfirms.Held held) {
        return new FullConfirms(broker(), loop(), timers(), held, new CopiesNotice());
    }

    private final class CopiesNotice implements FullConfirms.Notice {
        @Override
        public void late(boolean is) {
            if (is) {
                blockedNotice.late("confirms wait for copies on "
                        + String.join(", ", broker().copiesAwaited().lacking())
                        + " (x-confirm: all); messages are stored meanwhile");
            } else {
                blockedNotice.inTime();
            }
            endTurn();
        }

        @Override
        public void full(boolean is) {
            blockedNotice.full(is);
        }

        @Override
        public void written() {
            endTurn();
        }
    }

    /** The client publishes: it is told when the broker is blocked. */
    void notePublish() {
        blockedNotice.published();
    }
}
