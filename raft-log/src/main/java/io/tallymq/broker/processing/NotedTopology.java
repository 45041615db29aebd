package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.ByUser;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.NoteImport;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.BindingKey;

/**
 * Tells the list of changes of queues, exchanges and bindings that users changed by HTTP. What is declared, bound or deleted again and is as it was is
 * no change: tools that put right what they find do so all day.
 */
public final class NotedTopology {
    private final AccessState access;
    private final Queues queues;
    private final Topology topology;

    public NotedTopology(AccessState access, Queues queues, Topology topology) {
        this.access = access;
        this.queues = queues;
        this.topology = topology;
    }

    /** What is another after a command that changed something; null for a command that does each time. */
    Object mark(Command command) {
        return switch (command.kind()) {
            case DECLARE_QUEUE -> spec(((DeclareQueue) command).vhost(), ((DeclareQueue) command).name());
            case DELETE_QUEUE -> spec(((DeleteQueue) command).vhost(), ((DeleteQueue) command).name());
            case PAUSE_QUEUE -> isPaused((PauseQueue) command);
            case DECLARE_EXCHANGE, DELETE_EXCHANGE -> topology.exchangeCount();
            case BIND_QUEUE, BIND_EXCHANGE -> topology.bindingCount();
            default -> null;
        };
    }

    private Object spec(String vhost, String name) {
        Queue q = queues.find(vhost, name);
        return q == null ? "none" : q.spec();
    }

    private Object isPaused(PauseQueue p) {
        Queue q = queues.find(p.vhost(), p.name());
        return q != null && q.assignment().isPaused();
    }

    /** Of a command that was carried out and changed something. */
    void note(ByUser a, Reply reply, long now) {
        switch (a.command().kind()) {
            case DECLARE_QUEUE -> {
                DeclareQueue d = (DeclareQueue) a.command();
                note(a, now, "queue.declare", queue(d.vhost(), d.name()));
            }
            case DELETE_QUEUE -> {
                DeleteQueue d = (DeleteQueue) a.command();
                note(a, now, "queue.delete", queue(d.vhost(), d.name()) + removed(reply));
            }
            case PURGE_QUEUE -> {
                PurgeQueue p = (PurgeQueue) a.command();
                note(a, now, "queue.purge", queue(p.vhost(), p.name()) + removed(reply));
            }
            case PAUSE_QUEUE -> {
                PauseQueue p = (PauseQueue) a.command();
                note(a, now, p.pause() ? "queue.pause" : "queue.resume", queue(p.vhost(), p.name()));
            }
            case DECLARE_EXCHANGE -> {
                DeclareExchange d = (DeclareExchange) a.command();
                note(a, now, "exchange.declare", exchange(d.vhost(), d.name()));
            }
            case DELETE_EXCHANGE -> {
                DeleteExchange d = (DeleteExchange) a.command();
                note(a, now, "exchange.delete", exchange(d.vhost(), d.name()));
            }
            case BIND_QUEUE -> {
                BindQueue b = (BindQueue) a.command();
                bound(
                        a,
                        now,
                        "queue." + verb(b.add()),
                        queue(b.vhost(), b.binding().destination()),
                        b.binding());
            }
            case BIND_EXCHANGE -> {
                BindExchange b = (BindExchange) a.command();
                String destination = exchange(b.vhost(), b.binding().destination());
                bound(a, now, "exchange." + verb(b.add()), destination, b.binding());
            }
            case NOTE_IMPORT -> {
                NoteImport n = (NoteImport) a.command();
                String into = n.vhost().isEmpty() ? "into the cluster" : "into vhost '" + n.vhost() + "'";
                note(a, now, "definitions.import", into + ": " + n.what());
            }
            default ->
                throw new IllegalStateException(
                        "nothing is noted of " + a.command().kind());
        }
    }

    private void bound(ByUser a, long now, String what, String destination, BindingKey b) {
        note(a, now, what, destination + ": exchange '" + b.source() + "', key '" + b.routingKey() + "'");
    }

    private void note(ByUser a, long now, String what, String subject) {
        access.noteTopology(now, a.by(), a.from(), what, subject);
    }

    private static String verb(boolean add) {
        return add ? "bind" : "unbind";
    }

    private static String removed(Reply reply) {
        return reply instanceof Reply.Removed r ? ": " + r.messages() + " messages" : "";
    }

    private static String queue(String vhost, String name) {
        return QueueArguments.resource(vhost, name);
    }

    private static String exchange(String vhost, String name) {
        return "exchange '" + name + "' in vhost '" + vhost + "'";
    }
}
