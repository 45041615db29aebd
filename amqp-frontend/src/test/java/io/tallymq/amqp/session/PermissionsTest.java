package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.amqp.Row;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.DeleteUser;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.User;
import io.tallymq.login.Passwords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What users of few rights may do, with the real client: each method, and what is open when rights change. */
class PermissionsTest {
    private static final PasswordHash HASH = Passwords.hash("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom());

    private final TestServer server = new TestServer();
    private Connection root;
    private Connection ann;
    private Channel setUp;

    /** A piece of work on a channel of its own. */
    private interface Doing {
        void on(Channel channel) throws Exception;
    }

    @BeforeEach
    void users() throws Exception {
        change(new FirstUser("root", HASH, "/"));
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        root = connect("root", "/");
        setUp = root.createChannel();
        setUp.queueDeclare("r.q", true, false, false, null);
        setUp.queueDeclare("w.q", true, false, false, null);
        setUp.exchangeDeclare("r.x", "topic", true);
        setUp.exchangeDeclare("w.x", "topic", true);
        change(new SetPermission("/", "ann", new Permission("^c\\.", "^w\\.", "^r\\.")));
        ann = connect("ann", "/");
    }

    @Test
    void whoHasAQueueToldMayPublishThere() throws Exception {
        AMQP.BasicProperties told = new AMQP.BasicProperties.Builder()
                .replyTo("r.q")
                .headers(Map.of("x-report", "acked"))
                .build();
        Channel refused = ann.createChannel();
        refused.basicPublish("w.x", "key", told, new byte[1]);
        String why = ErrorCodes.channelClosed(403, refused, () -> refused.queueDeclarePassive("r.q"));
        assertTrue(why.contains("write access to exchange 'amq.default'"), why);
        change(new SetPermission("/", "ann", new Permission("^c\\.", "^(w\\.|amq\\.default$)", "^r\\.")));
        Channel fine = ann.createChannel();
        fine.basicPublish("w.x", "key", told, new byte[1]);
        fine.queueDeclarePassive("r.q");
    }

    /** As over HTTP: the right to write to amq.receipt, whatever the exchange. */
    @Test
    void whoMakesAnIdVoidMayWriteToReceipts() throws Exception {
        Map<String, Object> headers = Map.of("x-publish-exchange", "w.x", "x-publish-id", "a");
        var p = new AMQP.BasicProperties.Builder().headers(headers).build();
        refused("write access to exchange 'amq.receipt'", c -> c.basicPublish("amq.receipt", "void", p, new byte[0]));
        change(new SetPermission("/", "ann", new Permission("^r\\.", "^amq\\.receipt$", "^r\\.")));
        server.broker()
                .submit(new SetPolicy(
                        "/",
                        "ids",
                        false,
                        new PolicySpec("^w\\.x$", "exchanges", 0, new Arguments(Map.of("dedup-id", "message-id")))))
                .join();
        allowed(c -> {
            c.confirmSelect();
            c.basicPublish("amq.receipt", "void", p, new byte[0]);
            c.waitForConfirmsOrDie(30_000);
        });
    }

    @AfterEach
    void end() {
        server.close();
    }

    private void change(Change change) {
        Reply reply = server.broker().submit(new Administer("test", "", change)).join();
        assertTrue(reply instanceof Reply.Ok || reply instanceof Reply.Changed, reply.toString());
    }

    private Connection connect(String user, String vhost) throws Exception {
        ConnectionFactory f = server.factory().clone();
        f.setUsername(user);
        f.setPassword("pw");
        f.setVirtualHost(vhost);
        return f.newConnection();
    }

    private static AMQP.Channel.Close close(ShutdownSignalException e) {
        return assertInstanceOf(AMQP.Channel.Close.class, e.getReason());
    }

    private void refused(String what, Doing doing) throws Exception {
        Channel channel = ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        try {
            doing.on(channel);
            channel.queueDeclarePassive("r.q"); // behind what has no answer of its own
        } catch (IOException | AlreadyClosedException e) {
            // the end tells why
        }
        AMQP.Channel.Close close = close(end.get(30, TimeUnit.SECONDS));
        assertEquals(403, close.getReplyCode());
        assertEquals("ACCESS_REFUSED - " + what + " in vhost '/' refused for user 'ann'", close.getReplyText());
    }

    private void allowed(Doing doing) throws Exception {
        Channel channel = ann.createChannel();
        doing.on(channel);
        channel.queueDeclarePassive("r.q");
        channel.close();
    }

    @Test
    void declaringAndDeletingWantConfigure() throws Exception {
        refused("configure access to queue 'w.q'", c -> c.queueDeclare("w.q", true, false, false, null));
        refused("configure access to queue 'w.q'", c -> c.queueDelete("w.q"));
        refused("configure access to exchange 'x'", c -> c.exchangeDeclare("x", "fanout"));
        refused("configure access to exchange 'w.x'", c -> c.exchangeDelete("w.x"));
        refused("configure access to queue 'unknown'", c -> c.queueDeclarePassive("unknown"));
        refused("configure access to exchange 'unknown'", c -> c.exchangeDeclarePassive("unknown"));
        allowed(c -> c.queueDeclare("c.q", true, false, false, null));
        allowed(c -> c.queueDelete("c.q"));
        allowed(c -> c.exchangeDeclare("c.x", "fanout"));
        allowed(c -> c.exchangeDelete("c.x"));
        allowed(c -> c.queueDeclarePassive("w.q"));
        Channel channel = ann.createChannel();
        IOException e = assertThrows(IOException.class, channel::queueDeclare);
        assertTrue(close((ShutdownSignalException) e.getCause())
                .getReplyText()
                .contains("configure access to queue 'amq.gen-"));
    }

    @Test
    void whereMessagesGoOnToIsWrittenTo() throws Exception {
        Map<String, Object> dead = Map.of("x-dead-letter-exchange", "w.x");
        refused("read access to queue 'c.q'", c -> c.queueDeclare("c.q", true, false, false, dead));
        change(new SetPermission("/", "ann", new Permission("^c\\.", "^w\\.", "^[cr]\\.")));
        allowed(c -> c.queueDeclare("c.q", true, false, false, dead));
        refused(
                "write access to exchange 'r.x'",
                c -> c.queueDeclare("c.r", true, false, false, Map.of("x-dead-letter-exchange", "r.x")));
        refused(
                "write access to exchange 'r.x'",
                c -> c.exchangeDeclare("c.x", "fanout", true, false, Map.of("alternate-exchange", "r.x")));
        refused(
                "write access to exchange 'r.x'",
                c -> c.exchangeDeclare("c.l", "fanout", true, false, Map.of("x-alternate-exchange", "r.x")));
        refused(
                "write access to exchange 'r.x'",
                c -> c.exchangeDeclare("c.d", "fanout", true, false, Map.of("x-dead-letter-exchange", "r.x")));
        allowed(c -> c.exchangeDeclare("c.x", "fanout", true, false, Map.of("alternate-exchange", "w.x")));
    }

    @Test
    void bindingWritesToTheOneAndReadsTheOther() throws Exception {
        refused("write access to queue 'r.q'", c -> c.queueBind("r.q", "r.x", "k"));
        refused("read access to exchange 'w.x'", c -> c.queueBind("w.q", "w.x", "k"));
        allowed(c -> c.queueBind("w.q", "r.x", "k"));
        refused("read access to exchange 'w.x'", c -> c.queueUnbind("w.q", "w.x", "k"));
        refused("write access to exchange 'r.x'", c -> c.exchangeBind("r.x", "r.x", "k"));
        refused("read access to exchange 'w.x'", c -> c.exchangeUnbind("w.x", "w.x", "k"));
        allowed(c -> c.exchangeBind("w.x", "r.x", "k"));
    }

    @Test
    void consumingGettingAndPurgingRead() throws Exception {
        refused("read access to queue 'w.q'", c -> c.basicConsume("w.q", (t, m) -> {}, t -> {}));
        refused("read access to queue 'w.q'", c -> c.basicGet("w.q", true));
        refused("read access to queue 'w.q'", c -> c.queuePurge("w.q"));
        allowed(c -> c.basicConsume("r.q", (t, m) -> {}, t -> {}));
        allowed(c -> c.basicGet("r.q", true));
        allowed(c -> c.queuePurge("r.q"));
    }

    /** A receipt's name is one that is read, and a producer's place one that is configured. */
    @Test
    void receiptsAreReadAndPlacesConfigured() throws Exception {
        refused("read access to queue 'amq.receipt.p.1'", c -> c.basicGet("amq.receipt.p.1", true));
        refused("read access to queue 'amq.receipt.p'", c -> c.basicGet("amq.receipt.p", true));
        refused("read access to queue 'amq.receipt.id.w.x.1'", c -> c.basicGet("amq.receipt.id.w.x.1", true));
        for (Map<String, Object> claim : List.<Map<String, Object>>of(
                Map.of("producer_id", "p"), Map.of("producer_id", "p", "producer_epoch", 0))) {
            String why = claims(claim);
            assertTrue(why.startsWith("403 ACCESS_REFUSED - configure access to 'amq.receipt.p' in vhost '/'"), why);
        }
        change(new SetPermission("/", "ann", new Permission("^amq\\.receipt\\.p$", "", "^(r\\.|amq\\.receipt\\.)")));
        allowed(c -> c.basicGet("amq.receipt.p.1", true));
        assertEquals("fine", claims(Map.of("producer_id", "p")));
    }

    private String claims(Map<String, Object> claim) throws Exception {
        ConnectionFactory f = server.factory().clone();
        f.setUsername("ann");
        f.setPassword("pw");
        Map<String, Object> properties = new java.util.TreeMap<>(f.getClientProperties());
        properties.putAll(claim);
        f.setClientProperties(properties);
        try (Connection c = f.newConnection()) {
            return "fine";
        } catch (IOException e) {
            ShutdownSignalException why = assertInstanceOf(ShutdownSignalException.class, e.getCause());
            AMQP.Connection.Close close = assertInstanceOf(AMQP.Connection.Close.class, why.getReason());
            return close.getReplyCode() + " " + close.getReplyText();
        }
    }

    @Row("name amq.default")
    @Test
    void publishingWrites() throws Exception {
        refused("write access to exchange 'r.x'", c -> c.basicPublish("r.x", "k", null, new byte[1]));
        refused("write access to exchange 'amq.default'", c -> c.basicPublish("", "w.q", null, new byte[1]));
        allowed(c -> {
            c.confirmSelect();
            c.basicPublish("w.x", "k", null, new byte[1]);
            c.waitForConfirmsOrDie(30_000);
        });
        change(new SetPermission("/", "ann", new Permission("", "^amq\\.default$", "^r\\.")));
        allowed(c -> {
            c.confirmSelect();
            c.basicPublish("", "w.q", null, new byte[1]);
            c.waitForConfirmsOrDie(30_000);
        });
        refused("write access to exchange 'r.x'", c -> {
            c.txSelect();
            c.basicPublish("r.x", "k", null, new byte[1]);
            c.txCommit();
        });
    }

    @Test
    void topicPermissionsLookAtEachRoutingKey() throws Exception {
        change(new SetTopicPermission("/", "ann", "w.x", new TopicPermission("^{username}\\.", "")));
        change(new SetTopicPermission("/", "ann", "r.x", new TopicPermission("", "^{vhost}{username}$")));
        refused(
                "write access to topic 'bob.k' in exchange 'w.x'",
                c -> c.basicPublish("w.x", "bob.k", null, new byte[1]));
        AMQP.BasicProperties copy = new AMQP.BasicProperties.Builder()
                .headers(Map.of("CC", List.of("bob.k")))
                .build();
        refused(
                "write access to topic 'bob.k' in exchange 'w.x'",
                c -> c.basicPublish("w.x", "ann.k", copy, new byte[1]));
        allowed(c -> c.basicPublish("w.x", "ann.k", null, new byte[1]));
        refused("read access to topic '#' in exchange 'r.x'", c -> c.queueBind("w.q", "r.x", "#"));
        allowed(c -> c.queueBind("w.q", "r.x", "/ann"));
    }

    @Test
    void aChangeActsOnOpenChannels() throws Exception {
        Channel channel = ann.createChannel();
        channel.confirmSelect();
        channel.basicPublish("w.x", "k", null, new byte[1]);
        channel.waitForConfirmsOrDie(30_000);
        change(new SetPermission("/", "ann", new Permission("", "", "")));
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        channel.basicPublish("w.x", "k", null, new byte[1]);
        assertEquals(403, close(end.get(30, TimeUnit.SECONDS)).getReplyCode());
    }

    private String end(Connection c) throws Exception {
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        c.addShutdownListener(end::complete);
        Method reason = end.get(30, TimeUnit.SECONDS).getReason();
        AMQP.Connection.Close close = assertInstanceOf(AMQP.Connection.Close.class, reason);
        return close.getReplyCode() + " " + close.getReplyText();
    }

    @Test
    void aDeletedUserIsSentAway() throws Exception {
        change(new DeleteUser("ann"));
        assertEquals("320 CONNECTION_FORCED - user 'ann' is deleted", end(ann));
        assertThrows(AuthenticationFailureException.class, () -> connect("ann", "/"));
        assertTrue(root.isOpen());
    }

    @Test
    void aDeletedVhostSendsItsClientsAway() throws Exception {
        change(new SetVhost("v", VhostSpec.PLAIN));
        change(new SetPermission("v", "ann", new Permission("", "", "")));
        Connection inside = connect("ann", "v");
        change(new DeleteVhost("v"));
        assertEquals("320 CONNECTION_FORCED - vhost 'v' is deleted", end(inside));
        assertTrue(ann.isOpen());
    }

    @Test
    void whoHasNoPermissionsInAVhostDoesNotComeIn() throws Exception {
        change(new SetVhost("v", VhostSpec.PLAIN));
        assertEquals("NOT_ALLOWED - access to vhost 'v' refused for user 'ann'", notLetIn("ann", "v"));
        assertEquals("NOT_ALLOWED - vhost w not found", notLetIn("ann", "w"));
        change(new ClearPermission("/", "ann"));
        assertEquals("NOT_ALLOWED - access to vhost '/' refused for user 'ann'", notLetIn("ann", "/"));
        assertTrue(ann.isOpen()); // as with RabbitMQ
    }

    private String notLetIn(String user, String vhost) {
        IOException e = assertThrows(IOException.class, () -> connect(user, vhost));
        ShutdownSignalException why = assertInstanceOf(ShutdownSignalException.class, e.getCause());
        AMQP.Connection.Close close = assertInstanceOf(AMQP.Connection.Close.class, why.getReason());
        assertEquals(530, close.getReplyCode());
        return close.getReplyText();
    }

    @Test
    void aUserHasSoManyConnectionsAndChannelsAtMost() throws Exception {
        change(new SetLimit(true, "ann", User.MAX_CONNECTIONS, 1));
        assertEquals(
                "NOT_ALLOWED - connection refused for user 'ann': user connection limit (1) is reached",
                notLetIn("ann", "/"));
        change(new SetLimit(true, "ann", User.MAX_CHANNELS, 1));
        ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        ann.addShutdownListener(end::complete);
        assertThrows(Exception.class, ann::createChannel);
        AMQP.Connection.Close close = assertInstanceOf(
                AMQP.Connection.Close.class, end.get(30, TimeUnit.SECONDS).getReason());
        assertEquals(
                "NOT_ALLOWED - number of channels opened for user 'ann' has reached the maximum allowed user limit of (1)",
                close.getReplyText());
        change(new SetLimit(true, "ann", User.MAX_CONNECTIONS, 9));
        try (Connection again = connect("ann", "/")) { // those of the connection that was closed count no more
            for (int i = 0; i < 3; i++) {
                again.createChannel().close();
            }
            again.createChannel();
        }
    }

    @Test
    void onlyAnImpersonatorPublishesInAnothersName() throws Exception {
        AMQP.BasicProperties bob =
                new AMQP.BasicProperties.Builder().userId("bob").build();
        Channel channel = ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        channel.basicPublish("w.x", "k", bob, new byte[1]);
        assertEquals(406, close(end.get(30, TimeUnit.SECONDS)).getReplyCode());
        change(new SetUser("ann", new UserSpec(HASH, List.of("impersonator"))));
        allowed(c -> {
            c.confirmSelect();
            c.basicPublish("w.x", "k", bob, new byte[1]);
            c.waitForConfirmsOrDie(30_000);
        });
    }

    /** As over HTTP: the right to publish it. */
    @Test
    void whoCallsAScheduledMessageOffMightHavePublishedIt() throws Exception {
        var later = new AMQP.BasicProperties.Builder()
                .headers(Map.of("x-schedule-id", "job", "x-delay", 86_400_000))
                .build();
        var off = new AMQP.BasicProperties.Builder()
                .headers(Map.of("x-schedule-id", "job"))
                .build();
        setUp.confirmSelect();
        setUp.basicPublish("r.x", "k", later, new byte[1]);
        setUp.waitForConfirmsOrDie(30_000);
        change(new SetPermission("/", "ann", new Permission("", "^(w\\.|amq\\.schedule$)", "")));
        Channel channel = ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        channel.basicPublish("amq.schedule", "k", off, new byte[1]);
        AMQP.Channel.Close refused = close(end.get(30, TimeUnit.SECONDS));
        assertEquals(403, refused.getReplyCode());
        assertTrue(refused.getReplyText().contains("exchange 'r.x'"), refused.getReplyText());
        change(new SetPermission("/", "ann", new Permission("", "^(r\\.|amq\\.schedule$)", "")));
        allowed(c -> {
            c.confirmSelect();
            c.basicPublish("amq.schedule", "k", off, new byte[1]);
            c.waitForConfirmsOrDie(30_000);
        });
        assertTrue(server.broker().read(view -> view.scheduled("/", "job")).isEmpty());
    }

    /** The same properties again are not looked at again, but for this. */
    @Test
    void whoIsNoImpersonatorAnyMoreEndsWithTheNextPublish() throws Exception {
        AMQP.BasicProperties bob =
                new AMQP.BasicProperties.Builder().userId("bob").build();
        change(new SetUser("ann", new UserSpec(HASH, List.of("impersonator"))));
        Channel channel = ann.createChannel();
        CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
        channel.addShutdownListener(end::complete);
        channel.confirmSelect();
        channel.basicPublish("w.x", "k", bob, new byte[1]);
        channel.waitForConfirmsOrDie(30_000);
        change(new SetUser("ann", new UserSpec(HASH, List.of())));
        channel.basicPublish("w.x", "k", bob, new byte[1]);
        assertEquals(406, close(end.get(30, TimeUnit.SECONDS)).getReplyCode());
    }

    /** A token tells nothing of its queue: the broker looks. */
    @Test
    void whatIsPutAsideIsForThoseWhoMayReadItsQueue() throws Exception {
        setUp.queueBind("w.q", "w.x", "k");
        setUp.confirmSelect();
        setUp.basicPublish("w.x", "k", null, new byte[1]);
        setUp.waitForConfirmsOrDie(30_000);
        long tag = setUp.basicGet("w.q", false).getEnvelope().getDeliveryTag();
        Map<String, Object> defer = Map.of("x-delivery-tag", tag, "x-outcome", "defer", "x-token", "t1");
        AMQP.BasicProperties p =
                new AMQP.BasicProperties.Builder().headers(defer).build();
        setUp.basicPublish("amq.settle", "", p, new byte[0]);
        setUp.waitForConfirmsOrDie(30_000);
        refused("read access to queue 'w.q'", c -> c.basicGet("amq.deferred.t1", true));
        assertEquals(1, setUp.basicGet("amq.deferred.t1", true).getBody().length);
    }

    /** It is a message to a queue, as any to the default exchange. */
    @Test
    void aTokenIsToldToQueuesByThoseWhoMayPublishToThem() throws Exception {
        setUp.confirmSelect();
        setUp.basicPublish("", "r.q", null, new byte[1]);
        setUp.waitForConfirmsOrDie(30_000);
        refused("write access to exchange 'amq.default'", c -> defer(c, "w.q"));
        change(new SetPermission("/", "ann", new Permission("^c\\.", "^amq\\.default$", "^r\\.")));
        allowed(c -> {
            c.confirmSelect();
            defer(c, "w.q");
            c.waitForConfirmsOrDie(30_000);
        });
        assertEquals(1, setUp.messageCount("w.q"));
    }

    private static void defer(Channel channel, String replyTo) throws IOException {
        long tag = channel.basicGet("r.q", false).getEnvelope().getDeliveryTag();
        Map<String, Object> headers = Map.of("x-delivery-tag", tag, "x-outcome", "defer");
        AMQP.BasicProperties p = new AMQP.BasicProperties.Builder()
                .headers(headers)
                .replyTo(replyTo)
                .build();
        channel.basicPublish("amq.settle", "", p, new byte[0]);
    }
}
