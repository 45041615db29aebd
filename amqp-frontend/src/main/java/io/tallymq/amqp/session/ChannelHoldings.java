package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.delivery.Consumers;
import io.tallymq.amqp.delivery.DeliveryPump;
import io.tallymq.amqp.delivery.DirectReplies;
import io.tallymq.amqp.publish.Publisher;
import io.tallymq.amqp.publish.TxMethods;
import io.tallymq.amqp.settle.SentMessages;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.broker.command.Sent;
import java.util.List;

/** What a channel has of its queues' messages and of the node's memory, and gives up as it ends. Event loop only. */
final class ChannelHoldings {
    private final ConnectionContext connection;
    private final UnackedTags unacked;
    private final DeliveryPump pump;
    private final DirectReplies directReplies;
    private final Consumers consumers;
    private final TxMethods tx;
    private final Publisher publisher;

    ChannelHoldings(
            ConnectionContext connection,
            UnackedTags unacked,
            DeliveryPump pump,
            DirectReplies directReplies,
            Consumers consumers,
            TxMethods tx,
            Publisher publisher) {
        this.connection = connection;
        this.unacked = unacked;
        this.pump = pump;
        this.directReplies = directReplies;
        this.consumers = consumers;
        this.tx = tx;
        this.publisher = publisher;
    }

    /** Whether messages were or are delivered on it that others may get. */
    boolean areMessages() {
        return unacked.size() > 0 || !consumers.isEmpty();
    }

    /** The broker hears how far the readers of streams are. */
    void tellOffsets() {
        consumers.tellOffsets();
    }

    /** Tells which messages the client was sent and has not settled. */
    void tellSent(SentMessages sent) {
        unacked.forEach(sent);
        pump.tellSent(sent);
    }

    /** Gives up all, but for a message that is being written; returns which messages the client was sent and has not settled, for the broker. */
    List<Sent> giveUp() {
        consumers.tellOffsets();
        SentMessages sent = new SentMessages();
        tellSent(sent); // nothing is written between this and drop()
        List<Sent> told = sent.toList(connection.settles());
        drop();
        return told;
    }

    /** The same when the broker has heard, or hears with the connection, what the client was sent. */
    void drop() {
        pump.close();
        directReplies.close();
        unacked.clear();
        tx.close();
        publisher.close();
    }

    /** The connection is gone, and what is being written with it. */
    void abandon() {
        unacked.clear();
        connection.run(pump::abandon);
        publisher.abandon();
    }
}
