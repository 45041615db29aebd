package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.effect.Reply;

/**
 * Why a channel or a connection is closed.
 *
 * @param code the reply code
 * @param text the whole reply-text, {@code NAME - explanation}
 * @param scope what is closed
 * @param classId of the method that failed, 0 if none did
 * @param methodId of the method that failed, 0 if none did
 */
public record AmqpError(ReplyCode code, String text, Scope scope, int classId, int methodId) {
    /** How far the error reaches. */
    public enum Scope {
        CHANNEL,
        CONNECTION
    }

    /** An error of a method, as far-reaching as the specification says for its code. */
    public static AmqpError of(ReplyCode code, String explanation, MethodId failed) {
        Scope scope = code.closesConnection() ? Scope.CONNECTION : Scope.CHANNEL;
        return new AmqpError(code, code.text(explanation), scope, failed.classId(), failed.methodId());
    }

    /** An error of a method that closes the connection whatever its code. */
    public static AmqpError connection(ReplyCode code, String explanation, MethodId failed) {
        return new AmqpError(code, code.text(explanation), Scope.CONNECTION, failed.classId(), failed.methodId());
    }

    /** An error of the connection that no method caused. */
    public static AmqpError connection(ReplyCode code, String explanation) {
        return new AmqpError(code, code.text(explanation), Scope.CONNECTION, 0, 0);
    }

    /** An error of a channel that no method caused. */
    public static AmqpError channel(ReplyCode code, String explanation) {
        return new AmqpError(code, code.text(explanation), Scope.CHANNEL, 0, 0);
    }

    /** Frames that can't be read: the connection is closed. */
    public static AmqpError of(WireException e) {
        return new AmqpError(e.code(), e.replyText(), Scope.CONNECTION, e.classId(), e.methodId());
    }

    /** The same, of a method. */
    public static AmqpError of(WireException e, MethodId failed) {
        return connection(e.code(), e.getMessage(), failed);
    }

    /** What the broker refused. */
    public static AmqpError of(Reply.Rejected why, MethodId failed) {
        ReplyCode code = ReplyCode.find(why.code());
        return of(code == null ? ReplyCode.INTERNAL_ERROR : code, why.text(), failed);
    }

    /** A method named a delivery that is not outstanding on its channel. */
    public static AmqpError unknownTag(long tag, MethodId failed) {
        return of(ReplyCode.PRECONDITION_FAILED, "unknown delivery tag " + Long.toUnsignedString(tag), failed);
    }
}
