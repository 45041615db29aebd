package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.spec.RoutingTarget;

/**
 * Where a route leads.
 *
 * @param refusal non-null: the exchange is missing (404) or internal (403), and nothing may be published there
 * @param targets the queues, each once, in the order of their numbers; not to be changed
 * @param needsMessage more of the message than its routing key decides: ask {@link Topology#match} for the targets instead
 */
public record Resolved(Reply.Rejected refusal, RoutingTarget[] targets, boolean needsMessage) {
    /** No queue. */
    static final Resolved NOWHERE = new Resolved(null, RouteSearch.NO_TARGETS, false);

    static final Resolved BY_MESSAGE = new Resolved(null, RouteSearch.NO_TARGETS, true);

    static Resolved refused(Reply.Rejected why) {
        return new Resolved(why, RouteSearch.NO_TARGETS, false);
    }
}
