package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.amqp.wire.ChannelMethod;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What those who look at a node hear of its channels, whatever these do. */
class OpenChannelsTest {
    private static Collection<List<Integer>> numbers(TestServer server) {
        return server.server().registry().channels().values();
    }

    @Test
    void eachOpenChannelIsTold() throws IOException {
        try (TestServer server = new TestServer();
                RawClient client = server.raw().open().openChannel(3).openChannel(1)) {
            assertEquals(List.of(List.of(1, 3)), List.copyOf(numbers(server)));
            client.send(3, new ChannelMethod.Close(200, "bye", 0, 0));
            client.expect(ChannelMethod.CloseOk.class);
            assertEquals(List.of(List.of(1)), List.copyOf(numbers(server)));
        }
    }
}
