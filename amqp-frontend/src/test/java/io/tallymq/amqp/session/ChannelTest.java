package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.Row;
import io.tallymq.amqp.wire.AccessMethod;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** 1.5 of the method reference: channels, and the order of answers on them. */
class ChannelTest extends ServerCase {
    private static QueueMethod.Declare declare(String queue, boolean passive) {
        return new QueueMethod.Declare(queue, passive, false, false, true, false, FieldTable.EMPTY);
    }

    private static void expectConnectionClose(RawClient client, int code) throws IOException {
        ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
        assertEquals(code, close.replyCode(), close.replyText());
    }

    /** 1.5.2.1: a channel is opened once. */
    @Test
    @Row({"channel.open", "504"})
    void aSecondOpenClosesTheConnection() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new ChannelMethod.Open());
            expectConnectionClose(client, 504);
        }
    }

    @Test
    void aMethodOnAChannelThatIsNotOpenClosesTheConnection() throws IOException {
        try (RawClient client = server.raw().open()) {
            client.send(7, declare("q", false));
            expectConnectionClose(client, 504);
        }
    }

    @Test
    void aChannelOverTheNegotiatedMaximumIsRefused() throws IOException {
        try (RawClient client = server.raw()) {
            client.login();
            client.send(0, new ConnectionMethod.TuneOk(2, 131_072, 0));
            client.send(0, new ConnectionMethod.Open("/"));
            client.expect(ConnectionMethod.OpenOk.class);
            client.openChannel(1).openChannel(2);
            client.send(3, new ChannelMethod.Open());
            expectConnectionClose(client, 530);
        }
    }

    /** 1.5.2.3 channel.flow: the client may switch on what is on; stopping deliveries is what basic.qos is for. */
    @Test
    @Row({"channel.flow", "channel.flow-ok", "540"})
    void flowOnIsFineAndFlowOffIsRefused() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new ChannelMethod.Flow(true));
            assertTrue(client.expect(ChannelMethod.FlowOk.class).active());
            client.send(1, new ChannelMethod.Flow(false));
            expectConnectionClose(client, 540);
        }
    }

    @Test
    @Row({"access.request", "access.request-ok"})
    void oldClientsGetTheirTicket() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new AccessMethod.Request("/data", false, true, true, true, true));
            assertEquals(1, client.expect(AccessMethod.RequestOk.class).ticket());
        }
    }

    /** 1.5.2.5: after channel.close-ok the number is free again. */
    @Test
    @Row({"channel.open-ok", "channel.close", "channel.close-ok"})
    void aClosedChannelCanBeOpenedAgain() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            for (int i = 0; i < 3; i++) {
                client.send(1, new ChannelMethod.Close(200, "", 0, 0));
                client.expect(ChannelMethod.CloseOk.class);
                client.openChannel(1);
            }
        }
    }

    /** Both sides may close at the same time. */
    @Test
    void crossingClosesAreAnsweredBoth() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, declare("missing", true));
            assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            client.expect(ChannelMethod.CloseOk.class);
            client.send(1, new ChannelMethod.CloseOk());
            client.openChannel(1);
        }
    }

    /** 4.7: what was asked first is answered first, also when the client does not wait. */
    @Test
    @Row({
        "queue.declare-ok",
        "basic.qos-ok",
        "basic.consume-ok",
        "basic.get-empty",
        "confirm.select-ok",
        "basic.cancel-ok"
    })
    void pipelinedMethodsAreAnsweredInOrder() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, declare("pipe", false));
            client.send(1, new BasicMethod.Qos(0, 10, false));
            client.send(1, new BasicMethod.Consume("pipe", "t", false, false, false, false, FieldTable.EMPTY));
            client.send(1, new BasicMethod.Get("pipe", true));
            client.send(1, new ConfirmMethod.Select(false));
            client.send(1, new BasicMethod.Cancel("t", false));
            client.send(1, new BasicMethod.Cancel("never", false));
            client.send(1, declare("missing", true));
            client.send(1, declare("ignored", false));
            assertEquals("pipe", client.expect(QueueMethod.DeclareOk.class).queue());
            client.expect(BasicMethod.QosOk.class);
            client.expect(BasicMethod.ConsumeOk.class);
            client.expect(BasicMethod.GetEmpty.class);
            client.expect(ConfirmMethod.SelectOk.class);
            assertEquals("t", client.expect(BasicMethod.CancelOk.class).consumerTag());
            assertEquals("never", client.expect(BasicMethod.CancelOk.class).consumerTag());
            assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }

    /** An error waits for the answers that are due before it. */
    @Test
    void anErrorFollowsTheAnswersBeforeIt() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, declare("before", false));
            client.send(1, new BasicMethod.Ack(99, false));
            client.send(1, declare("after", false));
            client.expect(QueueMethod.DeclareOk.class);
            assertEquals(406, client.expect(ChannelMethod.Close.class).replyCode());
            client.send(1, new ChannelMethod.CloseOk());
            client.openChannel(1);
            client.send(1, declare("after", true));
            assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }

    /** no-wait: no answer, unless it goes wrong. */
    @Test
    void noWaitIsNotAnswered() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, new QueueMethod.Declare("quiet", false, false, false, true, true, FieldTable.EMPTY));
            client.send(1, new QueueMethod.Bind("quiet", "amq.direct", "k", true, FieldTable.EMPTY));
            client.send(1, new ConfirmMethod.Select(true));
            client.send(1, new BasicMethod.Consume("quiet", "t", false, true, false, true, FieldTable.EMPTY));
            client.send(1, publish("amq.direct", "k"));
            client.header(1, 60, 0);
            Method first = client.receiveMethod();
            Method second = client.receiveMethod();
            if (first instanceof BasicMethod.Ack) {
                Method swap = first;
                first = second;
                second = swap;
            }
            BasicMethod.Deliver deliver = (BasicMethod.Deliver) first;
            assertEquals("t", deliver.consumerTag());
            assertEquals(1, ((BasicMethod.Ack) second).deliveryTag());
            client.send(1, new QueueMethod.Bind("quiet", "missing", "k", true, FieldTable.EMPTY));
            assertEquals(404, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }

    private static BasicMethod.Publish publish(String exchange, String key) {
        return new BasicMethod.Publish(ShortString.of(exchange), ShortString.of(key), false, false);
    }

    /** What was published before channel.close is in the queue when close-ok comes. */
    @Test
    void closeOkComesAfterThePublishesBeforeIt() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1).openChannel(2)) {
            client.send(1, declare("sync", false));
            client.expect(QueueMethod.DeclareOk.class);
            for (int i = 1; i <= 100; i++) {
                client.send(1, publish("", "sync"));
                client.header(1, 60, 3);
                client.body(1, new byte[3]);
            }
            client.send(1, new ChannelMethod.Close(200, "", 0, 0));
            client.expect(ChannelMethod.CloseOk.class);
            client.send(2, declare("sync", true));
            assertEquals(100, client.expect(QueueMethod.DeclareOk.class).messageCount());
        }
    }

    /** A body in many small frames is the same body. */
    @Test
    void aBodyInPieces() throws IOException {
        try (RawClient client = server.raw().open().openChannel(1)) {
            client.send(1, declare("pieces", false));
            client.expect(QueueMethod.DeclareOk.class);
            client.send(1, publish("", "pieces"));
            client.header(1, 60, 1000);
            for (int i = 0; i < 1000; i++) {
                client.body(1, new byte[] {(byte) i});
            }
            client.send(1, new BasicMethod.Get("pieces", true));
            client.expect(BasicMethod.GetOk.class);
            client.receive();
            byte[] body = client.receive().payload();
            assertEquals(1000, body.length);
            for (int i = 0; i < 1000; i++) {
                assertEquals((byte) i, body[i]);
            }
        }
    }
}
