package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.receipts.FullConfirms;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.broker.command.VoidPublish;

/** What the channels of a connection share as their client publishes. Event loop only. */
public final class PublishContext {
    private final ConnectionContext connection;
    private final BlockedNotice blockedNotice;
    private final PublishShare share;
    private final ReturnRoom returnRoom;
    private boolean names;
    private boolean unconfirmed;

    /**
     * @param gate whether the socket is read: not while there is no room for a message that has begun
     * @param budget of the node: memory for messages that have come in part
     */
    public PublishContext(
            ConnectionContext connection, ReadGate gate, PublishBudget budget, BlockedNotice blockedNotice) {
        this.connection = connection;
        this.blockedNotice = blockedNotice;
        this.returnRoom = new ReturnRoom(connection.outbox());
        this.share = new PublishShare(connection, gate, budget);
    }

    /** What waits on a channel until all members of the cluster have copies. */
    public FullConfirms fullConfirms(FullConfirms.Held held) {
        return new FullConfirms(
                connection.broker(),
                connection.loop(),
                connection.timers(),
                held,
                new CopiesNotice(connection, blockedNotice));
    }

    /** Whether the cluster knows publishes that have names, and will not forget it. */
    boolean mayName() {
        names = names || connection.broker().level() >= VoidPublish.LEVEL;
        return names;
    }

    /**
     * The client publishes: it is told when the broker is blocked.
     *
     * @param confirmed whether it is told what becomes of it: else nothing holds it back but its socket
     */
    void notePublish(boolean confirmed) {
        blockedNotice.published();
        if (unconfirmed == confirmed) {
            unconfirmed = !confirmed;
            connection.session().publishesUnconfirmed(unconfirmed);
        }
    }

    /** So much is kept of a method or a header that has come in part. Null, or why the connection has to end. */
    public AmqpError keepsOfFrame(int bytes) {
        return share.keepsOfFrame(bytes);
    }

    /** Room for bodies that are not complete yet, over all channels. */
    PublishShare share() {
        return share;
    }

    /** What is kept of publishes that settle. */
    ReturnRoom returnRoom() {
        return returnRoom;
    }

    /** The connection publishes nothing any more. */
    public void end() {
        share.end();
    }
}
