package io.tallymq.admin.request;

import io.tallymq.broker.access.Rights;
import io.tallymq.broker.access.Rights.Act;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.BindingKey;
import java.util.Locale;

/**
 * What the user of a request may do in the virtual host that its path names, by the permissions that AMQP's methods ask for: the tag
 * administrator does not say what somebody may do with queues and exchanges. What he may not do is refused with 403.
 */
public record RequestPermits(Rights rights, String user, String vhost) {
    public static RequestPermits of(AdminContext context, ApiRequest request) {
        return new RequestPermits(
                request.rights(context.broker()::access), request.user().name(), request.variable("vhost"));
    }

    public void queue(Act act, String name) {
        require(rights.may(act, name), act, "queue '" + name + "'");
    }

    public void exchange(Act act, String name) {
        require(rights.may(act, name), act, "exchange '" + Rights.named(name) + "'");
    }

    /** To publish with the key, or to bind with it. */
    public void topic(Act act, String exchange, String routingKey) {
        require(
                rights.mayOnTopic(act, exchange, routingKey),
                act,
                "topic '" + routingKey + "' in exchange '" + Rights.named(exchange) + "'");
    }

    /**
     * To publish with this property user_id: his own name, or another's if he has the tag impersonator. Null for none.
     *
     * @throws RefusedException 400, as AMQP's 406
     */
    public void name(Object userId) {
        if (userId != null && !userId.equals(user) && !rights.mayImpersonate()) {
            throw RefusedException.badRequest(
                    "user_id property set to '" + userId + "' but authenticated user was '" + user + "'");
        }
    }

    /** To publish with any key there is. */
    public void everyTopic(String exchange, String advice) {
        if (rights.isTopicRestricted(exchange)) {
            throw RefusedException.notAuthorised("user '" + user + "' may write to some topics in exchange '" + exchange
                    + "' in vhost '" + vhost + "' only: " + advice);
        }
    }

    public void declareQueue(String name, Arguments arguments) {
        queue(Act.CONFIGURE, name);
        goOn(arguments, () -> queue(Act.READ, name));
    }

    public void declareExchange(String name, Arguments arguments) {
        exchange(Act.CONFIGURE, name);
        goOn(arguments, () -> exchange(Act.READ, name));
    }

    /** Who has messages go on to an exchange reads them and writes there. */
    private void goOn(Arguments arguments, Runnable read) {
        for (String argument : ArgumentTable.GO_ON) {
            Object to = arguments.get(argument);
            if (to != null) {
                read.run();
                exchange(Act.WRITE, to.toString());
            }
        }
    }

    /** Also to unbind. */
    public void bind(BindingKey key, boolean toQueue) {
        if (toQueue) {
            queue(Act.WRITE, key.destination());
        } else {
            exchange(Act.WRITE, key.destination());
        }
        exchange(Act.READ, key.source());
        topic(Act.READ, key.source(), key.routingKey());
    }

    private void require(boolean may, Act act, String what) {
        if (!may) {
            throw RefusedException.notAuthorised(act.name().toLowerCase(Locale.ROOT) + " access to " + what
                    + " in vhost '" + vhost + "' refused for user '" + user + "'");
        }
    }
}
