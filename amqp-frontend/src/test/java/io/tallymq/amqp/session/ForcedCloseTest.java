package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.impl.AMQConnection;
import io.tallymq.broker.command.ForceClose;
import io.tallymq.broker.effect.Reply;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An operator closes a client's connection: it is told 320 and why, and what it held is there for others. */
class ForcedCloseTest extends ClientCase {
    @Test
    void theClientIsToldWhyAndIsGone() throws Exception {
        String queue =
                channel.queueDeclare(unique("forced"), true, false, false, null).getQueue();
        channel.basicPublish("", queue, null, new byte[1]);
        Connection other = server.connect();
        BlockingQueue<Delivery> came = consume(other.createChannel(), queue, Map.of());
        next(came);
        int port = ((AMQConnection) other).getLocalPort();
        var view = server.broker().read(v -> v.connections()).stream()
                .filter(c -> c.info().peer().port() == port)
                .findFirst()
                .orElseThrow();
        String text = ErrorCodes.connectionClosed(
                320,
                other,
                () -> assertEquals(
                        Reply.OK,
                        server.broker()
                                .submit(new ForceClose(view.id(), "the rack is moved"))
                                .join()));
        assertEquals("CONNECTION_FORCED - the rack is moved", text);
        assertTrue(fetch(queue).getEnvelope().isRedeliver());
        var gone = new LinkedBlockingQueue<Reply>();
        server.broker().submit(new ForceClose(view.id(), "again")).thenAccept(gone::add);
        Reply.Rejected refused = (Reply.Rejected) gone.poll(PATIENCE, TimeUnit.SECONDS);
        assertEquals(404, refused.code());
    }
}
