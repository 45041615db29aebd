package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.config.PublishLimits;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a client has sent of a message counts before the first octet of its body, too. */
class UnfinishedHeadersTest {
    private static final int MIB = 1 << 20;
    private static final int LARGE = 120_000;
    private static final int NEVER = 600_000;
    private static final int BODY = 10;

    private final TestServer server = new TestServer(
            TestServer.defaults().withFlow(FlowLimits.defaults().withPublish(new PublishLimits(MIB, NEVER))));
    private final PublishBudget budget = server.server().publishBudget();

    /** The payload of a content header. */
    private static byte[] header(long bodySize) {
        byte[] properties = BasicProperties.builder()
                .headers(FieldTable.of(Map.of("h", "x".repeat(LARGE))))
                .build()
                .raw();
        ByteBuf out = Unpooled.buffer();
        out.writeShort(MethodId.BASIC_PUBLISH.classId()).writeShort(0).writeLong(bodySize);
        out.writeBytes(properties);
        byte[] payload = new byte[out.readableBytes()];
        out.readBytes(payload);
        return payload;
    }

    private static void publish(RawClient client, int channel, String exchange) throws IOException {
        client.send(
                channel, new BasicMethod.Publish(ShortString.of(exchange), ShortString.of("nowhere"), false, false));
    }

    private void await(long bytes) {
        long begun = System.nanoTime();
        while (budget.bytes() < bytes || bytes == 0 && budget.bytes() > 0) {
            assertTrue(System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(1), budget.bytes() + " bytes");
            Thread.onSpinWait();
        }
    }

    @Test
    void aHeaderCountsUntilItsMessageIsComplete() throws IOException {
        try (server;
                RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new ConfirmMethod.Select(false));
            client.expect(ConfirmMethod.SelectOk.class);
            publish(client, 1, "");
            client.frame(Frame.HEADER, 1, header(BODY), Frame.END);
            await(LARGE);
            client.body(1, new byte[BODY]);
            assertEquals(1, client.expect(BasicMethod.Ack.class).deliveryTag());
            await(0);
        }
    }

    /** Who publishes to amq.settle needs no right. */
    @Test
    void headersWithoutBodiesAreBounded() throws IOException {
        int channels = 2 * MIB / LARGE + 1;
        try (server;
                RawClient client = server.raw().open()) {
            for (int c = 1; c <= channels; c++) {
                client.openChannel(c);
            }
            for (int c = 1; c <= channels; c++) {
                publish(client, c, "amq.settle");
                client.frame(Frame.HEADER, c, header(BODY), Frame.END);
            }
            assertEquals(506, client.expect(ConnectionMethod.Close.class).replyCode());
            await(0);
        }
    }

    @Test
    void aFrameThatHasComeInPartCounts() throws IOException {
        int part = LARGE / 2;
        try (server;
                RawClient client = server.raw().open().openChannel(1)) {
            publish(client, 1, "");
            byte[] payload = header(0);
            ByteBuf frame = Unpooled.buffer();
            frame.writeByte(Frame.HEADER).writeShort(1).writeInt(payload.length);
            frame.writeBytes(payload).writeByte(Frame.END);
            client.send(frame.readBytes(part));
            await(part);
            client.send(frame);
            await(0);
        }
    }
}
