package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.BindingKey;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** What the user of a connection may do, as errors of methods; null where he may. Event loop only. */
public final class Permits {
    private final Rights rights;
    private final String user;
    private final String vhost;

    /** @param rights as they are whenever somebody asks */
    public Permits(Rights rights, String user, String vhost) {
        this.rights = rights;
        this.user = user;
        this.vhost = vhost;
    }

    /** Another number whenever an answer may be another one. */
    public long version() {
        return rights.version();
    }

    /** The expression of the queues that the user may read; none when he may not be where he is. */
    public Optional<String> readable() {
        return rights.readable();
    }

    /** Whether the user may be where he is. */
    public boolean mayEnter() {
        return rights.mayEnter();
    }

    /** Why he may not. */
    public AmqpError notHere(MethodId id) {
        return AmqpError.of(
                ReplyCode.ACCESS_REFUSED, "access to vhost '" + vhost + "' refused for user '" + user + "'", id);
    }

    /** Whether its messages may bear another user's name. */
    public boolean mayImpersonate() {
        return rights.mayImpersonate();
    }

    /** Null, or 403: the name may be empty for the default exchange. */
    public AmqpError exchange(Act act, String name, MethodId id) {
        return rights.may(act, name) ? null : refusal(act, "exchange '" + Rights.named(name) + "'", id);
    }

    /** Null, or 403. */
    public AmqpError queue(Act act, String name, MethodId id) {
        return rights.may(act, name) ? null : refusal(act, "queue '" + name + "'", id);
    }

    /** A declare that only looks is for everybody who may do anything with the name. */
    public AmqpError lookAtQueue(String name, MethodId id) {
        return mayAnything(name) ? null : refusal(Act.CONFIGURE, "queue '" + name + "'", id);
    }

    /** As {@link #lookAtQueue}. */
    public AmqpError lookAtExchange(String name, MethodId id) {
        return mayAnything(name) ? null : refusal(Act.CONFIGURE, "exchange '" + name + "'", id);
    }

    private boolean mayAnything(String name) {
        return rights.may(Act.CONFIGURE, name) || rights.may(Act.WRITE, name) || rights.may(Act.READ, name);
    }

    /** To publish with the key, or to bind with it. */
    public AmqpError topic(Act act, String exchange, String routingKey, MethodId id) {
        return rights.mayOnTopic(act, exchange, routingKey)
                ? null
                : refusal(act, "topic '" + routingKey + "' in exchange '" + exchange + "'", id);
    }

    /** Null, or 403: the name has to be his to configure, and what goes on elsewhere his to read and to write there. */
    public AmqpError declareExchange(String name, Arguments arguments, MethodId id) {
        AmqpError error = exchange(Act.CONFIGURE, name, id);
        return error != null ? error : goOn(arguments, () -> exchange(Act.READ, name, id), id);
    }

    /** As {@link #declareExchange}. */
    public AmqpError declareQueue(String name, Arguments arguments, MethodId id) {
        AmqpError error = queue(Act.CONFIGURE, name, id);
        return error != null ? error : goOn(arguments, () -> queue(Act.READ, name, id), id);
    }

    /** Who has messages go on to an exchange reads them and writes there. */
    private AmqpError goOn(Arguments arguments, Supplier<AmqpError> read, MethodId id) {
        for (String argument : ArgumentTable.GO_ON) {
            Object to = arguments.get(argument);
            AmqpError error = to == null ? null : read.get();
            error = error != null || to == null ? error : exchange(Act.WRITE, to.toString(), id);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    /** Null, or 403: the queue has to be his to write, and the exchange his to read, by this key too. */
    public AmqpError bindQueue(BindingKey key, MethodId id) {
        AmqpError error = queue(Act.WRITE, key.destination(), id);
        return error != null ? error : from(key, id);
    }

    /** As {@link #bindQueue}. */
    public AmqpError bindExchange(BindingKey key, MethodId id) {
        AmqpError error = exchange(Act.WRITE, key.destination(), id);
        return error != null ? error : from(key, id);
    }

    private AmqpError from(BindingKey key, MethodId id) {
        AmqpError error = exchange(Act.READ, key.source(), id);
        return error != null ? error : topic(Act.READ, key.source(), key.routingKey(), id);
    }

    private AmqpError refusal(Act act, String what, MethodId id) {
        return AmqpError.of(
                ReplyCode.ACCESS_REFUSED,
                act.name().toLowerCase(Locale.ROOT) + " access to " + what + " in vhost '" + vhost
                        + "' refused for user '" + user + "'",
                id);
    }
}
