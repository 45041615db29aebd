package io.tallymq.amqp.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.login.Passwords;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
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
        int clients = 300; // three times as many as passwords of one address may wait
        try (TestServer own = new TestServer()) {
            PasswordHash hash = Passwords.hash("pw".getBytes(StandardCharsets.UTF_8), new SecureRandom());
            own.broker()
                    .submit(new Administer("test", "", new FirstUser("app", hash, "/")))
                    .get(30, TimeUnit.SECONDS);
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
