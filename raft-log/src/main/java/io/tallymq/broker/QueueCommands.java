package io.tallymq.broker;

import io.tallymq.broker.limits.StateLimits;
import java.util.List;
import java.util.function.LongSupplier;

/** The queue class of AMQP (1.7): declare, bind, purge, delete. */
final class QueueCommands {
    private static final String RESERVED = "amq.";

    private final Queues queues;
    private final Topology topology;
    private final Connections connections;
    private final Dirty dirty;
    private final Handouts handouts;
    private final LongSupplier newNumber;
    private final StateLimits limits;

    QueueCommands(
            Queues queues,
            Topology topology,
            Connections connections,
            Dirty dirty,
            Handouts handouts,
            LongSupplier newNumber,
            StateLimits limits) {
        this.limits = limits;
        this.queues = queues;
        this.topology = topology;
        this.connections = connections;
        this.dirty = dirty;
        this.handouts = handouts;
        this.newNumber = newNumber;
    }

    Reply declare(Command.DeclareQueue d) {
        Queue q = queues.find(d.vhost(), d.name());
        if (d.passive()) {
            return q == null ? notFound(d.vhost(), d.name()) : declared(q, d.connection());
        }
        Reply.Rejected bad = d.serverNamed() ? QueueArguments.serverNamedRefusal(d.spec()) : null;
        if (bad == null) {
            bad = QueueArguments.check(d.spec(), d.name(), d.vhost());
        }
        if (q != null) {
            Reply.Rejected locked = QueueArguments.locked(q, d.connection());
            if (locked != null) {
                return locked;
            }
            Reply.Rejected other =
                    bad != null ? bad : QueueArguments.inequivalent(q.spec(), d.spec(), d.name(), d.vhost());
            return other != null ? other : declared(q, d.connection());
        }
        if (d.name().startsWith(RESERVED) && !d.serverNamed()) {
            return Reply.accessRefused("queue name '" + d.name() + "' contains reserved prefix 'amq.*'");
        }
        if (bad != null) {
            return bad;
        }
        if (queues.all().size() >= limits.queues()) {
            return Reply.limit("queues", limits.queues());
        }
        q = queues.create(newNumber.getAsLong(), d);
        if (q.owner() != null) {
            connections.get(d.connection()).exclusiveQueues.add(q.number());
        }
        return declared(q, d.connection());
    }

    private Reply declared(Queue q, ConnectionId by) {
        Reply.Rejected locked = QueueArguments.locked(q, by);
        return locked != null ? locked : new Reply.QueueDeclared(q.name(), q.ready(), q.consumerCount());
    }

    Reply delete(Command.DeleteQueue d, Effects effects) {
        Queue q = queues.find(d.vhost(), d.name());
        if (q == null) {
            return new Reply.Removed(0);
        }
        Reply.Rejected locked = QueueArguments.locked(q, d.connection());
        if (locked != null) {
            return locked;
        }
        if (d.ifUnused() && q.consumerCount() > 0) {
            return Reply.precondition(Reply.Reason.IN_USE, QueueArguments.resource(q) + " in use");
        }
        if (d.ifEmpty() && q.ready() > 0) {
            return Reply.precondition(Reply.Reason.NOT_EMPTY, QueueArguments.resource(q) + " not empty");
        }
        final long ready = q.ready();
        remove(q, effects);
        return new Reply.Removed(ready);
    }

    /** Deletes a queue with all that hangs on it; its consumers are told. */
    void remove(Queue q, Effects effects) {
        List<Holder> holders = q.holders();
        for (Holder h : holders) {
            if (!h.isGetter() && !h.cancelled) {
                effects.consumerCancelled(h);
            }
            Connections.Connection c = connections.get(h.connection());
            if (c != null) {
                c.remove(h);
            }
            queues.forget(h);
        }
        topology.queueDeleted(q);
        Connections.Connection owner = q.owner() == null ? null : connections.get(q.owner());
        if (owner != null) {
            owner.exclusiveQueues.remove(q.number());
        }
        queues.remove(q);
        for (Holder h : holders) {
            dispatchChannel(connections.get(h.connection()), h.channel(), effects);
        }
    }

    /** Hands out what the consumers of a channel may have, now that others of the channel hold less. */
    void dispatchChannel(Connections.Connection c, int channel, Effects effects) {
        if (c != null && c.isLimited(channel)) {
            for (Holder h : c.holders(channel)) {
                handouts.dispatch(h.queue(), effects);
            }
        }
    }

    Reply purge(Command.PurgeQueue p) {
        Queue q = queues.find(p.vhost(), p.name());
        if (q == null) {
            return notFound(p.vhost(), p.name());
        }
        Reply.Rejected locked = QueueArguments.locked(q, p.connection());
        if (locked != null) {
            return locked;
        }
        dirty.touched(q);
        return new Reply.Removed(q.log.purge());
    }

    Reply bind(Command.BindQueue b) {
        Queue q = queues.find(b.vhost(), b.binding().destination());
        if (q == null) {
            return b.add() ? notFound(b.vhost(), b.binding().destination()) : Reply.OK;
        }
        if (!b.add() && !topology.isBound(b.vhost(), b.binding(), q)) {
            return Reply.OK;
        }
        Reply.Rejected locked = QueueArguments.locked(q, b.connection());
        return locked != null ? locked : topology.bindQueue(b.vhost(), b.binding(), q, b.add());
    }

    static Reply.Rejected notFound(String vhost, String name) {
        return Reply.notFound("no " + QueueArguments.resource(vhost, name));
    }
}
