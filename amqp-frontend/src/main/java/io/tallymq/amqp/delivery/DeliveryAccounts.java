package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelCounts;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Settle;

/** Accounts for the messages that were written to a client: they are to be settled, or are at once, and the broker may assign more. Event loop only. */
final class DeliveryAccounts {
    private final ConnectionContext connection;
    private final ChannelCounts counts;
    private final UnackedTags unacked;
    private final GoneHolders gone;
    private Runnable onRoom = () -> {};

    DeliveryAccounts(ChannelContext channel, UnackedTags unacked) {
        this.connection = channel.connection();
        this.counts = channel.counts();
        this.unacked = unacked;
        this.gone = new GoneHolders(connection, unacked);
    }

    /** Runs the action when a consumer with a filter, that does not ack or has no limit, may have more. */
    void onRoom(Runnable action) {
        onRoom = action;
    }

    /** Messages {@code from} to {@code to} (exclusive) of the chunk were written, with the tags up to this one. */
    void written(Pending.Messages m, int from, int to, long lastTag) {
        m.next(to);
        int count = to - from;
        if (count == 0) {
            return;
        }
        count(m, count);
        long firstSeq = m.delivery().chunk().firstSeq() + from;
        if (m.isNoAck()) {
            if (m instanceof Pending.ForGet) {
                connection.settles().addPatiently(m.holder(), firstSeq, firstSeq + count - 1);
            } else {
                connection.settles().add(m.holder(), Settle.Outcome.ACK, firstSeq, firstSeq + count - 1);
            }
            madeRoom(m);
        } else {
            unacked.add(m.holder(), lastTag - count + 1, firstSeq, count);
            gone.look();
            if (m instanceof Pending.ForConsumer c && c.consumer().reader() != null) {
                c.consumer().reader().sent(firstSeq + count);
            }
            if (m instanceof Pending.ForConsumer c) {
                int credit = c.consumer().creditFor(count);
                if (credit > 0) {
                    connection.submit(new Credit(m.holder().number(), credit));
                    madeRoom(m);
                }
            }
        }
    }

    /**
     * Message {@code i} can't be written to this client, whose connection ends. It counts as if it had been: else who comes again with the same frames would
     * have it at the head of the queue for ever, and no delivery limit would end that. Without acks no attempts are counted.
     */
    void neverFits(Pending.Messages m, int i, long tag) {
        if (!m.isNoAck()) {
            unacked.add(m.holder(), tag, m.delivery().chunk().firstSeq() + i, 1);
        }
    }

    private void count(Pending.Messages m, int count) {
        boolean again = m.delivery().redelivered();
        if (m instanceof Pending.ForGet) {
            counts.got(count, m.isNoAck(), again);
        } else {
            counts.delivered(count, m.isNoAck(), again);
        }
    }

    private void madeRoom(Pending.Messages m) {
        if (m instanceof Pending.ForConsumer c && c.consumer().filter() != null) {
            onRoom.run();
        }
    }
}
