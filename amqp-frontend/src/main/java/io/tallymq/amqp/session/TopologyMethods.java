package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.BrokerArguments;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.LastQueue;
import io.tallymq.amqp.channel.Names;
import io.tallymq.amqp.channel.Permits;
import io.tallymq.amqp.wire.ExchangeMethod;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.QueueMethod;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.QueueSpec;

/** The methods of the classes exchange and queue on a channel. Each returns an error, or null. Event loop only. */
final class TopologyMethods {
    private static final String DEFAULT_EXCHANGE_TEXT = "operation not permitted on the default exchange";
    /** Characters with which a name has room for what is by chance. */
    private static final int MOST_PREFIX = 64;

    private static final String RESERVED = "amq.";

    private final ChannelContext channel;
    private final ConnectionContext connection;

    TopologyMethods(ChannelContext channel) {
        this.channel = channel;
        this.connection = channel.connection();
    }

    private ConnectionId id() {
        return connection.session().id();
    }

    private Permits permits() {
        return connection.permits();
    }

    private String vhost() {
        return connection.vhost();
    }

    AmqpError declare(ExchangeMethod.Declare m) {
        String name = Names.clean(m.exchange());
        ExchangeMethod.Flags flags = m.flags();
        if (name.isEmpty()) {
            return refuseDefault(m.id());
        }
        ExchangeSpec spec = new ExchangeSpec(
                m.type(), flags.durable(), flags.autoDelete(), flags.internal(), BrokerArguments.of(m.arguments()));
        AmqpError refused = flags.passive()
                ? permits().lookAtExchange(name, m.id())
                : permits().declareExchange(name, spec.arguments(), m.id());
        refused = refused != null ? refused : BrokerArguments.refusal(spec.arguments(), m.id());
        if (refused != null) {
            return refused;
        }
        Command command = new DeclareExchange(vhost(), name, spec, flags.passive());
        return channel.call(command, m, flags.noWait(), reply -> new ExchangeMethod.DeclareOk());
    }

    AmqpError delete(ExchangeMethod.Delete m) {
        String name = Names.clean(m.exchange());
        if (name.isEmpty()) {
            return refuseDefault(m.id());
        }
        AmqpError refused = permits().exchange(Act.CONFIGURE, name, m.id());
        if (refused != null) {
            return refused;
        }
        Command command = new DeleteExchange(vhost(), name, m.ifUnused());
        return channel.call(command, m, m.noWait(), reply -> new ExchangeMethod.DeleteOk());
    }

    AmqpError bind(ExchangeMethod.Bind m) {
        return bindExchange(
                key(m.source(), Names.clean(m.destination()), m.routingKey(), m.arguments()),
                m,
                m.noWait(),
                new ExchangeMethod.BindOk());
    }

    AmqpError unbind(ExchangeMethod.Unbind m) {
        return bindExchange(
                key(m.source(), Names.clean(m.destination()), m.routingKey(), m.arguments()),
                m,
                m.noWait(),
                new ExchangeMethod.UnbindOk());
    }

    private AmqpError bindExchange(BindingKey key, Method m, boolean noWait, Method ok) {
        if (key.source().isEmpty() || key.destination().isEmpty()) {
            return refuseDefault(m.id());
        }
        boolean add = m.id() == MethodId.EXCHANGE_BIND;
        AmqpError refused = permits().bindExchange(key, m.id());
        AmqpError cannotBe = BrokerArguments.refusal(key.arguments(), m.id());
        refused = refused != null || !add ? refused : cannotBe;
        if (refused != null) {
            return refused;
        }
        return cannotBe != null
                ? unbound(noWait, ok)
                : channel.call(new BindExchange(vhost(), key, add), m, noWait, reply -> ok);
    }

    /** A binding that can't be is not there, which is fine. The log is not for what a frame holds. */
    private AmqpError unbound(boolean noWait, Method ok) {
        return noWait ? null : channel.answer(ok);
    }

    private static BindingKey key(String source, String destination, String routingKey, FieldTable arguments) {
        return new BindingKey(Names.clean(source), destination, routingKey, BrokerArguments.of(arguments));
    }

    private static AmqpError refuseDefault(MethodId id) {
        return AmqpError.of(ReplyCode.ACCESS_REFUSED, DEFAULT_EXCHANGE_TEXT, id);
    }

