package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.amqp.wire.TxMethod;
import io.tallymq.broker.Broker;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.Passwords;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Consumers whose consume-ok waits behind an earlier answer, a commit's that all nodes have to have, while rights change. */
class LateConsumeOkTest {
    private static final PasswordHash HASH = Passwords.hash("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom());
    private static final int PATIENCE = 30;
    private static final int MESSAGES = 3;

    private final BlockingQueue<Runnable> commits = new LinkedBlockingQueue<>();
    private final TestServer server = new TestServer(TestServer.defaults(), this::withMemberAway);
    private Channel setUp;

    private Broker withMemberAway(Broker broker) {
        return (Broker) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Broker.class}, (proxy, method, args) -> {
                    if (method.getName().equals("onceOnAll")) {
                        commits.add((Runnable) args[0]);
                        return (Runnable) () -> {};
                    }
                    try {
                        return method.invoke(broker, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @BeforeEach
    void queues() throws Exception {
        change(new FirstUser("root", HASH, "/"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetPermission("/", "ann", new Permission(".*", ".*", ".*")));
        ConnectionFactory f = server.factory().clone();
        f.setUsername("root");
        f.setPassword("pw");
        setUp = f.newConnection().createChannel();
        setUp.confirmSelect();
        setUp.queueDeclare("all", true, false, false, Map.of("x-confirm", "all"));
        setUp.queueDeclare("early", true, false, false, null);
        declareWithMessages("acks", Map.of());
        declareWithMessages("no acks", Map.of());
        declareWithMessages("stream", Map.of("x-queue-type", "stream"));
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void change(Change change) {
        Reply reply = server.broker().submit(new Administer("test", "", change)).join();
        assertTrue(reply instanceof Reply.Ok || reply instanceof Reply.Changed, reply.toString());
    }

    private void declareWithMessages(String queue, Map<String, Object> arguments) throws Exception {
        setUp.queueDeclare(queue, true, false, false, arguments);
        for (int i = 0; i < MESSAGES; i++) {
            setUp.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        setUp.waitForConfirmsOrDie(PATIENCE * 1_000);
    }

    private RawClient ann() throws IOException {
        RawClient client = server.raw().protocolHeader();
        client.expect(ConnectionMethod.Start.class);
        client.send(0, RawClient.startOk("ann", "pw"));
        client.expect(ConnectionMethod.Tune.class);
        client.openAfterLogin(131_072, 0).openChannel(1).openChannel(2);
        client.send(1, new BasicMethod.Qos(0, 10, false));
        client.expect(BasicMethod.QosOk.class);
        client.send(1, new TxMethod.Select());
        client.expect(TxMethod.SelectOk.class);
        return client;
    }

    private static void consume(RawClient client, int channel, String queue, FieldTable arguments) throws IOException {
        boolean noAck = queue.equals("no acks");
        client.send(channel, new BasicMethod.Consume(queue, queue, false, noAck, false, false, arguments));
    }

    private Runnable commit(RawClient client) throws Exception {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.method(out, 1, new BasicMethod.Publish(ShortString.EMPTY, ShortString.of("all"), false, false));
        client.send(out);
        client.header(1, 60, 0);
        client.send(1, new TxMethod.Commit());
        Runnable committed = commits.poll(PATIENCE, TimeUnit.SECONDS);
        assertNotNull(committed, "no commit waits");
        return committed;
    }

    private void awaitConsumer(String queue) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (setUp.consumerCount(queue) == 0) {
            assertTrue(System.nanoTime() < end, "nobody consumes from " + queue);
        }
    }

    private void assertMessagesAreBack(String queue) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        for (int i = 0; i < MESSAGES; ) {
            GetResponse got = setUp.basicGet(queue, true);
            assertTrue(got != null || System.nanoTime() < end, "nothing came back to " + queue);
            if (got != null) {
                assertArrayEquals(new byte[] {(byte) i++}, got.getBody());
            }
        }
    }

    @Test
    void whoMayNotReadByThenGetsNothing() throws Exception {
        try (RawClient client = ann()) {
            consume(client, 2, "early", FieldTable.EMPTY);
            client.expect(BasicMethod.ConsumeOk.class);
            Runnable committed = commit(client);
            consume(client, 1, "acks", FieldTable.EMPTY);
            consume(client, 1, "no acks", FieldTable.EMPTY);
            consume(client, 1, "stream", FieldTable.of(Map.of("x-stream-offset", "first")));
            awaitConsumer("stream");
            change(new SetPermission("/", "ann", new Permission(".*", ".*", "")));
            assertEquals("early", client.expect(BasicMethod.Cancel.class).consumerTag()); // so all were looked at
            committed.run();
            client.expect(TxMethod.CommitOk.class);
            for (String queue : List.of("acks", "no acks", "stream")) {
                assertEquals(queue, client.expect(BasicMethod.ConsumeOk.class).consumerTag());
            }
            for (String queue : List.of("acks", "no acks", "stream")) {
                assertEquals(queue, client.expect(BasicMethod.Cancel.class).consumerTag());
            }
            assertMessagesAreBack("acks");
            assertMessagesAreBack("no acks");
            client.openChannel(3); // and nothing was delivered
        }
    }
}
