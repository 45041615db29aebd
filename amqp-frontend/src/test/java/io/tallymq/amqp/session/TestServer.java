package io.tallymq.amqp.session;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.amqp.AmqpServer;
import io.tallymq.broker.Broker;
import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.LocalBroker;
import io.tallymq.store.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** A server on loopback with a broker of its own. */
final class TestServer implements AutoCloseable {
    static final ServerIdentity IDENTITY = new ServerIdentity("0.1", "test");

    private final LocalBroker broker;
    private final AmqpServer server;
    private final ConnectionFactory factory = new ConnectionFactory();

    TestServer() {
        this(defaults());
    }

    TestServer(AmqpServerConfig config) {
        this(config, broker -> broker);
    }

    /** @param wrapper what stands between the server and the broker */
    TestServer(AmqpServerConfig config, UnaryOperator<Broker> wrapper) {
        broker = new LocalBroker("n1", new MemoryStore());
        while (broker.read(BrokerView::level) < BrokerMachine.LEVELS.max()) {
            Thread.onSpinWait(); // a new log begins at the first level, and its leader raises it within moments
        }
        server = new AmqpServer(config, wrapper.apply(broker), ConfiguredUsers.defaults());
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        factory.setHost("127.0.0.1");
        factory.setPort(server.port());
        factory.setAutomaticRecoveryEnabled(false);
    }

    static AmqpServerConfig defaults() {
        return AmqpServerConfig.defaults(IDENTITY).withAddress("127.0.0.1", 0);
    }

    LocalBroker broker() {
        return broker;
    }

    AmqpServer server() {
        return server;
    }

    int port() {
        return server.port();
    }

    ConnectionFactory factory() {
        return factory;
    }

    Connection connect() throws IOException, TimeoutException {
        return factory.newConnection();
    }

    RawClient raw() throws IOException {
        return new RawClient(port());
    }

    @Override
    public void close() {
        server.stop("the test is over");
        broker.close();
    }
}
