package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tallymq.amqp.socket.OutboundBudget;
import io.tallymq.amqp.socket.SlowSocket;
import io.tallymq.amqp.socket.SocketOutput;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of publishes that settle counts for the node, over all connections. */
class ReturnRoomTest {
    private static final int LARGE = 100_000;
    private static final int MOST = 1 << 20;

    private final OutboundBudget budget = new OutboundBudget(MOST);

    private SocketOutput outbox() {
        SlowSocket channel = new SlowSocket(new ChannelInboundHandlerAdapter());
        return new SocketOutput(channel.pipeline().firstContext(), 1_000, budget, () -> {});
    }

    @Test
    void thereIsLittleOfItWhileMemoryIsScarce() {
        SocketOutput first = outbox();
        ReturnRoom room = new ReturnRoom(first);
        List<byte[]> kept = new ArrayList<>();
        while (budget.bytes() < MOST) {
            kept.add(room.keep(new byte[LARGE]));
            assertEquals(LARGE, kept.get(kept.size() - 1).length);
        }
        SocketOutput second = outbox();
        ReturnRoom other = new ReturnRoom(second);
        assertTrue(other.keep(new byte[LARGE]).length < 10);
        assertEquals(100, other.keep(new byte[100]).length);
        kept.forEach(room::give);
        assertEquals(0, budget.bytes());
        other.keep(new byte[LARGE]);
        assertTrue(budget.bytes() > 0);
        second.close();
        assertEquals(0, budget.bytes());
    }
}
