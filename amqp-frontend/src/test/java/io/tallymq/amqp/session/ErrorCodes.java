package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownNotifier;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.function.Executable;

/** What the server says when it closes a channel or a connection of the real client. */
public final class ErrorCodes {
    private static final int WAIT_SECONDS = 20;

    private ErrorCodes() {}

    /** The call fails because the channel is closed with this code; the connection lives. Returns the reply text. */
    public static String channelClosed(int code, Channel channel, Executable call) throws Exception {
        String text = closed(code, channel, call, false);
        assertTrue(channel.getConnection().isOpen(), "a soft error leaves the connection open");
        return text;
    }

    /** The call fails because the connection is closed with this code. Returns the reply text. */
    public static String connectionClosed(int code, Connection connection, Executable call) throws Exception {
        return closed(code, connection, call, true);
    }

    private static String closed(int code, ShutdownNotifier closing, Executable call, boolean hard) throws Exception {
        CompletableFuture<ShutdownSignalException> signal = new CompletableFuture<>();
        closing.addShutdownListener(signal::complete);
        try {
            call.execute();
        } catch (IOException | AlreadyClosedException e) {
            // Told by the listener as well.
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        ShutdownSignalException cause = await(signal);
        assertEquals(hard, cause.isHardError());
        if (cause.getReason() instanceof AMQP.Connection.Close close) {
            assertEquals(code, close.getReplyCode(), close.getReplyText());
            return close.getReplyText();
        }
        AMQP.Channel.Close close = (AMQP.Channel.Close) cause.getReason();
        assertNotNull(close, () -> "closed by the client: " + cause);
        assertEquals(code, close.getReplyCode(), close.getReplyText());
        return close.getReplyText();
    }

    public static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }
}
