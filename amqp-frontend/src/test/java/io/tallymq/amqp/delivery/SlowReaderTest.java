package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.ServerCase;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that don't read: what is held for them is bounded, nobody else waits, and they can go on when they like. */
class SlowReaderTest extends ServerCase {
    private static final int MESSAGES = 600;
    private static final int SIZE = 100_000;
    private static final String TAG = "a tag that comes back ".repeat(10);

    /** Sixty megabytes wait for a consumer that does not read; then it reads all of them, in order. */
    @ParameterizedTest
    @CsvSource({"true,100000", "false,100000", "true,3000000", "false,3000000"})
    void aConsumerThatDoesNotReadHoldsUpNobody(boolean noAck, int size) throws Exception {
        int messages = Math.min(MESSAGES, MESSAGES * SIZE / size);
        String queue = "slow-" + noAck + size;
        try (Connection good = server.connect();
                RawClient slow = server.raw().open().openChannel(1)) {
            Channel channel = good.createChannel();
            channel.queueDeclare(queue, false, false, false, null);
            slow.send(1, new BasicMethod.Consume(queue, "t", false, noAck, false, false, FieldTable.EMPTY));
            slow.expect(BasicMethod.ConsumeOk.class);
            channel.confirmSelect();
            for (int i = 0; i < messages; i++) {
                byte[] body = new byte[size];
                body[0] = (byte) i;
                body[1] = (byte) (i >> 8);
                channel.basicPublish("", queue, null, body);
            }
            assertTrue(channel.waitForConfirms(60_000), "the publisher is not held up");
            assertTrue(sent(slow) < 40_000_000, "not all of it was pushed into the socket");
            String other = channel.queueDeclare().getQueue();
            channel.basicPublish("", other, null, new byte[] {1});
            GetResponse got = channel.basicGet(other, true);
            assertEquals(1, got.getBody().length);
            for (int i = 0; i < messages; i++) {
                BasicMethod.Deliver deliver = slow.expect(BasicMethod.Deliver.class);
                assertEquals(i + 1, deliver.deliveryTag());
                readBody(slow, size, i);
            }
            if (!noAck) {
                slow.send(1, new BasicMethod.Ack(messages, true));
            }
            slow.send(1, new QueueMethod.Delete(queue, false, true, false));
            slow.expect(QueueMethod.DeleteOk.class);
        }
    }

    private static void readBody(RawClient client, int size, int number) throws IOException {
        assertEquals(Frame.HEADER, client.receive().type());
        int read = 0;
        while (read < size) {
            RawClient.Received frame = client.receive();
            assertEquals(Frame.BODY, frame.type());
            if (read == 0) {
                assertEquals((byte) number, frame.payload()[0]);
                assertEquals((byte) (number >> 8), frame.payload()[1]);
            }
            read += frame.payload().length;
        }
        assertEquals(size, read);
    }

    private static long sent(RawClient client) {
        String name = "127.0.0.1:" + client.localPort() + " -> ";
        return server.server().connections().stream()
                .filter(c -> c.name().startsWith(name))
                .findFirst()
                .orElseThrow()
                .traffic()
                .sentBytes();
    }

    /** A client that asks and asks and reads no answer is not read any more; its answers are all there later. */
    @Test
    void answersNobodyReadsAreBounded() throws Exception {
        int questions = 100_000;
        try (RawClient client = server.raw().open().openChannel(1);
                Connection good = server.connect()) {
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < questions; i += 1000) {
                        ByteBuf out = Unpooled.buffer();
                        for (int n = i; n < i + 1000; n++) {
                            FrameWriter.method(out, 1, new BasicMethod.Cancel(TAG + n, false));
                        }
                        client.send(out);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            Channel channel = good.createChannel();
            for (int i = 0; i < 50; i++) {
                channel.queueDeclare("busy", false, false, true, null);
            }
            channel.queueDelete("busy");
            for (int i = 0; i < questions; i++) {
                Method answer = client.receiveMethod();
                assertEquals(TAG + i, ((BasicMethod.CancelOk) answer).consumerTag());
            }
            asking.get(20, TimeUnit.SECONDS);
        }
    }
}
