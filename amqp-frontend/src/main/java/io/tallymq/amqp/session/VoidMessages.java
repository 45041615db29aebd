package io.tallymq.amqp.session;

import io.tallymq.amqp.receipts.NameHeaders;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ReceiptName;

/**
 * Publishes to amq.receipt, which is a name and no exchange: with the routing key void they make a publish void, by its name in the headers; the
 * confirm says that it never comes, a nack that it came before. Event loop only.
 */
final class VoidMessages implements PseudoExchange {
    private static final String KEY = "void";

    private final AmqpChannel channel;
    private final Confirms confirms;

    VoidMessages(AmqpChannel channel, Confirms confirms) {
        this.channel = channel;
        this.confirms = confirms;
    }

    @Override
    public String name() {
        return ReceiptName.EXCHANGE;
    }

    @Override
    public boolean needsRight() {
        return true;
    }

    @Override
    public AmqpError take(PublishTarget target, PropertyRules properties) {
        Terms terms = NameHeaders.of(properties.received().headers());
        if (!target.routingKey().equals(KEY) || !terms.hasName()) {
            return AmqpError.of(
                    ReplyCode.PRECONDITION_FAILED,
                    ReceiptName.EXCHANGE + ": routing key '" + KEY + "' and the headers '" + NameHeaders.PRODUCER
                            + "' and '" + NameHeaders.SEQ + "' expected",
                    MethodId.BASIC_PUBLISH);
        }
        long publish = confirms.next();
        boolean tells = target.mandatory() || target.tellsReason();
        byte[] kept = tells ? properties.kept() : null;
        channel.connection()
                .submit(
                        new VoidPublish(target.vhost(), terms.producer(), terms.seq(), "", ""),
                        reply -> channel.settled(publish, reply, tells ? why -> returned(target, kept, why) : null));
        return null;
    }

    private static ReturnedMessage returned(PublishTarget target, byte[] properties, Reply.Rejected why) {
        Route route = new Route(target.vhost(), target.exchange(), target.routingKey());
        return new ReturnedMessage(Reason.of(why), route, properties, 0, properties.length, 0, 0);
    }

    @Override
    public AmqpError refuseTransaction() {
        return AmqpError.of(
                ReplyCode.NOT_IMPLEMENTED,
                ReceiptName.EXCHANGE + ": it can't be part of a transaction: use another channel",
                MethodId.BASIC_PUBLISH);
    }
}
