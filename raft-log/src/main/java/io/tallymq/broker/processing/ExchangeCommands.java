package io.tallymq.broker.processing;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.routing.Topology;
import java.util.function.IntSupplier;

/** Exchanges are declared, deleted and bound to each other. */
public final class ExchangeCommands {
    private final Topology topology;

    private final PolicyCommands policies;
    private final IntSupplier level;

    /** @param level of the state */
    public ExchangeCommands(Topology topology, PolicyCommands policies, IntSupplier level) {
        this.level = level;
        this.topology = topology;
        this.policies = policies;
    }

    public Reply declare(DeclareExchange d) {
        Reply.Rejected unknown = d.passive() ? null : unknown(d);
        if (unknown != null) {
            return unknown;
        }
        Exchange before = topology.exchange(d.vhost(), d.name());
        Reply reply = topology.declareExchange(d.vhost(), d.name(), d.spec(), d.passive());
        Exchange now = before == null ? topology.exchange(d.vhost(), d.name()) : null;
        if (now != null) {
            policies.declared(now);
        }
        return reply;
    }

    /** 540 for what comes with a level that the cluster does not have yet. */
    private Reply.Rejected unknown(DeclareExchange d) {
        int needed = ExchangeType.level(d.spec().type());
        if (level.getAsInt() < needed) {
            return Reply.notImplemented("exchange type '" + d.spec().type() + "' is for clusters of level " + needed
                    + ", and this one is of level " + level.getAsInt()
                    + ": try again when all its nodes are up and run this version");
        }
        return QueueArguments.unknownAt(
                level.getAsInt(), d.spec().arguments(), "exchange '" + d.name() + "' in vhost '" + d.vhost() + "'");
    }

    public Reply delete(DeleteExchange d) {
        return topology.deleteExchange(d.vhost(), d.name(), d.ifUnused());
    }

    public Reply bind(BindExchange b) {
        return topology.bindExchange(b.vhost(), b.binding(), b.add());
    }
}
