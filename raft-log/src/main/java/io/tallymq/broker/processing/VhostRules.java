package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.User;
import io.tallymq.broker.view.Vhost;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** What virtual hosts and users say of what is declared and opened: that there is such a one, its limits, the type of queues without one. */
public final class VhostRules {
    private final AccessState access;
    private final Queues queues;
    private final Connections connections;
    private final IntSupplier level;

    /** @param level of the state */
    public VhostRules(AccessState access, Queues queues, Connections connections, IntSupplier level) {
        this.access = access;
        this.queues = queues;
        this.connections = connections;
        this.level = level;
    }

    /** Null if something may be declared in it. */
    Reply.Rejected missing(String vhost) {
        return level.getAsInt() < Administer.LEVEL || access.hasVhost(vhost)
                ? null
                : Reply.notAllowed("vhost '" + vhost + "' not found");
    }

    /** Null if one more queue may be. */
    Reply.Rejected tooMany(String vhost, String name) {
        Vhost v = access.vhost(vhost);
        long most = v == null ? Long.MAX_VALUE : v.most(Vhost.MAX_QUEUES);
        return queues.count(vhost) < most
                ? null
                : Reply.precondition(
                        Reply.Reason.LIMIT,
                        "cannot declare queue '" + name + "': queue limit in vhost '" + vhost + "' (" + most
                                + ") is reached");
    }

    /** Null if it is there and stays. */
    Reply.Rejected refusal(String vhost) {
        Vhost v = access.vhost(vhost);
        return v == null || v.isGoing() ? Reply.notFound("vhost '" + vhost + "' not found") : null;
    }

    /** Null if the connection may be opened. */
    Reply.Rejected refusal(ConnectionInfo info) {
        if (level.getAsInt() < Administer.LEVEL) {
            return null;
        }
        Vhost v = access.vhost(info.vhost());
        if (v == null || v.isGoing()) {
            return Reply.notAllowed("vhost " + info.vhost() + " not found");
        }
        long most = v.most(Vhost.MAX_CONNECTIONS);
        if (connections.countIn(info.vhost()) >= most) {
            return new Reply.Rejected(
                    530,
                    Reply.Reason.LIMIT,
                    "access to vhost '" + info.vhost() + "' refused for user '" + info.user() + "': connection limit ("
                            + most + ") is reached");
        }
        User u = access.user(info.user());
        long own = u == null ? Long.MAX_VALUE : u.most(User.MAX_CONNECTIONS);
        if (connections.countOf(info.user()) >= own) {
            return new Reply.Rejected(
                    530,
                    Reply.Reason.LIMIT,
                    "connection refused for user '" + info.user() + "': user connection limit (" + own
                            + ") is reached");
        }
        return null;
    }

    /** What is declared without a type is of the virtual host's, if it can be. */
    QueueSpec withType(String vhost, QueueSpec spec) {
        Vhost v = access.vhost(vhost);
        String type = v == null ? "" : v.spec().defaultQueueType();
        boolean canBe = spec.durable() && !spec.exclusive() && !spec.autoDelete();
        if (type.isEmpty() || !canBe || spec.arguments().get(ArgumentTable.QUEUE_TYPE) != null) {
            return spec;
        }
        Map<String, Object> arguments = new TreeMap<>(spec.arguments().values());
        arguments.put(ArgumentTable.QUEUE_TYPE, type);
        return new QueueSpec(spec.durable(), spec.exclusive(), spec.autoDelete(), new Arguments(arguments));
    }
}