    AmqpError declare(QueueMethod.Declare m) {
        String name = Names.clean(m.queue());
        QueueSpec spec = new QueueSpec(m.durable(), m.exclusive(), m.autoDelete(), BrokerArguments.of(m.arguments()));
        boolean serverNamed = name.isEmpty() && !m.passive();
        if (serverNamed) {
            name = Names.random(connection.random(), prefix(spec));
        }
        channel.lastQueue().declared(name);
        AmqpError refused = permitDeclare(name, spec, m);
        refused = refused != null ? refused : BrokerArguments.refusal(spec.arguments(), m.id());
        if (refused != null) {
            return refused;
        }
        Command command = new DeclareQueue(id(), vhost(), name, spec, m.passive(), serverNamed);
        return channel.call(command, m, m.noWait(), reply -> declared((Reply.QueueDeclared) reply));
    }

    /** How the server's name begins. A prefix that can't be is refused when the arguments are looked at. */
    private static String prefix(QueueSpec spec) {
        return spec.arguments().get(ArgumentTable.NAME_PREFIX) instanceof String s
                        && s.length() <= MOST_PREFIX
                        && !Names.clean(s).startsWith(RESERVED)
                ? Names.clean(s)
                : Names.SERVER_QUEUE_PREFIX;
    }

    private AmqpError permitDeclare(String name, QueueSpec spec, QueueMethod.Declare m) {
        if (DirectReplyTo.isName(name)) {
            return null; // whoever knows one may look whether it is there
        }
        return m.passive()
                ? permits().lookAtQueue(name, m.id())
                : permits().declareQueue(name, spec.arguments(), m.id());
    }

    private static Method declared(Reply.QueueDeclared reply) {
        return new QueueMethod.DeclareOk(reply.queue(), count(reply.messages()), reply.consumers());
    }

    /** The wire has 32 bits for a number of messages. */
    static long count(long messages) {
        return Math.min(messages, 0xFFFF_FFFFL);
    }

    AmqpError bind(QueueMethod.Bind m) {
        return bindQueue(m.queue(), m.exchange(), m.routingKey(), m.arguments(), m, m.noWait());
    }

    AmqpError unbind(QueueMethod.Unbind m) {
        return bindQueue(m.queue(), m.exchange(), m.routingKey(), m.arguments(), m, false);
    }

    private AmqpError bindQueue(
            String queue, String exchange, String routingKey, FieldTable arguments, Method m, boolean noWait) {
        String name = channel.lastQueue().meant(queue);
        if (name.isEmpty()) {
            return LastQueue.none(m.id());
        }
        if (exchange.isEmpty()) {
            return refuseDefault(m.id());
        }
        if (DirectReplyTo.isName(name)) {
            return AmqpError.of(
                    ReplyCode.ACCESS_REFUSED,
                    "'" + name + "' is no queue and can't be bound: publish to it by the default exchange",
                    m.id());
        }
        String key = queue.isEmpty() && routingKey.isEmpty() ? name : routingKey;
        boolean add = m.id() == MethodId.QUEUE_BIND;
        BindingKey binding = key(exchange, name, key, arguments);
        AmqpError refused = permits().bindQueue(binding, m.id());
        AmqpError cannotBe = BrokerArguments.refusal(binding.arguments(), m.id());
        refused = refused != null || !add ? refused : cannotBe;
        if (refused != null) {
            return refused;
        }
        Method ok = add ? new QueueMethod.BindOk() : new QueueMethod.UnbindOk();
        return cannotBe != null
                ? unbound(noWait, ok)
                : channel.call(new BindQueue(id(), vhost(), binding, add), m, noWait, reply -> ok);
    }

    AmqpError purge(QueueMethod.Purge m) {
        String name = channel.lastQueue().meant(m.queue());
        if (name.isEmpty()) {
            return LastQueue.none(m.id());
        }
        AmqpError refused = permits().queue(Act.READ, name, m.id());
        if (refused != null) {
            return refused;
        }
        Command command = new PurgeQueue(id(), vhost(), name);
        return channel.call(command, m, m.noWait(), reply -> new QueueMethod.PurgeOk(removed(reply)));
    }

    AmqpError delete(QueueMethod.Delete m) {
        String name = channel.lastQueue().meant(m.queue());
        if (name.isEmpty()) {
            return LastQueue.none(m.id());
        }
        AmqpError refused = permits().queue(Act.CONFIGURE, name, m.id());
        if (refused != null) {
            return refused;
        }
        Command command = new DeleteQueue(id(), vhost(), name, m.ifUnused(), m.ifEmpty());
        return channel.call(command, m, m.noWait(), reply -> new QueueMethod.DeleteOk(removed(reply)));
    }

    private static long removed(Reply reply) {
        return reply instanceof Reply.Removed removed ? count(removed.messages()) : 0;
    }
}
