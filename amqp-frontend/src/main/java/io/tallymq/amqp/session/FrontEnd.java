package io.tallymq.amqp.session;

import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.Broker;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.security.SecureRandom;
import org.slf4j.LoggerFactory;

/** What all connections of a server share. Thread-safe. */
public record FrontEnd(
        AmqpServerConfig config,
        Broker broker,
        Authenticator authenticator,
        ConnectionRegistry registry,
        BodyBudget bodyBudget,
        PublishBudget publishBudget,
        SecureRandom random,
        Timers timers,
        FieldTable serverProperties,
        SparseLog refusals,
        LoopPaces paces,
        FilterCounts filterCounts,
        ConnectionLog connections) {
    public static FrontEnd of(AmqpServerConfig config, Broker broker, Authenticator authenticator) {
        return new FrontEnd(
                config,
                broker,
                authenticator,
                new ConnectionRegistry(config.flow().maxConnections()),
                new BodyBudget(config.flow().bodyMemory()),
                new PublishBudget(config.flow().publishMemory(), config.flow().publishPatience()),
                new SecureRandom(),
                new Timers(),
                config.identity().properties(),
                new SparseLog(LoggerFactory.getLogger(AmqpConnection.class)),
                new LoopPaces(broker::isMachineFull),
                new FilterCounts(),
                new ConnectionLog(LoggerFactory.getLogger(AmqpConnection.class), System::nanoTime));
    }
}
