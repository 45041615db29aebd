package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session.PublishTarget;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import java.util.OptionalLong;

/**
 * Publishes to amq.settle, which is a name and no exchange: their headers say which delivery of the channel is settled and how, and their
 * confirm says that it was. Event loop only.
 */
final class SettleMessages implements PseudoExchange {
    private static final String EXCHANGE = "amq.settle";
    private static final String TAG = "x-delivery-tag";
    private static final String OUTCOME = "x-outcome";
    private static final String DEFER = "defer";

    private final ChannelContext channel;
    private final ReturnRoom returnRoom;
    private final Broker broker;
    private final UnackedTags unacked;
    private final PublishNumbers numbers;
    private final PublishOutcome publishOutcome;
    /** The cluster knows the command, and will not forget it. */
    private boolean allowed;

    SettleMessages(
            ChannelContext channel,
            ReturnRoom returnRoom,
            PublishNumbers numbers,
            UnackedTags unacked,
            PublishOutcome publishOutcome) {
        this.channel = channel;
        this.returnRoom = returnRoom;
        this.numbers = numbers;
        this.broker = channel.connection().broker();
        this.unacked = unacked;
        this.publishOutcome = publishOutcome;
    }

    @Override
    public String name() {
        return EXCHANGE;
    }

    @Override
    public boolean needsRight() {
        return false;
    }

    @Override
    public AmqpError refuseTransaction() {
        return notImplemented("it can't be part of a transaction: use another channel");
    }

    @Override
    public AmqpError take(PublishTarget target, PropertyRules properties) {
        allowed = allowed || broker.level() >= SettleWith.LEVEL;
        if (!allowed) {
            return notImplemented("it is for clusters of level " + SettleWith.LEVEL
                    + "; upgrade all nodes, and use basic.ack, basic.nack and basic.reject until then");
        }
        FieldTable headers = properties.received().headers();
        OptionalLong tag = integer(headers.get(TAG));
        if (tag.isEmpty()) {
            return invalid(TAG, "the delivery tag, an integer or its digits as text, expected");
        }
        String word = headers.getString(OUTCOME);
        Outcome outcome = word == null ? null : outcome(word);
        boolean defers = DEFER.equals(word);
        if (outcome == null) {
            return invalid(OUTCOME, "one of ack, release, reject, dead-letter and defer expected");
        }
        AmqpError error = misplaced(headers, outcome);
        if (error == null) {
            error = misplacedToken(headers, defers, properties.received());
        }
        if (error == null && defers && !headers.has(DeferHeaders.TOKEN)) { // a message to reply-to tells the token
            error = permitReply(properties.received());
        }
        return error != null ? error : settle(tag.getAsLong(), outcome, defers, target, properties);
    }

    private AmqpError permitReply(BasicProperties properties) {
        String queue = properties.has(BasicProperties.Property.REPLY_TO) ? properties.replyTo() : "";
        return Publisher.permitQueue(channel.connection().permits(), queue);
    }

    private AmqpError settle(
            long tag, Outcome outcome, boolean defers, PublishTarget target, PropertyRules properties) {
        FieldTable headers = properties.received().headers();
        long delay =
                Math.max(0, LaterHeaders.millis(headers.get(LaterHeaders.DELAY)).orElse(0));
        HeaderOverlay overlay = SettleHeaders.areIn(headers) ? SettleHeaders.of(headers) : null;
        SettleWith.Defer defer = defers
                ? DeferHeaders.of(
                        headers, properties.received(), channel.connection().random())
                : null;
        byte[] kept = target.mandatory() || target.tellsReason() ? properties.kept() : null;
        boolean[] ofStream = {false};
        boolean known = unacked.settle(tag, (holder, seq, last) -> {
            ofStream[0] = holder.isReader() && (overlay != null || defer != null);
            if (!ofStream[0]) {
                channel.counts().acked(outcome == Outcome.ACK ? 1 : 0);
                submit(
                        holder,
                        new SettleWith(holder.number(), outcome, seq, delay, overlay, defer),
                        target,
                        properties,
                        kept);
            }
        });
        if (ofStream[0]) {
            return invalid(
                    defers ? OUTCOME : nameOf(headers), "messages of a stream stay as they are, and where they are");
        }
        return known ? null : AmqpError.unknownTag(tag, MethodId.BASIC_PUBLISH);
    }

