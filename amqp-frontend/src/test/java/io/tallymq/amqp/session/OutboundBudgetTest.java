package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.tallymq.amqp.config.OutboundLimits;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FieldTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits for clients that don't read is bounded for the node, and those that read are served. */
class OutboundBudgetTest {
    private static final int MIB = 1 << 20;
    private static final int BODY = 100_000;
    private static final int BODIES = 100;
    private static final int SLOW = 16;
    /** Whoever has less waiting gets more. */
    private static final int EACH = MIB / 2;
    /** Nobody is dropped within a test. */
    private static final int NEVER = 600_000;
    /** Scarce with six of them that have what a connection may; with a piece for each of the others it is not full. */
    private static final int MEMORY = 3 * MIB;

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private TestServer server;
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }

    private void start(long memory, int timeout, int patience) {
        OutboundLimits limits = new OutboundLimits(EACH, EACH, OutboundLimits.DEFAULT_STOP, memory, timeout, patience);
        server = new TestServer(
                TestServer.defaults().withFlow(TestServer.defaults().flow().withOutbound(limits)));
    }

    /** Clients that consume and read nothing; more than a socket takes is in each one's queue. */
    private void fill(Channel channel) throws Exception {
        for (int n = 0; n < SLOW; n++) {
            String queue =
                    channel.queueDeclare("slow" + n, false, false, false, null).getQueue();
            RawClient slow = server.slow().open().openChannel(1);
            clients.add(slow);
            slow.send(1, new BasicMethod.Consume(queue, "t", false, true, false, false, FieldTable.EMPTY));
            slow.expect(BasicMethod.ConsumeOk.class);
            channel.queueBind(queue, "amq.fanout", "");
        }
        for (int i = 0; i < BODIES; i++) {
            channel.basicPublish("amq.fanout", "", null, new byte[BODY]);
        }
    }

    private long waiting() {
        return server.server().outboundBudget().bytes();
    }

    private void await(long bytes) {
        long begun = System.nanoTime();
        while (waiting() < bytes) {
            assertTrue(System.nanoTime() - begun < PATIENCE, waiting() + " bytes wait");
            Thread.onSpinWait();
        }
    }

    /** Each that comes is a round trip. */
    private static BlockingQueue<Integer> consume(Channel channel) throws IOException {
        BlockingQueue<Integer> came = new LinkedBlockingQueue<>();
        channel.queueDeclare("read", false, false, false, null);
        channel.basicConsume("read", true, (tag, message) -> came.add(message.getBody().length), tag -> {});
        return came;
    }

    private static void deliver(Channel channel, BlockingQueue<Integer> came, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            channel.basicPublish("", "read", null, new byte[BODY]);
            assertTrue(came.poll(20, TimeUnit.SECONDS) != null, "message " + i + " did not come");
        }
    }

    @Test
    void clientsThatDoNotReadHaveNoMoreThanThereIsForThem() throws Exception {
        start(MEMORY, NEVER, NEVER);
        try (Connection good = server.connect()) {
            Channel channel = good.createChannel();
            fill(channel);
            await(MEMORY);
            deliver(channel, consume(channel), 100);
            assertTrue(waiting() < 2 * MEMORY, waiting() + " bytes");
        }
    }

    /** The twin: without a bound for all of them it is more. */
    @Test
    void eachWouldHaveWhatAConnectionMay() throws Exception {
        start(1000L * MIB, NEVER, NEVER);
        try (Connection good = server.connect()) {
            fill(good.createChannel());
            await(2 * MEMORY + MIB);
        }
    }

    /** Who takes nothing while others need its room goes sooner than else. */
    @Test
    void whoIsInTheWayIsDropped() throws Exception {
        start(MIB / 8, NEVER, 300);
        try (Connection good = server.connect()) {
            Channel channel = good.createChannel();
            fill(channel);
            deliver(channel, consume(channel), 20);
            assertTrue(server.server().registry().stuck() > 0);
        }
    }
}
