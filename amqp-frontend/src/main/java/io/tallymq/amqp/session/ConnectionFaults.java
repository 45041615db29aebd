package io.tallymq.amqp.session;

import io.netty.handler.codec.DecoderException;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.wire.ReplyCode;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** What becomes of a connection when something is thrown that nobody else catches: it ends, and no other does. Event loop only. */
final class ConnectionFaults {
    private final AmqpConnection connection;
    private final FrontEnd frontEnd;

    ConnectionFaults(AmqpConnection connection, FrontEnd frontEnd) {
        this.connection = connection;
        this.frontEnd = frontEnd;
    }

    /** Something was thrown in a turn of the connection. */
    void caught(Throwable cause) {
        if (cause instanceof IOException) {
            connection.drop(cause.toString());
        } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException) {
            connection.refused("closed: no TLS came about: " + cause.getCause());
            connection.drop("no TLS");
        } else {
            // Whoever knows how to cause it can do so as often as he likes.
            connection.subject().warn(frontEnd.bugs(), "is closed because of a bug in the broker", cause);
            end();
        }
    }

    private void end() {
        if (connection.phase() == ConnectionPhase.CLOSING || connection.phase() == ConnectionPhase.CLOSED) {
            connection.drop("its end has failed");
            return;
        }
        run(() -> {
            connection.fail(AmqpError.connection(ReplyCode.INTERNAL_ERROR, "a bug in the broker, see its log"));
            connection.endTurn();
        });
    }

    /** Runs what nobody waits for: what it throws would be lost with the task or the future that it is part of. */
    void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            caught(e);
        }
    }
}
