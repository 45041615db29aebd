package io.tallymq.amqp.session;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.config.ServerIdentity;
import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.login.Logins;
import io.tallymq.net.ProxyRule;
import io.tallymq.raft.LocalBroker;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A server on loopback with a broker of its own. */
public final class TestServer implements AutoCloseable {
    /** Milliseconds between the entries of a cluster in which something is due. */
    private static final long ENTRIES_EVERY = 4_000;

    private static final int HANDSHAKE_TIMEOUT = 120_000;
    public static final ServerIdentity IDENTITY = new ServerIdentity("TallyMQ", "3.13.7", "0.1", "test");

    /** Of the machine's clock, milliseconds. */
    private final AtomicLong ahead = new AtomicLong();

    private final LocalBroker broker;
    private final Logins logins;
    private final AmqpServer server;
    private final ConnectionFactory factory = new ConnectionFactory();

    public TestServer() {
        this(defaults());
    }

    public TestServer(AmqpServerConfig config) {
        this(config, broker -> broker);
    }

    /** @param wrapper what stands between the server and the broker */
    public TestServer(AmqpServerConfig config, UnaryOperator<Broker> wrapper) {
        this(config, wrapper, new MemoryStore());
    }

    /** @param store stays open when the server is closed */
    public TestServer(AmqpServerConfig config, UnaryOperator<Broker> wrapper, MessageStore store) {
        this(config, wrapper, store, ProxyRule.NONE);
    }

    /** @param proxies whose word is taken for where clients come from */
    TestServer(AmqpServerConfig config, ProxyRule proxies) {
        this(config, broker -> broker, new MemoryStore(), proxies);
    }

    private TestServer(AmqpServerConfig config, UnaryOperator<Broker> wrapper, MessageStore store, ProxyRule proxies) {
        broker = new LocalBroker("n1", store, this::now, RuntimeTuning.DEFAULTS);
        while (broker.read(BrokerView::level) < BrokerMachine.LEVELS.max()) {
            Thread.onSpinWait(); // a new log begins at the first level, and its leader raises it within moments
        }
        logins = new Logins(
                broker::access,
                "guest",
                "guest",
                Set.of("guest"),
                () -> CompletableFuture.completedFuture(true),
                change -> broker.submit(new Administer("test", "", change)),
                Duration.ofMillis(1));
        server = new AmqpServer(config, wrapper.apply(broker), (user, password, peer) -> logins.login(
                        user, password, peer, peer.isLoopbackAddress())
                .thenApply(answer -> Authenticator.Verdict.valueOf(answer.kind().name())));
        server.proxies(proxies, ProxyRule.NONE);
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        factory.setHost("127.0.0.1");
        factory.setPort(server.port());
        factory.setAutomaticRecoveryEnabled(false);
    }

    /** With time for logins: a test that is not about that must not fail where all is slow. */
    public static AmqpServerConfig defaults() {
        return AmqpServerConfig.defaults(IDENTITY)
                .withAddress("127.0.0.1", 0)
                .withProtocol(ProtocolLimits.defaults().withHandshakeTimeout(HANDSHAKE_TIMEOUT));
    }

    /** From here on it is so much later, and what is due by then begins to happen. What clients sent before may still be on its way. */
    public void pass(long millis) {
        ahead.addAndGet(millis);
        broker.submit(new Probe(false)).join();
    }

    /** The same in a cluster that lives: entries come every few seconds. A leap, as by {@link #pass}, is an outage for what ends for want of use. */
    public void live(long millis) {
        for (long left = millis; left > 0; left -= ENTRIES_EVERY) {
            pass(Math.min(left, ENTRIES_EVERY));
        }
    }

    /** The log's time, milliseconds since the epoch. */
    public long now() {
        return System.currentTimeMillis() + ahead.get();
    }

    public LocalBroker broker() {
        return broker;
    }

    public AmqpServer server() {
        return server;
    }

    public int port() {
        return server.port();
    }

    public ConnectionFactory factory() {
        return factory;
    }

    public Connection connect() throws IOException, TimeoutException {
        return factory.newConnection();
    }

    public RawClient raw() throws IOException {
        return new RawClient(port());
    }

    /** One whose kernel takes little of what it does not read. */
    RawClient slow() throws IOException {
        return RawClient.slow(port());
    }

    @Override
    public void close() {
        server.stop("the test is over");
        logins.close();
        broker.close();
    }
}
