package io.tallymq.broker.processing;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.routing.Topology;

/** Exchanges are declared, deleted and bound to each other. */
public final class ExchangeCommands {
    private final Topology topology;

    public ExchangeCommands(Topology topology) {
        this.topology = topology;
    }

    public Reply declare(DeclareExchange d) {
        return topology.declareExchange(d.vhost(), d.name(), d.spec(), d.passive());
    }

    public Reply delete(DeleteExchange d) {
        return topology.deleteExchange(d.vhost(), d.name(), d.ifUnused());
    }

    public Reply bind(BindExchange b) {
        return topology.bindExchange(b.vhost(), b.binding(), b.add());
    }
}
