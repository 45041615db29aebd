package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.channel.DueAnswers;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that a client does not read: what waits for its turn behind them is bounded. */
class DueAnswersTest {
    private static final int FRAME_MAX = 131_072;
    private static final int SIZE = 12 << 20;
    private static final int QUESTIONS = 100 * DueAnswers.MOST;

    private final TestServer server = new TestServer(TestServer.defaults());
    private RawClient client;

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static ByteBuf publish() {
        ByteBuf out = Unpooled.buffer(SIZE + (1 << 20));
        FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("q"), false, false));
        FrameWriter.header(out, 1, SIZE, new byte[2], 0, 2);
        FrameWriter.body(out, 1, new byte[SIZE], 0, SIZE, FRAME_MAX);
        return out;
    }

    @Test
    void whoAsksAndDoesNotReadIsNotReadEither() throws Exception {
        client = server.raw().open().openChannel(1);
        client.send(1, new QueueMethod.Declare("q", false, true, false, false, false, FieldTable.EMPTY));
        client.expect(QueueMethod.DeclareOk.class);
        client.send(publish());
        client.send(1, new BasicMethod.Get("q", true));
        ByteBuf asked = Unpooled.buffer();
        for (int i = 0; i < QUESTIONS; i++) {
            FrameWriter.method(asked, 1, new BasicMethod.Qos(0, i % 100, false));
        }
        Thread asking = new Thread(() -> {
            try {
                client.send(asked);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        asking.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!server.server().connections().get(0).state().equals("flow")) {
            assertTrue(System.nanoTime() < end, "the client is read on");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertEquals(0, client.expect(BasicMethod.GetOk.class).messageCount());
        assertEquals(Frame.HEADER, client.receive().type());
        for (int got = 0; got < SIZE; ) {
            RawClient.Received frame = client.receive();
            assertEquals(Frame.BODY, frame.type());
            got += frame.payload().length;
        }
        for (int i = 0; i < QUESTIONS; i++) {
            client.expect(BasicMethod.QosOk.class);
        }
        asking.join();
    }
}
