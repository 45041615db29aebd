package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.Broker;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.view.BrokerView;
import java.util.OptionalLong;

/**
 * Publishes to amq.settle, which is a name and no exchange: their headers say which delivery of the channel is settled and how, and their
 * confirm says that it was. Event loop only.
 */
final class SettleMessages {
    static final String EXCHANGE = "amq.settle";
    private static final String TAG = "x-delivery-tag";
    private static final String OUTCOME = "x-outcome";
    private static final String REASON = "x-reason";
    private static final String SET = "x-set-";

    private final AmqpChannel channel;
    private final Broker broker;
    private final UnackedTags unacked;
    private final Confirms confirms;
    /** The cluster knows the command, and will not forget it. */
    private boolean allowed;

    SettleMessages(AmqpChannel channel, UnackedTags unacked, Confirms confirms) {
        this.channel = channel;
        this.broker = channel.connection().broker();
        this.unacked = unacked;
        this.confirms = confirms;
    }

    /** A message is complete; its body means nothing. Null, or why the channel has to end. */
    AmqpError settle(FieldTable headers) {
        allowed = allowed || broker.read(BrokerView::level) >= SettleWith.LEVEL;
        if (!allowed) {
            return notImplemented("it is for clusters of level " + SettleWith.LEVEL
                    + "; upgrade all nodes, and use basic.ack, basic.nack and basic.reject until then");
        }
        OptionalLong tag = integer(headers.get(TAG));
        if (tag.isEmpty()) {
            return invalid(TAG, "the delivery tag, an integer or its digits as text, expected");
        }
        Object word = headers.get(OUTCOME);
        Outcome outcome = word instanceof String || word instanceof LongString ? outcome(word.toString()) : null;
        AmqpError error = unsupported(headers, word);
        if (error == null && outcome == null) {
            error = invalid(OUTCOME, "one of ack, release, reject and dead-letter expected");
        }
        if (error != null) {
            return error;
        }
        boolean goesBack = outcome == Outcome.NACK_REQUEUE || outcome == Outcome.REJECT_REQUEUE;
        if (headers.has(LaterHeaders.DELAY) && !goesBack) {
            return invalid(LaterHeaders.DELAY, "it goes with the outcomes release and reject only");
        }
        long delay =
                Math.max(0, LaterHeaders.millis(headers.get(LaterHeaders.DELAY)).orElse(0)); // checked before
        boolean known = unacked.settle(tag.getAsLong(), (holder, seq, last) -> submit(holder, outcome, seq, delay));
        return known ? null : Acknowledgements.unknown(tag.getAsLong(), MethodId.BASIC_PUBLISH);
    }

    private void submit(Holding holder, Outcome outcome, long seq, long delay) {
        long publish = confirms.next();
        if (holder.isReader()) {
            holder.acked();
        }
        SettleWith command = new SettleWith(holder.number(), outcome, seq, delay);
        channel.connection().submit(command, reply -> channel.settled(publish, reply));
    }

    private static Outcome outcome(String word) {
        return switch (word) {
            case "ack" -> Outcome.ACK;
            case "release" -> Outcome.NACK_REQUEUE;
            case "reject" -> Outcome.REJECT_REQUEUE;
            case "dead-letter" -> Outcome.DISCARD;
            default -> null;
        };
    }

    /** What is not there yet is refused: nobody is to believe that it acted. */
    private static AmqpError unsupported(FieldTable headers, Object word) {
        if (word != null && word.toString().equals("defer")) {
            return notImplemented("outcome defer: use release or reject with " + LaterHeaders.DELAY);
        }
        for (String name : headers.fields().keySet()) {
            if (name.equals(REASON) || name.startsWith(SET)) {
                return notImplemented("header '" + name + "': leave it out, messages go back as they are");
            }
        }
        return headers.has(LaterHeaders.DELIVER_AT)
                ? invalid(LaterHeaders.DELIVER_AT, "use " + LaterHeaders.DELAY + ", milliseconds")
                : null;
    }

    /** Also why it can't be part of a transaction. */
    static AmqpError notImplemented(String text) {
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
