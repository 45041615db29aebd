package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.session.AmqpConnectionInfo;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ShortString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mandatory messages of many megabytes that reach no queue: they come back part by part, whoever reads and whoever does not. */
class LargeReturnTest {
    private static final int FRAME_MAX = 131_072;
    private static final int SIZE = (8 << 20) + 77;

    private final TestServer server;
    private final List<RawClient> clients = new ArrayList<>();

    /** Room for one part in memory; a close that waits for its time-out fails a test. */
    LargeReturnTest() {
        FlowLimits flow = FlowLimits.defaults().withBodyMemory(1 << 20).withCloseTimeout(600_000);
        server = new TestServer(TestServer.defaults().withFlow(flow));
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }

    private static byte[] body(int seed) {
        byte[] body = new byte[SIZE];
        new Random(seed).nextBytes(body);
        return body;
    }

    /** A client that has published one to nowhere and reads nothing. */
    private RawClient publisher(int seed) throws IOException {
        RawClient client = server.raw().open().openChannel(1);
        clients.add(client);
        client.send(1, new ConfirmMethod.Select(false));
        client.expect(ConfirmMethod.SelectOk.class);
        client.send(publish(body(seed)));
        return client;
    }

    private static ByteBuf publish(byte[] body) {
        ByteBuf out = Unpooled.buffer(body.length + (1 << 20));
        FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), true, false));
        FrameWriter.header(out, 1, body.length, new byte[2], 0, 2);
        FrameWriter.body(out, 1, body, 0, body.length, FRAME_MAX);
        return out;
    }

    private static void readReturn(RawClient client, int seed) throws IOException {
        BasicMethod.Return returned = client.expect(BasicMethod.Return.class);
        assertEquals(312, returned.replyCode());
        readContent(client, seed);
    }

    private static void readContent(RawClient client, int seed) throws IOException {
        assertEquals(Frame.HEADER, client.receive().type());
        ByteArrayOutputStream body = new ByteArrayOutputStream(SIZE);
        while (body.size() < SIZE) {
            RawClient.Received frame = client.receive();
            assertEquals(Frame.BODY, frame.type(), "nothing comes between the frames of a message");
            body.write(frame.payload());
        }
        assertArrayEquals(body(seed), body.toByteArray());
    }

    @Test
    void whatNobodyReadsIsNotHeldInMemory() throws IOException {
        int publishers = 12;
        for (int i = 0; i < publishers; i++) {
            RawClient client = publisher(i);
            client.expect(BasicMethod.Return.class); // it has begun, and goes on as far as it can
        }
        for (AmqpConnectionInfo info : server.server().connections()) {
            assertTrue(info.traffic().pendingBytes() < 2 << 20, () -> "waits for the socket: " + info);
        }
        assertTrue(server.server().bodyBudget().bytes() <= 1 << 20, "more parts in memory than the budget has");
        for (int i = 0; i < publishers; i++) {
            readContent(clients.get(i), i);
            assertEquals(1, clients.get(i).expect(BasicMethod.Ack.class).deliveryTag(), "the confirm follows");
        }
        assertEquals(0, server.server().bodyBudget().bytes());
        assertEquals(0, server.server().bodyBudget().waiting());
    }

    /** The room of a message that stands still goes to one that is read. */
    @Test
    void whoDoesNotReadHoldsUpNobody() throws IOException {
        RawClient asleep = publisher(1);
        asleep.expect(BasicMethod.Return.class);
        RawClient awake = publisher(2);
        readReturn(awake, 2);
        awake.expect(BasicMethod.Ack.class);
        readContent(asleep, 1);
        asleep.expect(BasicMethod.Ack.class);
    }

    @Test
    void channelCloseOkFollowsTheReturn() throws IOException {
        RawClient client = publisher(3);
        client.send(1, new ChannelMethod.Close(200, "", 0, 0));
        readReturn(client, 3);
        while (!(client.receiveMethod() instanceof ChannelMethod.CloseOk)) {
            // The confirm, perhaps.
        }
    }

    @Test
    void aConnectionThatClosesDoesNotWaitForIt() throws IOException {
        RawClient client = publisher(4);
        client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
        while (!(client.receiveMethod() instanceof ConnectionMethod.CloseOk)) {
            // What had begun.
        }
        readReturn(publisher(5), 5);
        assertEquals(0, server.server().bodyBudget().waiting());
    }

    /** What comes back behind it is kept: all that its client publishes while it reads slowly. */
    @Test
    void whoPublishesOnAndDoesNotReadIsNotReadEither() throws Exception {
        RawClient client = publisher(8);
        client.expect(BasicMethod.Return.class);
        int more = 400;
        byte[] body = new byte[60_000];
        Thread publishing = new Thread(() -> {
            try {
                for (int i = 0; i < more; i++) {
                    client.send(publish(body));
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        publishing.setDaemon(true);
        publishing.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!server.server().connections().get(0).state().equals("flow")) {
            assertTrue(System.nanoTime() < end, "the client is read on");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        readContent(client, 8);
        for (int i = 0; i < more; ) {
            RawClient.Received frame = client.receive();
            if (frame.type() == Frame.METHOD && client.decode(frame) instanceof BasicMethod.Return) {
                i++;
            }
        }
        publishing.join();
    }

    /** A client that goes while its message comes back gives the room to others. */
    @Test
    void aConnectionThatBreaksGivesItsRoomBack() throws IOException {
        RawClient client = publisher(6);
        client.expect(BasicMethod.Return.class);
        client.close();
        RawClient next = publisher(7);
        readReturn(next, 7);
        next.expect(BasicMethod.Ack.class);
        assertEquals(0, server.server().bodyBudget().bytes());
    }
}
