package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.login.Passwords;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections and consumers that are open when users, virtual hosts and rights change. */
class AccessChangesTest {
    private static final PasswordHash HASH = Passwords.hash("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom());
    private static final Permission ALL = new Permission(".*", ".*", ".*");

    private final TestServer server = new TestServer();
    private Channel setUp;
    private Connection ann;

    @BeforeEach
    void users() throws Exception {
        change(new FirstUser("root", HASH, "/"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetPermission("/", "ann", ALL));
        setUp = connect("root", "/", true).createChannel();
        ann = connect("ann", "/", true);
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void change(Change change) {
        Reply reply = server.broker().submit(new Administer("test", "", change)).join();
        assertTrue(reply instanceof Reply.Ok || reply instanceof Reply.Changed, reply.toString());
    }

    /** @param hears whether the client takes basic.cancel */
    private Connection connect(String user, String vhost, boolean hears) throws Exception {
        ConnectionFactory f = server.factory().clone();
        f.setUsername(user);
        f.setPassword("pw");
        f.setVirtualHost(vhost);
        if (!hears) {
            f.setClientProperties(Map.of());
        }
        return f.newConnection();
    }

    private static CompletableFuture<String> end(Connection c) {
        CompletableFuture<String> end = new CompletableFuture<>();
        c.addShutdownListener(e -> {
            var close = assertInstanceOf(AMQP.Connection.Close.class, e.getReason());
            end.complete(close.getReplyCode() + " " + close.getReplyText());
        });
        return end;
    }

    private static <T> T await(CompletableFuture<T> what) throws Exception {
        return what.get(30, TimeUnit.SECONDS);
    }

    /** His secret leaked, so he is made anew with another one: who came in by the old one has to go, however soon that is done. */
    @Test
    void whoIsMadeAnewDoesNotKeepHisConnections() throws Exception {
        CompletableFuture<String> end = end(ann);
        change(new DeleteUser("ann"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetPermission("/", "ann", ALL));
        Connection again = connect("ann", "/", true);
        assertEquals("320 CONNECTION_FORCED - user 'ann' is deleted", await(end));
        again.createChannel().queueDeclare(); // it is his who is there now
    }

    /** The same before anybody has looked at it. */
    @Test
    void whoIsMadeAnewMayDoNothingByHisOldConnections() throws Exception {
        Channel channel = ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        change(new DeleteUser("ann"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        change(new SetPermission("/", "ann", ALL));
        channel.basicPublish("amq.fanout", "", null, new byte[1]);
        ShutdownSignalException why = await(end);
        int code = why.getReason() instanceof AMQP.Channel.Close c
                ? c.getReplyCode()
                : ((AMQP.Connection.Close) why.getReason()).getReplyCode();
        assertTrue(code == 403 || code == 320, why.toString());
    }

    @Test
    void aVhostThatIsMadeAnewDoesNotKeepItsConnections() throws Exception {
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", ALL));
        Connection inside = connect("ann", "v", true);
        CompletableFuture<String> end = end(inside);
        change(new DeleteVhost("v"));
        while (server.broker().access().vhost("v") != null) {
            server.broker().submit(new Probe(false)).join();
        }
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", ALL));
        connect("ann", "v", true);
        assertEquals("320 CONNECTION_FORCED - vhost 'v' is deleted", await(end));
        assertTrue(ann.isOpen());
    }

    /** A consumer that tells its cancel, its messages and its end. */
    private static final class Watched extends DefaultConsumer {
        final CompletableFuture<String> cancelled = new CompletableFuture<>();
        final BlockingQueue<Long> tags = new LinkedBlockingQueue<>();

        Watched(Channel channel) {
            super(channel);
        }

        @Override
        public void handleCancel(String tag) {
            cancelled.complete(tag);
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            tags.add(envelope.getDeliveryTag());
        }

        long next() throws InterruptedException {
            Long tag = tags.poll(30, TimeUnit.SECONDS);
            assertNotNull(tag, "no message");
            return tag;
        }
    }

    private void publish(String queue, int messages) throws Exception {
        setUp.confirmSelect();
        for (int i = 0; i < messages; i++) {
            setUp.basicPublish("", queue, null, new byte[] {(byte) i});
        }
        setUp.waitForConfirmsOrDie(30_000);
    }

    private GetResponse get(String queue) throws Exception {
        for (int i = 0; i < 3_000; i++) {
            GetResponse got = setUp.basicGet(queue, true);
            if (got != null) {
                return got;
            }
        }
        throw new AssertionError("nothing in '" + queue + "'");
    }

    /** What it was not sent goes back in its order, what it was sent it may settle. */
    @Test
    void whoMayNotReadAnyMoreLosesHisConsumer() throws Exception {
        setUp.queueDeclare("q", true, false, false, null);
        setUp.queueDeclare("other", true, false, false, null);
        publish("q", 6);
        Channel channel = ann.createChannel();
        channel.basicQos(2);
        Watched consumer = new Watched(channel);
        Watched other = new Watched(channel);
        channel.basicConsume("q", false, "reads", consumer);
        channel.basicConsume("other", false, "reads other", other);
        consumer.next();
        long second = consumer.next();
        change(new SetPermission("/", "ann", new Permission(".*", ".*", "^other$")));
        assertEquals("reads", await(consumer.cancelled));
        assertArrayEquals(new byte[] {2}, get("q").getBody());
        channel.basicAck(second, true);
        publish("other", 1);
        other.next();
        channel.close();
        assertArrayEquals(new byte[] {3}, get("q").getBody());
        assertEquals(0, consumer.tags.size());
    }

    @Test
    void whoMayNotEnterAnyMoreLosesAllConsumers() throws Exception {
        List<Watched> all = new ArrayList<>();
        for (int c = 0; c < 3; c++) {
            Channel channel = ann.createChannel();
            for (int i = 0; i < 50; i++) {
                String queue = "q" + c + "." + i;
                setUp.queueDeclare(queue, true, false, false, null);
                Watched consumer = new Watched(channel);
                all.add(consumer);
                channel.basicConsume(queue, true, queue, consumer);
            }
            Watched replies = new Watched(channel);
            all.add(replies);
            channel.basicConsume("amq.rabbitmq.reply-to", true, "replies" + c, replies);
        }
        change(new ClearPermission("/", "ann"));
        for (Watched consumer : all) {
            await(consumer.cancelled);
        }
        assertTrue(ann.isOpen());
    }

    @Test
    void readersOfStreamsAreCancelledToo() throws Exception {
        setUp.queueDeclare("s", true, false, false, Map.of("x-queue-type", "stream"));
        publish("s", 10);
        Channel channel = ann.createChannel();
        channel.basicQos(2);
        Watched consumer = new Watched(channel);
        channel.basicConsume("s", false, "reads", false, false, Map.of("x-stream-offset", "first"), consumer);
        consumer.next();
        consumer.next();
        change(new SetPermission("/", "ann", new Permission(".*", ".*", "^other$")));
        assertEquals("reads", await(consumer.cancelled));
        publish("s", 10);
        channel.basicAck(0, true);
        channel.queueDeclarePassive("s");
        assertEquals(0, consumer.tags.size());
    }

    /** He would take the silence for an empty queue. */
    @Test
    void whoWouldNotHearOfItLosesTheChannel() throws Exception {
        setUp.queueDeclare("q", true, false, false, null);
        publish("q", 1);
        Channel channel = connect("ann", "/", false).createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        Watched consumer = new Watched(channel);
        channel.basicConsume("q", false, "reads", consumer);
        consumer.next();
        change(new SetPermission("/", "ann", new Permission(".*", ".*", "^other$")));
        var close = assertInstanceOf(AMQP.Channel.Close.class, await(end).getReason());
        assertEquals(403, close.getReplyCode());
        assertTrue(close.getReplyText().contains("read access to queue 'q'"), close.getReplyText());
        assertArrayEquals(new byte[] {0}, get("q").getBody());
    }
}
