package io.tallymq.broker.processing;

import io.tallymq.broker.access.Policies;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.settings.PolicyRound;
import io.tallymq.broker.spec.Governed;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Policies are set and cleared, and queues and exchanges go by them: what is declared at once, what is there already in the entries that
 * follow, some each, see {@link PolicyRound}. Small states are through before the one who set the policy is answered.
 */
public final class PolicyCommands {
    /** What writing a queue or an exchange anew costs, in units of looking at one. */
    private static final int CHANGE_COST = 2;

    private final Policies policies;
    private final PolicyRound round;
    private final Queues queues;
    private final Topology topology;
    private final Handouts handouts;
    private final VhostRules vhosts;
    private final Ids ids;
    private final SeenKeys seen;
    private final LongSupplier clock;
    private final IntSupplier level;
    private final int perEntry;

    public PolicyCommands(
            Policies policies,
            PolicyRound round,
            Queues queues,
            Topology topology,
            Handouts handouts,
            VhostRules vhosts,
            Ids ids,
            SeenKeys seen,
            LongSupplier clock,
            IntSupplier level,
            WorkLimits work) {
        this.vhosts = vhosts;
        this.ids = ids;
        this.seen = seen;
        this.clock = clock;
        this.level = level;
        this.policies = policies;
        this.round = round;
        this.queues = queues;
        this.topology = topology;
        this.handouts = handouts;
        this.perEntry = work.perEntry();
    }

    /** The level of the state that some keys need. */
    private static int level(String key, Object value) {
        if (ArgumentTable.isLongTime("x-" + key, value) || ArgumentTable.isLongTime(key, value)) {
            return ArgumentTable.LONG_TIMES;
        }
        return switch (key) {
            case "consumer-timeout", "group-by", "fair-by", "max-age", "min-queues" -> 3;
            case "confirm", "dedup-id", "dedup-window", "dedup-max", "receipts" -> 5;
            case ArgumentTable.DEDUPLICATION,
                    ArgumentTable.CACHE_SIZE,
                    ArgumentTable.CACHE_TTL,
                    ArgumentTable.CACHE_PERSISTENCE -> 5;
            case "initial-cluster-size", "max-segment-size", "stream-max-segment-size-bytes" -> 5;
            default -> 1;
        };
    }

    public Reply set(SetPolicy s) {
        if (!topology.hasVhost(s.vhost()) || vhosts.missing(s.vhost()) != null) {
            return Reply.notFound("vhost '" + s.vhost() + "' not found");
        }
        for (Map.Entry<String, Object> e : s.spec().definition().values().entrySet()) {
            int needed = level(e.getKey(), e.getValue());
            if (level.getAsInt() < needed) {
                return Reply.belowLevel("'" + e.getKey() + "' is known", needed, level.getAsInt());
            }
        }
        Reply reply = policies.set(s.vhost(), s.name(), s.operator(), s.spec());
        if (!(reply instanceof Reply.Rejected)) {
            round.begin();
        }
        return reply;
    }

    public Reply clear(ClearPolicy c) {
        Reply reply = policies.clear(c.vhost(), c.name(), c.operator());
        if (reply == Reply.OK) {
            round.begin();
        }
        return reply;
    }

    /** What a queue would go by if it was declared like this. */
    PolicyInEffect inEffect(QueueSpec spec, Queue q) {
        return policies.inEffect(QueueArguments.owner(spec), q.vhost(), q.name());
    }

    /** The queue is new. */
    void declared(Queue q) {
        PolicyInEffect policy = policies.inEffect(QueueArguments.owner(q.spec()), q.vhost(), q.name());
        if (policy != null) {
            queues.goBy(q, policy);
        }
    }

    /** The exchange is new. */
    void declared(Exchange x) {
        PolicyInEffect policy = policies.inEffect(Owner.EXCHANGE, x.vhost(), x.name());
        if (policy != null) {
            goBy(x, policy);
        }
    }

    /** The entry's commands are done: the round goes on. */
    public void step(Effects effects) {
        policies.takeUnits();
        for (int left = perEntry; left > 0 && round.isActive(); ) {
            long number = round.next(this::behind);
            if (number != PolicyRound.NONE) {
                left -= 1 + (visit(number, effects) ? CHANGE_COST : 0) + policies.takeUnits();
            }
        }
    }

    private long behind(long number) {
        Governed q = queues.behind(number);
        Governed x = topology.behind(number);
        if (q == null || x == null) {
            return q == null && x == null ? PolicyRound.NONE : (q == null ? x : q).number();
        }
        return Math.min(q.number(), x.number());
    }

    /** Returns whether anything changed. */
    private boolean visit(long number, Effects effects) {
        Queue q = queues.byNumber(number);
        if (q == null) {
            return visit(topology.behind(number - 1));
        }
        PolicyInEffect now = policies.inEffect(QueueArguments.owner(q.spec()), q.vhost(), q.name());
        if (Objects.equals(now, q.policy())) {
            return false;
        }
        queues.goBy(q, now);
        handouts.dispatch(q, effects); // a limit may be lower
        return true;
    }

    private boolean visit(Exchange x) {
        PolicyInEffect now = policies.inEffect(Owner.EXCHANGE, x.vhost(), x.name());
        boolean changes = !Objects.equals(now, x.policy());
        if (changes) {
            goBy(x, now);
        }
        return changes;
    }

    private void goBy(Exchange x, PolicyInEffect policy) {
        Deduplication before = x.deduplication();
        topology.goBy(x, policy);
        if (level.getAsInt() >= SeenKeys.LEVEL && !Deduplication.isBySame(before, x.deduplication())) {
            seen.forget(x.number());
        }
        ids.goBy(x.number(), x.settings().ids(), clock.getAsLong());
    }
}
