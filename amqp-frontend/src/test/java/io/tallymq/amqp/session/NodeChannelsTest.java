package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Channels are in the heap of their node, so there are not more on all its connections together than that has room for. */
class NodeChannelsTest {
    private static final int MOST = 3;

    @Test
    void aChannelTooManyOnTheNodeIsRefused() throws IOException {
        var flow = TestServer.defaults().flow().withMaxChannels(MOST);
        try (TestServer server = new TestServer(TestServer.defaults().withFlow(flow));
                RawClient first = server.raw().open().openChannel(1);
                RawClient second = server.raw().open().openChannel(1).openChannel(2)) {
            ConnectionRegistry registry = server.server().registry();
            assertEquals(MOST, registry.channelsOpen());
            second.send(3, new ChannelMethod.Open());
            ConnectionMethod.Close close = second.expect(ConnectionMethod.Close.class);
            assertEquals(530, close.replyCode());
            assertTrue(close.replyText().toString().contains("maximum allowed limit of (3)"), close.toString());
            assertEquals(1, registry.channelsRefused());
            assertEquals(1, registry.channelsOpen(), "its connection has none any more");
            first.openChannel(2).openChannel(3);
            first.send(2, new ChannelMethod.Close(200, "bye", 0, 0));
            first.expect(ChannelMethod.CloseOk.class);
            first.openChannel(4);
            assertEquals(MOST, registry.channelsOpen());
        }
    }
}