    /** What does not go with the outcome, or is wrong itself. */
    private static AmqpError misplaced(FieldTable headers, Outcome outcome) {
        boolean goesBack = outcome == Outcome.NACK_REQUEUE || outcome == Outcome.REJECT_REQUEUE;
        if (headers.has(LaterHeaders.DELAY) && !goesBack) {
            return invalid(LaterHeaders.DELAY, "it goes with the outcomes release, reject and defer only");
        }
        if (headers.has(LaterHeaders.DELIVER_AT)) {
            return invalid(LaterHeaders.DELIVER_AT, "use " + LaterHeaders.DELAY + ", milliseconds");
        }
        if (!SettleHeaders.areIn(headers)) {
            return null;
        }
        if (outcome == Outcome.ACK) {
            return invalid(nameOf(headers), "what is acked is gone, and nobody would read it");
        }
        SettleHeaders.Problem problem = SettleHeaders.problem(headers);
        return problem == null ? null : invalid(problem.header(), problem.text());
    }

    private static AmqpError misplacedToken(FieldTable headers, boolean defers, BasicProperties properties) {
        String problem = defers
                ? DeferHeaders.problem(headers, properties)
                : headers.has(DeferHeaders.TOKEN) ? "it goes with the outcome defer only" : null;
        return problem == null ? null : invalid(DeferHeaders.TOKEN, problem);
    }

    private static String nameOf(FieldTable headers) {
        return headers.has(SettleHeaders.REASON) ? SettleHeaders.REASON : SettleHeaders.SET + "*";
    }

    /** @param kept what comes back if it is refused; null for nothing */
    private void submit(Holding holder, SettleWith command, PublishTarget target, PropertyRules rules, byte[] kept) {
        long publish = numbers.next(rules);
        if (holder.isReader()) {
            holder.acked();
        }
        if (kept == null) {
            channel.connection().submit(command, reply -> publishOutcome.decided(publish, reply, null));
            return;
        }
        byte[] properties = returnRoom.keep(kept);
        channel.connection().submit(command, reply -> {
            publishOutcome.decided(publish, reply, why -> returned(target, properties, why));
            returnRoom.give(properties);
        });
    }

    /** It comes back without the body, which means nothing. */
    private static ReturnedMessage returned(PublishTarget target, byte[] properties, Reply.Rejected why) {
        Route route = new Route(target.vhost(), target.exchange(), target.routingKey());
        return new ReturnedMessage(Reason.of(why), route, properties, 0, properties.length, 0, 0);
    }

    private static Outcome outcome(String word) {
        return switch (word) {
            case "ack" -> Outcome.ACK;
            case "release", DEFER -> Outcome.NACK_REQUEUE;
            case "reject" -> Outcome.REJECT_REQUEUE;
            case "dead-letter" -> Outcome.DISCARD;
            default -> null;
        };
    }

    private static AmqpError notImplemented(String text) {
        return AmqpError.of(ReplyCode.NOT_IMPLEMENTED, EXCHANGE + ": " + text, MethodId.BASIC_PUBLISH);
    }

    private static AmqpError invalid(String name, String text) {
        return AmqpError.of(
                ReplyCode.PRECONDITION_FAILED,
                "invalid header '" + name + "' of a message to " + EXCHANGE + ": " + text,
                MethodId.BASIC_PUBLISH);
    }

    private static OptionalLong integer(Object value) {
        if (value instanceof String || value instanceof LongString) {
            try {
                return OptionalLong.of(Long.parseLong(value.toString()));
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }
        return FieldTable.toLong(value);
    }
}
