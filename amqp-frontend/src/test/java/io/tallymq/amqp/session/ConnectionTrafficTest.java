package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelDuplexHandler;
import io.tallymq.amqp.socket.OutboundBudget;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.socket.SlowSocket;
import io.tallymq.amqp.socket.SocketOutput;
import org.junit.jupiter.api.Test;

/** What counts as a sign of a client's life. */
class ConnectionTrafficTest {
    private static final int LARGE = 70_000;

    private final ChannelDuplexHandler handler = new ChannelDuplexHandler();
    private final SlowSocket channel = new SlowSocket(handler);
    private final SocketOutput outbox =
            new SocketOutput(channel.pipeline().context(handler), 1_000, new OutboundBudget(1 << 20), () -> {});
    private final ReadGate gate = new ReadGate(channel);
    private final ConnectionTraffic traffic = new ConnectionTraffic(outbox, gate, () -> {});

    /** It is not read while much waits for it, so its heartbeats are not seen. */
    @Test
    void aClientThatReadsWhatWaitsForItLives() {
        outbox.buffer(LARGE).writeZero(LARGE);
        outbox.written();
        outbox.flush();
        traffic.signsOfLife();
        gate.close(ReadGate.Reason.OUTBOX);
        long before = traffic.signsOfLife();
        assertEquals(before, traffic.signsOfLife(), "it takes nothing");
        channel.takes(10);
        assertTrue(traffic.signsOfLife() > before);
        gate.open(ReadGate.Reason.OUTBOX);
        long after = traffic.signsOfLife();
        outbox.buffer(LARGE).writeZero(LARGE);
        outbox.written();
        channel.takes(10);
        assertEquals(after, traffic.signsOfLife(), "while it is read it has to speak");
        channel.finishAndReleaseAll();
    }

    /** What it sent behind connection.open waits for the cluster, and its heartbeats behind that. */
    @Test
    void aClientThatIsNotReadUntilItsConnectionIsOpenLives() {
        gate.close(ReadGate.Reason.HANDSHAKE);
        long before = traffic.signsOfLife();
        assertTrue(traffic.signsOfLife() > before);
    }
}
