package io.tallymq.broker.processing;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.queue.AckTimeouts;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ArgumentTable;
import java.util.List;
import java.util.function.IntSupplier;

/** Exchanges are declared, deleted and bound to each other. */
public final class ExchangeCommands {
    /** What came with that level of the state, beside what queues have, too. */
    private static final List<String> LEVEL_3 = List.of(
            ArgumentTable.MIN_QUEUES, ArgumentTable.DEAD_LETTER_EXCHANGE, ArgumentTable.DEAD_LETTER_ROUTING_KEY);

    private final Topology topology;

    private final PolicyCommands policies;
    private final VhostRules vhosts;
    private final IntSupplier level;

    /** @param level of the state */
    public ExchangeCommands(Topology topology, PolicyCommands policies, VhostRules vhosts, IntSupplier level) {
        this.vhosts = vhosts;
        this.level = level;
        this.topology = topology;
        this.policies = policies;
    }

    public Reply declare(DeclareExchange d) {
        Reply.Rejected unknown = d.passive() ? null : vhosts.missing(d.vhost());
        unknown = unknown != null || d.passive() ? unknown : unknown(d);
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

    /** 540 for what comes with a level that the cluster does not have yet; 406 for what means nothing. */
    private Reply.Rejected unknown(DeclareExchange d) {
        int needed = ExchangeType.level(d.spec().type(), d.spec().arguments());
        if (level.getAsInt() < needed) {
            return Reply.belowLevel("exchange type '" + d.spec().type() + "' is known", needed, level.getAsInt());
        }
        String resource = "exchange '" + d.name() + "' in vhost '" + d.vhost() + "'";
        Reply.Rejected r = QueueArguments.unknownAt(level.getAsInt(), d.spec().arguments(), resource);
        for (String name : LEVEL_3) {
            r = r != null
                    ? r
                    : QueueArguments.unknownAt(
                            level.getAsInt(), AckTimeouts.LEVEL, name, d.spec().arguments(), resource);
        }
        r = r != null ? r : text(d.spec().arguments(), resource);
        return r != null ? r : QueueArguments.letterless(d.spec().arguments(), resource);
    }

    /** 540 for numbers that are written as text, which came with {@link SeenKeys#LEVEL}. */
    private Reply.Rejected text(Arguments arguments, String resource) {
        for (String name : List.of(ArgumentTable.CACHE_SIZE, ArgumentTable.CACHE_TTL)) {
            if (level.getAsInt() < SeenKeys.LEVEL && arguments.get(name) instanceof String) {
                String what = "argument '" + name + "' of " + resource + " may be text";
                return Reply.belowLevel(what, SeenKeys.LEVEL, level.getAsInt());
            }
        }
        return null;
    }

    public Reply delete(DeleteExchange d) {
        return topology.deleteExchange(d.vhost(), d.name(), d.ifUnused());
    }

    public Reply bind(BindExchange b) {
        return topology.bindExchange(b.vhost(), b.binding(), b.add());
    }
}
