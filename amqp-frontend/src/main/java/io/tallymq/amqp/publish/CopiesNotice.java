package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.receipts.FullConfirms;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a client whose confirms wait until all members of the cluster have copies. Event loop only. */
final class CopiesNotice implements FullConfirms.Notice {
    private static final Logger LOG = LoggerFactory.getLogger(CopiesNotice.class);

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
        later();
    }

    /** Not here: a turn delivers, and in the middle of a channel's end it would deliver what is not told as sent. */
    private void later() {
        try {
            connection.later(connection::endTurn);
        } catch (RejectedExecutionException e) {
            LOG.debug("An event loop has ended before its client was told that confirms are late", e);
        }
    }

    @Override
    public void full(boolean is) {
        blockedNotice.full(is);
    }

    @Override
    public void run(Runnable work) {
        connection.run(work);
    }

    @Override
    public void written() {
        connection.endTurn();
    }
}
