package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.receipts.ReceiptMessage;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.ReceiptFields;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import io.tallymq.broker.view.ReceiptsView;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * basic.get from a receipt's name: answered behind an entry that changes nothing, so that it knows of all that was confirmed before, on whatever
 * node. Event loop only.
 */
final class ReceiptRequests {
    /** Without a majority it is said after so many seconds that there is no answer. */
    private static final long SECONDS = 10;

    private final ChannelContext channel;
    private final DeliveryPump pump;
    private final ConnectionContext connection;
    /** What is got is owed no ack, and may be given one. */
    private final Holding nobody = new Holding(ReceiptMessage.HOLDER, true);

    /** What is told: one of these, or neither of a producer that is not known. */
    private record Told(Receipt receipt, Receipt.ProducerView producer) {}

    ReceiptRequests(ChannelContext channel, DeliveryPump pump) {
        this.channel = channel;
        this.pump = pump;
        this.connection = channel.connection();
    }

    /** Null, or why the channel has to end. */
    AmqpError get(String name, boolean noAck) {
        AmqpError refused = connection.permits().queue(Act.READ, name, MethodId.BASIC_GET);
        if (refused != null) {
            return refused;
        }
        channel.noteKnown();
        ReplyQueue.Slot slot = channel.replies().open();
        boolean[] answered = {false};
        ScheduledFuture<?> alarm = connection
                .timers()
                .after(connection.loop(), SECONDS, TimeUnit.SECONDS, "giving a receipt up", () -> {
                    // In its turn it would wait for publishes that nobody decides; a channel that ends waits for it as
                    // for those.
                    if (!answered[0] && channel.isOpen()) {
                        answered[0] = true;
                        connection.fail(noMajority());
                    }
                });
        connection.submit(new Probe(false), reply -> {
            alarm.cancel(false);
            if (!answered[0]) {
                answered[0] = true;
                answer(name, noAck, slot, reply);
            }
        });
        return null;
    }

    private void answer(String name, boolean noAck, ReplyQueue.Slot slot, Reply reply) {
        if (!(reply instanceof Reply.Probed)) {
            channel.refused(slot, noMajority());
            return;
        }
        boolean isOfId = ReceiptName.isOfId(name);
        Map<String, Object> fields = isOfId ? ofId(ReceiptName.exchangeAndId(name)) : fields(name);
        if (fields == null && isOfId) {
            channel.refused(slot, noIds(name));
            return;
        }
        if (fields == null) {
            channel.complete(slot, new BasicMethod.GetEmpty());
            return;
        }
        Reply.Got got = ReceiptMessage.of(connection.vhost(), name, fields);
        channel.replies().inTurn(slot, () -> {
            if (channel.isOpen()) {
                pump.add(new Pending.ForGet(got, nobody, noAck, slot));
            } else {
                channel.complete(slot, null);
            }
        });
    }

    /** Null for a producer that is not known. */
    private Map<String, Object> fields(String name) {
        Told told = connection.broker().<Told>read((BrokerView v) -> told(v.receipts(), connection.vhost(), name));
        if (told.receipt != null) {
            return ReceiptFields.of(told.receipt, connection.broker().status());
        }
        return told.producer == null ? null : ReceiptFields.of(told.producer);
    }

    /** In one look: which of both is asked for depends on what producers there are. */
    private static Told told(ReceiptsView receipts, String vhost, String name) {
        ReceiptName of = receipts.named(vhost, name);
        return of.seq() >= 0
                ? new Told(receipts.receipt(vhost, of.producer(), of.seq()), null)
                : new Told(null, receipts.producer(vhost, of.producer()));
    }

    /** Null if no exchange of such a name remembers ids. */
    private Map<String, Object> ofId(String exchangeAndId) {
        IdReceipt r = connection.broker().<IdReceipt>read((BrokerView v) -> v.ids()
                .receipt(connection.vhost(), exchangeAndId));
        return r == null ? null : ReceiptFields.of(r, connection.broker().status());
    }

    private AmqpError noIds(String name) {
        return AmqpError.of(
                ReplyCode.NOT_FOUND,
                "no receipt '" + name + "' in vhost '" + connection.vhost()
                        + "': no exchange of that name remembers ids (policy dedup-id)",
                MethodId.BASIC_GET);
    }

    private static AmqpError noMajority() {
        return AmqpError.of(
                ReplyCode.INTERNAL_ERROR,
                "no receipt: nothing was confirmed within " + SECONDS
                        + " s, no majority of the nodes answers; ask again",
                MethodId.BASIC_GET);
    }
}
