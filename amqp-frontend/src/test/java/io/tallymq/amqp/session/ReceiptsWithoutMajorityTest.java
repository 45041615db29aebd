package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A receipt that is asked for when nothing is decided any more. */
class ReceiptsWithoutMajorityTest {
    private final AtomicBoolean lost = new AtomicBoolean();

    private static Object call(Method method, Object on, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void callLater(Method method, Object on, Object[] args) {
        try {
            method.invoke(on, args);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Session losing(Session session) {
        Queue<Runnable> held = new ConcurrentLinkedQueue<>(); // what is carried out when there is a majority again
        return (Session) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, args) -> {
                    boolean asks = method.getName().equals("submit")
                            || method.getName().equals("publish");
                    if (asks && lost.get()) {
                        held.add(() -> callLater(method, session, args));
                        return null;
                    }
                    while (asks && !held.isEmpty()) {
                        held.poll().run(); // on the thread of its connection
                    }
                    return call(method, session, args);
                });
    }

    private Broker losing(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    Object answer = call(method, broker, args);
                    return answer instanceof Session s ? losing(s) : answer;
                });
    }

    @Test
    void itIsGivenUpAlsoBehindAPublishThatNobodyDecides() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::losing);
                RawClient client = server.raw().open().openChannel(1).patient()) {
            client.send(1, new ConfirmMethod.Select(false));
            client.expect(ConfirmMethod.SelectOk.class);
            lost.set(true);
            ByteBuf out = Unpooled.buffer();
            FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.of(""), ShortString.of("q"), false, false));
            out.writeByte(Frame.HEADER).writeShort(1).writeInt(14);
            out.writeShort(60).writeShort(0).writeLong(0).writeShort(0).writeByte(Frame.END);
            FrameWriter.method(out, 1, new BasicMethod.Get("amq.receipt.p.1", false));
            client.send(out);
            ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
            assertEquals(541, close.replyCode());
            assertTrue(close.replyText().contains("no majority of the nodes answers"), close.replyText());
        }
    }

    /** Its place among the answers is filled by what comes when there is a majority again. */
    @Test
    void aChannelThatIsClosedMeanwhileIsClosedInTheEnd() throws Exception {
        try (TestServer server = new TestServer(TestServer.defaults(), this::losing);
                RawClient client = server.raw().open().openChannel(1).patient();
                RawClient later = server.raw().open().openChannel(1).patient()) {
            lost.set(true);
            client.send(1, new BasicMethod.Get("amq.receipt.p.1", false));
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            later.send(1, new BasicMethod.Get("amq.receipt.p.1", false));
            assertEquals(541, later.expect(ConnectionMethod.Close.class).replyCode());
            lost.set(false);
            client.send(2, new ChannelMethod.Open());
            client.expect(ChannelMethod.OpenOk.class);
            client.send(2, new BasicMethod.Get("none", false));
            List<Class<?>> both = List.of(
                    client.receiveMethod().getClass(), client.receiveMethod().getClass());
            assertTrue(both.contains(ChannelMethod.CloseOk.class), both::toString);
        }
    }
}
