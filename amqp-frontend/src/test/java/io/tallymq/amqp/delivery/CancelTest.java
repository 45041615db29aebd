package io.tallymq.amqp.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries come between consume-ok and cancel-ok, and what does not come is not lost. */
class CancelTest {
    private static final int SMALL = 20;
    private static final int LARGE = 8 << 20;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsDeliveredBehindCancelOk(boolean noAck) throws Exception {
        try (TestServer server = new TestServer();
                Connection connection = server.connect();
                RawClient client = server.raw().open().openChannel(1)) {
            Channel control = connection.createChannel();
            control.confirmSelect();
            control.queueDeclare("large", true, false, false, null);
            control.queueDeclare("small", true, false, false, null);
            for (int i = 0; i < 2; i++) {
                control.basicPublish("", "large", null, new byte[LARGE]);
            }
            for (int i = 0; i < SMALL; i++) {
                control.basicPublish("", "small", null, new byte[] {(byte) i});
            }
            control.waitForConfirmsOrDie();
            ByteBuf out = Unpooled.buffer();
            List<Method> script = List.of(
                    new BasicMethod.Get("large", true),
                    new BasicMethod.Get("large", true),
                    new BasicMethod.Consume("small", "t", false, noAck, false, false, FieldTable.EMPTY),
                    new BasicMethod.Cancel("t", false),
                    new ChannelMethod.Close(200, "", 0, 0));
            script.subList(0, 4).forEach(m -> FrameWriter.method(out, 1, m));
            client.send(out);
            List<String> seen = new ArrayList<>();
            while (!seen.contains("basic.cancel-ok")) {
                seen.add(client.receiveMethod().name());
            }
            client.send(1, script.get(4));
            client.expect(ChannelMethod.CloseOk.class);
            assertEquals(List.of("basic.get-ok", "basic.get-ok", "basic.consume-ok"), seen.subList(0, 3));
            int delivered = seen.size() - 4;
            int left = noAck ? SMALL - delivered : SMALL;
            assertEquals(left, control.messageCount("small"));
            for (int i = SMALL - left; i < SMALL; i++) {
                GetResponse got = control.basicGet("small", true);
                assertEquals(i, got.getBody()[0]);
                assertEquals(i < delivered, got.getEnvelope().isRedeliver());
            }
            assertFalse(seen.subList(3, seen.size() - 1).stream().anyMatch(m -> !m.equals("basic.deliver")));
        }
    }

    /** The queue of a consumer that its client cancels is deleted; the client uses the tag again at once. */
    @Test
    void theServersCancelIsNotTakenForOneOfTheNextConsumerWithTheTag() throws Exception {
        try (TestServer server = new TestServer();
                RawClient client = server.raw().open().openChannel(1).openChannel(2)) {
            for (String queue : List.of("first", "second")) {
                client.send(1, new QueueMethod.Declare(queue, false, true, false, false, false, FieldTable.EMPTY));
                client.expect(QueueMethod.DeclareOk.class);
            }
            client.send(1, consume("first"));
            client.expect(BasicMethod.ConsumeOk.class);
            ByteBuf out = Unpooled.buffer();
            FrameWriter.method(out, 2, new QueueMethod.Delete("first", false, false, false));
            FrameWriter.method(out, 1, new BasicMethod.Cancel("t", false));
            FrameWriter.method(out, 1, consume("second"));
            client.send(out);
            client.expect(QueueMethod.DeleteOk.class);
            client.expect(BasicMethod.CancelOk.class);
            client.expect(BasicMethod.ConsumeOk.class);
            client.send(1, new BasicMethod.Cancel("t", false));
            client.expect(BasicMethod.CancelOk.class);
            client.send(2, new QueueMethod.Declare("second", true, true, false, false, false, FieldTable.EMPTY));
            assertEquals(0, client.expect(QueueMethod.DeclareOk.class).consumerCount(), "it is cancelled");
        }
    }

    private static BasicMethod.Consume consume(String queue) {
        return new BasicMethod.Consume(queue, "t", false, false, false, false, FieldTable.EMPTY);
    }

    /** A message that needs no ack is being written when its channel ends: the client gets it whole, and so does somebody else. */
    @Test
    void whatIsWrittenToTheEndBehindAnErrorComesAgainWithItsFlag() throws Exception {
        try (TestServer server = new TestServer();
                Connection connection = server.connect();
                RawClient client = server.raw().open().openChannel(1)) {
            Channel control = connection.createChannel();
            control.confirmSelect();
            control.queueDeclare("large", true, false, false, null);
            control.basicPublish("", "large", null, new byte[2 * LARGE]);
            control.waitForConfirmsOrDie();
            client.send(1, new BasicMethod.Consume("large", "t", false, true, false, false, FieldTable.EMPTY));
            client.expect(BasicMethod.ConsumeOk.class);
            client.expect(BasicMethod.Deliver.class);
            client.send(1, new BasicMethod.Ack(77, false));
            client.expect(ChannelMethod.Close.class);
            GetResponse again = null;
            while (again == null) {
                again = control.basicGet("large", true);
            }
            assertTrue(again.getEnvelope().isRedeliver());
        }
    }
}
