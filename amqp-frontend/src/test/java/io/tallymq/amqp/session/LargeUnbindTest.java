package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ExchangeMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.broker.settings.ArgumentSize;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is to be unbound has arguments that no binding can have, and that no batch takes. */
class LargeUnbindTest {
    private static final int FRAME_MAX = 4 << 20;

    private static FieldTable arguments(int bytes) {
        return FieldTable.of(Map.of("a", LongString.of("x".repeat(bytes))));
    }

    @Test
    void thereIsNoSuchBinding() throws Exception {
        ProtocolLimits limits = TestServer.defaults().protocol().withFrameMax(FRAME_MAX);
        try (TestServer server = new TestServer(TestServer.defaults().withProtocol(limits));
                RawClient client = server.raw().open(FRAME_MAX, 0).openChannel(1)) {
            client.send(1, new QueueMethod.Declare("q", false, false, false, false, false, FieldTable.EMPTY));
            client.expect(QueueMethod.DeclareOk.class);
            client.send(1, new QueueMethod.Bind("q", "amq.direct", "k", false, FieldTable.EMPTY));
            client.expect(QueueMethod.BindOk.class);
            for (int bytes : new int[] {ArgumentSize.MOST_BYTES, FRAME_MAX / 2}) {
                FieldTable large = arguments(bytes);
                client.send(1, new QueueMethod.Unbind("q", "amq.direct", "k", large));
                client.expect(QueueMethod.UnbindOk.class);
                client.send(1, new ExchangeMethod.Unbind("amq.direct", "amq.fanout", "k", true, large));
                client.send(1, new ExchangeMethod.Unbind("amq.direct", "amq.fanout", "k", false, large));
                client.expect(ExchangeMethod.UnbindOk.class);
            }
            client.send(1, new QueueMethod.Bind("q", "amq.direct", "k", false, arguments(FRAME_MAX / 2)));
            assertEquals(406, client.expect(ChannelMethod.Close.class).replyCode());
        }
    }
}
