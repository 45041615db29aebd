package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a channel has to deliver is withheld, and behind it a large message is to go back on the same channel. */
class WithheldReturnTest {
    private static final int TWO_PARTS = 1_200_000;
    private static final int FRAME_MAX = 131_072;
    private static final long PATIENCE = 30;

    /** Somebody wanted to deliver, and may not. */
    private final CompletableFuture<Void> withheld = new CompletableFuture<>();

    private static Object call(Method method, Object on, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Session withholding(Session session) {
        return (Session) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
                    if (!method.getName().equals("mayDeliver")) {
                        return call(method, session, args);
                    }
                    withheld.complete(null);
                    return false;
                });
    }

    private Broker withholding(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    Object answer = call(method, broker, args);
                    return answer instanceof Session s ? withholding(s) : answer;
                });
    }

    /** The session may wait with its deliveries until the message has gone back. */
    @Test
    void itGoesBackNevertheless() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::withholding);
                RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new QueueMethod.Declare("q", false, false, false, false, false, FieldTable.EMPTY));
            client.expect(QueueMethod.DeclareOk.class);
            client.send(1, new BasicMethod.Consume("q", "t", false, false, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            try (Connection connection = server.connect()) {
                Channel channel = connection.createChannel();
                channel.basicPublish("", "q", null, new byte[1]);
                withheld.get(PATIENCE, TimeUnit.SECONDS);
            }
            ByteBuf out = Unpooled.buffer(2 * TWO_PARTS);
            FrameWriter.method(
                    out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), true, false));
            FrameWriter.header(out, 1, TWO_PARTS, new byte[2], 0, 2);
            FrameWriter.body(out, 1, new byte[TWO_PARTS], 0, TWO_PARTS, FRAME_MAX);
            client.send(out);
            assertEquals(312, client.expect(BasicMethod.Return.class).replyCode());
        }
    }
}
