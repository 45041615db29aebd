package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.receipts.FullConfirms;

/** Tells a client whose confirms wait until all members of the cluster have copies. Event loop only. */
final class CopiesNotice implements FullConfirms.Notice {
    private final ConnectionContext connection;
    private final BlockedNotice blockedNotice;

    CopiesNotice(ConnectionContext connection, BlockedNotice blockedNotice) {
        this.connection = connection;
        this.blockedNotice = blockedNotice;
    }

    @Override
    public void late(boolean is) {
        if (is) {
            blockedNotice.late("confirms wait for copies on "
                    + String.join(", ", connection.broker().copiesAwaited().lacking())
                    + " (x-confirm: all); messages are stored meanwhile");
        } else {
            blockedNotice.inTime();
        }
        connection.endTurn();
    }

    @Override
    public void full(boolean is) {
        blockedNotice.full(is);
    }

    @Override
    public void written() {
        connection.endTurn();
    }
}
