package io.tallymq.amqp.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.config.FlowLimits;
import io.tallymq.amqp.config.PublishLimits;
import io.tallymq.amqp.session.RawClient;
import io.tallymq.amqp.session.TestServer;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ChannelMethod;
import io.tallymq.amqp.wire.ConfirmMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ShortString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that clients have sent in part: what a node has for them is bounded, and nobody waits for ever. */
class PublishBudgetTest {
    private static final int MIB = 1 << 20;
    private static final int PIECE = 20_000;
    private static final int FRAME = 100_000;
    /** Nobody is asked within a test. */
    private static final int NEVER = 600_000;

    private TestServer server;
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        server.close();
    }

    private PublishBudget start(long memory, int patience) {
        server = new TestServer(
                TestServer.defaults().withFlow(FlowLimits.defaults().withPublish(new PublishLimits(memory, patience))));
        return server.server().publishBudget();
    }

    private RawClient client() throws IOException {
        RawClient client = server.raw().open().openChannel(1);
        clients.add(client);
        client.send(1, new ConfirmMethod.Select(false));
        client.expect(ConfirmMethod.SelectOk.class);
        return client;
    }

    /** The first piece of a message of 1 MiB. */
    private static void begin(RawClient client, int channel) throws IOException {
        client.send(channel, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), false, false));
        client.header(channel, MethodId.BASIC_PUBLISH.classId(), MIB);
        client.body(channel, new byte[PIECE]);
    }

    private static void complete(RawClient client) throws IOException {
        for (int left = MIB - PIECE; left > 0; left -= FRAME) {
            client.body(1, new byte[Math.min(left, FRAME)]);
        }
        assertEquals(1, client.expect(BasicMethod.Ack.class).deliveryTag());
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "waited in vain for " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Test
    void whoFindsNoRoomIsNotReadBeforeItIsItsTurn() throws IOException {
        PublishBudget budget = start(4 * MIB, NEVER);
        int all = 10;
        int room = 4;
        for (int i = 0; i < all; i++) {
            RawClient client = client();
            begin(client, 1);
            long bytes = Math.min(i + 1, room) * (long) MIB;
            int waiting = Math.max(0, i + 1 - room);
            await("client " + i, () -> budget.bytes() == bytes && budget.waiting() == waiting);
        }
        client().openChannel(2); // who publishes nothing is read
        for (int i = 0; i < all; i++) {
            complete(clients.get(i));
            int left = all - i - 1;
            await(
                    "the next one's turn",
                    () -> budget.waiting() == Math.max(0, left - room)
                            && budget.bytes() == Math.min(left, room) * (long) MIB);
        }
        assertEquals(0, budget.evicted());
    }

    @Test
    void whoseMessageStandsStillIsClosedWhileOthersWait() throws IOException {
        PublishBudget budget = start(MIB, 20);
        RawClient still = client();
        begin(still, 1);
        await("its room", () -> budget.bytes() == MIB);
        RawClient next = client();
        begin(next, 1);
        ConnectionMethod.Close close = still.expect(ConnectionMethod.Close.class);
        assertEquals(506, close.replyCode());
        assertTrue(close.replyText().toString().contains("amqp.publish-memory"), close.toString());
        complete(next);
        assertEquals(1, budget.evicted());
        await("no room to be taken", () -> budget.bytes() == 0);
    }

    /** If it waited, the message that it sends on another channel would wait with it. */
    @Test
    void aConnectionMayBeginMoreUpToTwiceTheBound() throws IOException {
        PublishBudget budget = start(MIB, NEVER);
        RawClient client = client().openChannel(2).openChannel(3);
        begin(client, 1);
        begin(client, 2);
        await("room for both", () -> budget.bytes() == 2 * MIB);
        assertEquals(0, budget.waiting());
        begin(client, 3);
        ConnectionMethod.Close close = client.expect(ConnectionMethod.Close.class);
        assertEquals(506, close.replyCode());
        assertTrue(close.replyText().toString().contains("fewer channels"), close.toString());
        await("its room to be given back", () -> budget.bytes() == 0);
    }

    /** Its room is not waited for any more, and nobody would grant it. */
    @Test
    void whoWaitsIsReadAgainWhenItsMessageGoes() throws IOException {
        PublishBudget budget = start(MIB, NEVER);
        RawClient first = client();
        begin(first, 1);
        await("its room", () -> budget.bytes() == MIB);
        RawClient second = client().openChannel(2);
        second.send(2, new BasicMethod.Publish(ShortString.of("absent"), ShortString.of("k"), false, false));
        second.header(2, MethodId.BASIC_PUBLISH.classId(), 0);
        begin(second, 2);
        assertEquals(404, second.expect(ChannelMethod.Close.class).replyCode());
        await("nobody to wait", () -> budget.waiting() == 0);
        second.send(2, new ChannelMethod.CloseOk());
        second.send(1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("nowhere"), false, false));
        second.header(1, MethodId.BASIC_PUBLISH.classId(), 0);
        assertEquals(1, second.expect(BasicMethod.Ack.class).deliveryTag());
        complete(first);
    }

    @Test
    void theRoomOfAConnectionThatBreaksGoesToTheNext() throws IOException {
        PublishBudget budget = start(MIB, NEVER);
        RawClient first = client();
        begin(first, 1);
        await("its room", () -> budget.bytes() == MIB);
        RawClient gone = client();
        begin(gone, 1);
        await("one that waits", () -> budget.waiting() == 1);
        RawClient last = client();
        begin(last, 1);
        await("two that wait", () -> budget.waiting() == 2);
        first.close();
        await("the next one's turn", () -> budget.waiting() == 1);
        gone.close();
        await("the last one's turn", () -> budget.waiting() == 0);
        complete(last);
        await("no room to be taken", () -> budget.bytes() == 0);
    }
}
