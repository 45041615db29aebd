package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

/** What the client's exceptions say that matters to who typed a command. */
final class Reasons {
    private Reasons() {}

    static int code(ShutdownSignalException closed) {
        if (closed.getReason() instanceof AMQP.Channel.Close channel) {
            return channel.getReplyCode();
        } else if (closed.getReason() instanceof AMQP.Connection.Close connection) {
            return connection.getReplyCode();
        }
        return 0;
    }

    static String of(ShutdownSignalException closed) {
        if (closed.getReason() instanceof AMQP.Channel.Close channel) {
            return channel.getReplyText() + " (" + channel.getReplyCode() + ")";
        } else if (closed.getReason() instanceof AMQP.Connection.Close connection) {
            return connection.getReplyText() + " (" + connection.getReplyCode() + ")";
        }
        return "the connection was lost";
    }

    static String of(IOException e) {
        if (e.getCause() instanceof ShutdownSignalException closed) {
            return of(closed);
        } else if (e instanceof ConnectException) {
            return "nobody listens there";
        } else if (e instanceof UnknownHostException) {
            return "there is no host of that name";
        } else if (e instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** What the server closed a channel for is its refusal; anything else is a connection that was lost. */
    static Failure failure(IOException e) {
        return e.getCause() instanceof ShutdownSignalException closed ? failure(closed) : Failure.unreachable(of(e));
    }

    static Failure failure(ShutdownSignalException closed) {
        return code(closed) >= 400 && code(closed) != 541
                ? Failure.refused(of(closed))
                : Failure.unreachable(of(closed));
    }
}
