package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;

/**
 * A method of AMQP 0-9-1 or of RabbitMQ's extensions, as a record. Immutable, thread-safe. Fields that the protocol
 * reserves are read and dropped, and written as zero.
 *
 * <p>To handle methods, switch over {@link #id()}: the compiler then names the forgotten case.
 */
public sealed interface Method
        permits ConnectionMethod,
                ChannelMethod,
                AccessMethod,
                ExchangeMethod,
                QueueMethod,
                BasicMethod,
                TxMethod,
                ConfirmMethod {

    MethodId id();

    /** Writes the arguments, without class and method id. */
    void writeArguments(ByteBuf out);

    default int classId() {
        return id().classId();
    }

    default int methodId() {
        return id().methodId();
    }

    /** As the specification writes it, for example {@code basic.publish}. */
    default String name() {
        return id().methodName();
    }
}
