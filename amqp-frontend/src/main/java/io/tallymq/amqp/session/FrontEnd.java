package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.MessageTotals;
import io.tallymq.amqp.channel.NodeContext;
import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.amqp.delivery.BodyBudget;
import io.tallymq.amqp.filter.FilterCounts;
import io.tallymq.amqp.publish.PublishBudget;
import io.tallymq.amqp.settle.TagBudget;
import io.tallymq.amqp.socket.LoopPaces;
import io.tallymq.amqp.socket.OutboundBudget;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.Broker;
import io.tallymq.timer.SparseLog;
import io.tallymq.timer.Timers;
import java.security.SecureRandom;
import org.slf4j.LoggerFactory;

/** What all connections of a server share. Thread-safe. */
public record FrontEnd(
        NodeContext node,
        Authenticator authenticator,
        ConnectionRegistry registry,
        BodyBudget bodyBudget,
        PublishBudget publishBudget,
        OutboundBudget outboundBudget,
        FieldTable serverProperties,
        SparseLog refusals,
        SparseLog bugs,
        LoopPaces paces,
        FilterCounts filterCounts,
        TagBudget tagBudget,
        ConnectionLog connections,
        ClientErrors errors) {
    public static FrontEnd of(AmqpServerConfig config, Broker broker, Authenticator authenticator) {
        MessageTotals totals = new MessageTotals();
        return new FrontEnd(
                new NodeContext(config, broker, new Timers(), new SecureRandom(), totals),
                authenticator,
                new ConnectionRegistry(
                        config.flow().maxConnections(), config.flow().maxChannels(), totals),
                new BodyBudget(config.flow().bodyMemory()),
                new PublishBudget(config.flow().publish()),
                new OutboundBudget(config.flow().outbound().memory()),
                config.identity().properties(),
                new SparseLog(LoggerFactory.getLogger(AmqpConnection.class)),
                new SparseLog(LoggerFactory.getLogger(AmqpConnection.class)),
                new LoopPaces(broker::isMachineFull),
                new FilterCounts(),
                new TagBudget(),
                new ConnectionLog(LoggerFactory.getLogger(AmqpConnection.class), System::nanoTime),
                new ClientErrors(LoggerFactory.getLogger(AmqpConnection.class), System::nanoTime));
    }

    public AmqpServerConfig config() {
        return node.config();
    }

    public Broker broker() {
        return node.broker();
    }

    public Timers timers() {
        return node.timers();
    }
}
