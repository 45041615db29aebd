package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.login.Passwords;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody has looked at a client's password, as too many wait: it is not told that it is wrong, and comes again. */
class BusyLoginsTest {
    private final LocalBroker broker = new LocalBroker("n1", new MemoryStore());
    private volatile boolean hasRoom = true;
    private AmqpServer server;

    private final class Busy implements Authenticator {
        @Override
        public CompletableFuture<Verdict> accepts(String user, byte[] password, InetAddress peer) {
            return CompletableFuture.completedFuture(Verdict.BUSY);
        }

        @Override
        public boolean hasRoom(InetAddress peer) {
            return hasRoom;
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new AmqpServer(TestServer.defaults(), broker, new Busy());
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop("the test is over");
        broker.close();
    }

    @Test
    void whoIsTurnedAwayIsNotToldThatHisPasswordIsWrong() throws IOException {
        long refused = server.refused();
        try (RawClient client = new RawClient(server.port())) {
            client.protocolHeader();
            client.expect(ConnectionMethod.Start.class);
            client.send(0, RawClient.startOk("guest", "guest"));
            assertTrue(client.isClosedSilently());
        }
        assertEquals(refused + 1, server.refused());
    }

    /** A node starts, and all clients of an application come back by one router: each is let in, by one comparison. */
    @Test
    void anApplicationComesBackAtOnce() throws Exception {
        int clients = 150; // more than passwords of one address may wait
        try (TestServer own = new TestServer();
                RawClient slow = own.raw().protocolHeader()) {
            PasswordHash hash = Passwords.hash("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom());
            change(own, new FirstUser("app", hash, "/"));
            change(own, new SetUser("slow", new UserSpec(slowOne(), List.of())));
            slow.send(0, RawClient.startOk("slow", "wrong")); // all the others come while this one is looked at
            slow.expect(ConnectionMethod.Start.class);
            List<RawClient> all = new ArrayList<>();
            try {
                for (int i = 0; i < clients; i++) {
                    RawClient client = own.raw().protocolHeader();
                    client.send(0, RawClient.startOk("app", "pw"));
                    all.add(client);
                }
                for (RawClient client : all) {
                    client.expect(ConnectionMethod.Start.class);
                    client.expect(ConnectionMethod.Tune.class);
                }
            } finally {
                for (RawClient client : all) {
                    client.close();
                }
            }
        }
    }

    private static void change(TestServer of, Change change) throws Exception {
        Reply reply = of.broker().submit(new Administer("test", "", change)).get(30, TimeUnit.SECONDS);
        assertFalse(reply instanceof Reply.Rejected, reply::toString);
    }

    /** One that takes a second to compare, and that nothing is the password of. */
    private static PasswordHash slowOne() {
        byte[] value = new byte[Integer.BYTES + 16 + 32];
        ByteBuffer.wrap(value).putInt(2_500_000);
        return new PasswordHash(Passwords.PBKDF2, Base64.getEncoder().encodeToString(value));
    }

    /** The Java client takes any end behind connection.start for what may be a wrong password. */
    @Test
    void whoHasNoRoomIsClosedBeforeItShowsItsPassword() throws IOException {
        hasRoom = false;
        try (RawClient client = new RawClient(server.port())) {
            client.protocolHeader();
            assertTrue(client.isClosedSilently());
        }
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(server.port());
        IOException failure = assertThrows(IOException.class, factory::newConnection);
        assertTrue(
                !(failure instanceof AuthenticationFailureException)
                        && !(failure instanceof PossibleAuthenticationFailureException),
                failure.toString());
    }
}
