package io.tallymq.broker.processing;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.access.Policies;
import io.tallymq.broker.access.Removal;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.reports.Untold;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.time.Schedule;
import java.util.function.IntSupplier;

/**
 * What was in a virtual host that is deleted is taken out, some of it per entry: exchanges, queues, scheduled messages, permissions; policies at
 * once. Its name is free when dead letters and reports of it are on their way no more: they go by names.
 */
public final class VhostRemoval {
    /** What taking an exchange or a queue out costs, in units of looking at one. */
    private static final int COST = 20;

    /** The level of the state from which on a name waits for what goes by it. */
    private static final int LEVEL = 5;

    private final AccessState access;
    private final Topology topology;
    private final Queues queues;
    private final QueueCommands queueCommands;
    private final Schedule schedule;
    private final Policies policies;
    private final Producers producers;
    private final Leaving leaving;
    private final Untold untold;
    private final IntSupplier level;
    private final int perEntry;
    /** Whether the last step took anything out. */
    private boolean wasTaken;
    /** Units of what was noted of its messages and is taken out. */
    private int remains;

    /**
     * Made once.
     *
     * @param level of the state
     * @param perEntry units of work of one entry
     */
    public VhostRemoval(
            AccessState access,
            Topology topology,
            Queues queues,
            QueueCommands queueCommands,
            Schedule schedule,
            Policies policies,
            Producers producers,
            Leaving leaving,
            Untold untold,
            IntSupplier level,
            int perEntry) {
        this.leaving = leaving;
        this.untold = untold;
        this.level = level;
        this.producers = producers;
        this.access = access;
        this.topology = topology;
        this.queues = queues;
        this.queueCommands = queueCommands;
        this.schedule = schedule;
        this.policies = policies;
        this.perEntry = perEntry;
    }

    /** The entry's commands are done: the removal goes on. */
    public void step(Effects effects) {
        if (!access.isAnyGoing()) {
            return;
        }
        String vhost = access.going().getKey();
        Removal r = access.going().getValue();
        for (int left = perEntry; left > 0 && r != null; ) {
            wasTaken = false;
            remains = 0;
            if (r.stage() == Removal.Stage.REPORTS && (leaving.hasQueueOf(vhost) || untold.hasOf(vhost))) {
                break; // entries that follow get on with these
            }
            r = switch (r.stage()) {
                case EXCHANGES -> exchange(vhost, r);
                case QUEUES -> queue(vhost, r, effects);
                case SCHEDULED -> scheduled(vhost, r);
                case PERMISSIONS -> permission(vhost, r);
                case REPORTS -> r.next();
            };
            left -= wasTaken ? COST + remains : 1;
        }
        if (r == null) {
            policies.clearAll(vhost);
        }
        access.going(vhost, r);
    }

    private Removal exchange(String vhost, Removal r) {
        Exchange x = topology.anyOf(vhost);
        wasTaken = x != null;
        if (x == null) {
            topology.removeVhost(vhost);
            return r.next();
        }
        topology.take(x);
        if (topology.anyOf(vhost) == null) {
            topology.removeVhost(
                    vhost); // with the last one, as who starts between two entries knows none without exchanges
        }
        return r;
    }

    private Removal queue(String vhost, Removal r, Effects effects) {
        Queue q = queues.behind(r.at());
        wasTaken = q != null && q.vhost().equals(vhost);
        if (wasTaken) {
            remains = queueCommands.removeWithVhost(q, effects);
        }
        return q == null ? r.next() : new Removal(r.stage(), q.number(), 0);
    }

    private Removal permission(String vhost, Removal r) {
        wasTaken = producers.removeOf(vhost, 1) > 0 || access.takeMember(vhost);
        return wasTaken ? r : level.getAsInt() < LEVEL ? null : r.next();
    }

    private Removal scheduled(String vhost, Removal r) {
        Schedule.Due due = schedule.behind(new Schedule.Due(r.at(), r.number()));
        wasTaken = due != null && schedule.drop(due, vhost);
        return due == null ? r.next() : new Removal(r.stage(), due.time(), due.number());
    }
}
