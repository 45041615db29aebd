package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.RoutingTarget;

/**
 * Where a route leads.
 *
 * @param refusal non-null: the exchange is missing (404) or internal (403), and nothing may be published there
 * @param targets the queues, each once, in the order of their numbers; not to be changed
 * @param needsMessage more of the message than its routing key decides: ask {@link Topology#match} for the targets instead
 * @param minQueues fewer queues than that, and the exchange has a publish refused
 * @param work units of work that it takes to find out, whoever knows it already
 */
public record Resolved(Reply.Rejected refusal, RoutingTarget[] targets, boolean needsMessage, int minQueues, int work) {
    /** No queue. */
    static final Resolved NOWHERE = new Resolved(null, RouteSearch.NO_TARGETS, false, 0, 0);

    private static final Resolved BY_MESSAGE = new Resolved(null, RouteSearch.NO_TARGETS, true, 0, 0);

    static Resolved byMessage(int minQueues, int work) {
        return minQueues == 0 && work == 0
                ? BY_MESSAGE
                : new Resolved(null, RouteSearch.NO_TARGETS, true, minQueues, work);
    }

    static Resolved to(RoutingTarget[] targets, int minQueues, int work) {
        return targets.length == 0 && minQueues == 0 && work == 0
                ? NOWHERE
                : new Resolved(null, targets, false, minQueues, work);
    }

    static Resolved refused(Reply.Rejected why) {
        return refused(why, 0);
    }

    static Resolved refused(Reply.Rejected why, int work) {
        return new Resolved(why, RouteSearch.NO_TARGETS, false, 0, work);
    }
}
