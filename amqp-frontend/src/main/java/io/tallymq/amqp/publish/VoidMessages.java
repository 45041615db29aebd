package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.receipts.IdHeaders;
import io.tallymq.amqp.receipts.NameHeaders;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ReceiptName;

/**
 * Publishes to amq.receipt, which is a name and no exchange: with the routing key void they make a publish void, by its name or its exchange and id
 * in the headers; the confirm says that it never comes, a nack that it came before. Event loop only.
 */
final class VoidMessages implements PseudoExchange {
    private static final String KEY = "void";

    private final ChannelContext channel;
    private final PublishContext publishing;
    private final PublishNumbers numbers;
    private final PublishOutcome outcome;

    VoidMessages(ChannelContext channel, PublishContext publishing, PublishNumbers numbers, PublishOutcome outcome) {
        this.channel = channel;
        this.publishing = publishing;
        this.numbers = numbers;
        this.outcome = outcome;
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
        FieldTable headers = properties.received().headers();
        boolean byId = IdHeaders.areIn(headers);
        AmqpError problem = problem(target, headers, byId);
        if (problem != null) {
            return problem;
        }
        long publish = numbers.next(properties);
        boolean tells = target.mandatory() || target.tellsReason();
        Command asked = byId ? voidId(target.vhost(), headers) : voidPublish(target.vhost(), headers);
        // On the channel: behind its end it is void itself, and what would end the channel of a publish ends it.
        Command command = new OnChannel(channel.connection().session().id(), channel.number(), asked);
        if (!tells) {
            channel.connection().submit(command, reply -> outcome.decided(publish, reply, null));
            return null;
        }
        ReturnRoom room = publishing.returnRoom();
        byte[] kept = room.keep(properties.kept());
        channel.connection().submit(command, reply -> {
            outcome.decided(publish, reply, why -> returned(target, kept, why));
            room.give(kept);
        });
        return null;
    }

    private AmqpError problem(PublishTarget target, FieldTable headers, boolean byId) {
        if (!target.routingKey().equals(KEY) || NameHeaders.of(headers).hasName() == byId) {
            return refuse(
                    ReplyCode.PRECONDITION_FAILED,
                    "routing key '" + KEY + "' and the headers '" + NameHeaders.PRODUCER + "' and '" + NameHeaders.SEQ
                            + "', or '" + IdHeaders.EXCHANGE + "' and '" + IdHeaders.ID + "', expected");
        }
        if (byId && IdHeaders.problem(headers) != null) {
            return refuse(ReplyCode.PRECONDITION_FAILED, IdHeaders.problem(headers));
        }
        // Names were looked at with the properties.
        return !byId || publishing.mayName()
                ? null
                : refuse(
                        ReplyCode.NOT_IMPLEMENTED,
                        "ids are known in clusters of level " + VoidPublish.LEVEL + ": upgrade all nodes first");
    }

    private static AmqpError refuse(ReplyCode code, String text) {
        return AmqpError.of(code, ReceiptName.EXCHANGE + ": " + text, MethodId.BASIC_PUBLISH);
    }

    private static Command voidPublish(String vhost, FieldTable headers) {
        Terms name = NameHeaders.of(headers);
        return new VoidPublish(vhost, name.producer(), name.seq(), "", "");
    }

    private static Command voidId(String vhost, FieldTable headers) {
        return new VoidId(vhost, IdHeaders.exchange(headers), IdHeaders.id(headers), "", "");
    }

    private static ReturnedMessage returned(PublishTarget target, byte[] properties, Reply.Rejected why) {
        Route route = new Route(target.vhost(), target.exchange(), target.routingKey());
        return new ReturnedMessage(Reason.of(why), route, properties, 0, properties.length, 0, 0);
    }

    @Override
    public AmqpError refuseTransaction() {
        return refuse(ReplyCode.NOT_IMPLEMENTED, "it can't be part of a transaction: use another channel");
    }
}
