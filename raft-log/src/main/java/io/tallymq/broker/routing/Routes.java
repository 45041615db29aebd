package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * Where a message goes: by its route alone, which is remembered as long as the topology is as it is, or by more of the message. Costs what a search
 * visits, see {@link RouteSearch}. Called from the applying thread.
 */
public final class Routes {
    private final BiFunction<String, String, Exchange> exchanges;
    private final Predicate<String> isOpen;
    private final DefaultExchanges defaults;
    private final ResolvedRoutes cache = new ResolvedRoutes();
    private final RouteSearch search;
    private long searched;
    private boolean moveGivenUp;

    /**
     * Made once.
     *
     * @param exchanges finds one by virtual host and name, or null
     * @param isOpen whether there is such a virtual host, and it is to stay
     * @param level of the state
     */
    Routes(
            BiFunction<String, String, Exchange> exchanges,
            Predicate<String> isOpen,
            DefaultExchanges defaults,
            IntSupplier level) {
        this.exchanges = exchanges;
        this.isOpen = isOpen;
        this.defaults = defaults;
        this.search = new RouteSearch(exchanges, level);
    }

    /** Whether what is published there calls scheduled messages off. It is no exchange that anything can be bound to. */
    public static boolean isSchedule(Route route) {
        return route.exchange().equals(ExchangeRules.SCHEDULE);
    }

    /** Whether there is such a virtual host, and it is to stay. */
    public boolean isOpen(String vhost) {
        return isOpen.test(vhost);
    }

    /** Where messages with this route go. Never null. The answer holds until the topology changes. */
    public Resolved resolve(Route route) {
        Resolved known = cache.get(route);
        if (known != null) {
            return known;
        }
        Resolved found = search(route);
        // A queue that appears does not tell us, and the default exchange would have to know.
        if (found != Resolved.NOWHERE || !route.exchange().equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            cache.put(route, found);
        }
        return found;
    }

    /** Where a dead letter goes, each queue once; nowhere if there is no such exchange. Internal ones take it, too. */
    public RoutingTarget[] deadLetterTargets(Route route, RoutedMessage message) {
        Resolved r = resolve(route);
        moveGivenUp = false;
        if (r.refusal() == null && !r.needsMessage() && message.keys().isEmpty()) {
            return r.targets();
        }
        boolean missing = r.refusal() != null && exchanges.apply(route.vhost(), route.exchange()) == null;
        return missing ? RouteSearch.NO_TARGETS : matchMoved(route, message);
    }

    private RoutingTarget[] matchMoved(Route route, RoutedMessage message) {
        RoutingTarget[] found = match(route, message);
        moveGivenUp = givenUp() != null;
        return found;
    }

    /** Whether the last call of the two found nothing because the search is too long, not because there is nothing. */
    public boolean moveGivenUp() {
        return moveGivenUp;
    }

    /** Where a message goes whose time has come, each queue once; nowhere if its exchange has gone meanwhile. */
    public RoutingTarget[] laterTargets(Route route, RoutedMessage message) {
        Resolved r = resolve(route);
        moveGivenUp = r.refusal() == RouteSearch.TOO_LONG;
        return r.refusal() != null
                ? RouteSearch.NO_TARGETS
                : r.needsMessage() || !message.keys().isEmpty() ? matchMoved(route, message) : r.targets();
    }

    /** What is counted of publishes by this route: of its exchange, or for nobody if there is none. */
    public ExchangeTraffic traffic(Route route) {
        if (route.exchange().equals(ExchangeRules.DEFAULT_EXCHANGE) && isOpen.test(route.vhost())) {
            return defaults.traffic(route.vhost());
        }
        Exchange x = exchanges.apply(route.vhost(), route.exchange());
        return x == null ? new ExchangeTraffic() : x.traffic();
    }

    private Resolved search(Route route) {
        if (!isOpen.test(route.vhost())) { // a nack: its client is about to be sent away
            String text = "vhost '" + route.vhost() + "' is deleted";
            return Resolved.refused(new Reply.Rejected(312, Reply.Reason.UNROUTABLE, text));
        }
        if (route.exchange().equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            return defaults.resolve(route);
        }
        Exchange x = exchanges.apply(route.vhost(), route.exchange());
        if (x == null && isSchedule(route)) {
            return Resolved.NOWHERE;
        }
        if (x == null) {
            return Resolved.refused(ExchangeRules.notFound(route.vhost(), route.exchange()));
        }
        if (x.spec().internal()) {
            return Resolved.refused(ExchangeRules.isInternal(route.vhost(), route.exchange()));
        }
        RoutingTarget[] targets = search.byKey(x, route.routingKey());
        int work = search.work();
        if (search.isTooLong()) {
            return Resolved.refused(RouteSearch.TOO_LONG, work);
        }
        int min = x.settings().minQueues();
        return search.needsMessage() ? Resolved.byMessage(min, work) : Resolved.to(targets, min, work);
    }

    /**
     * The queues for one message, each once, in the order of their numbers, when {@link Resolved#needsMessage} said that more than its
     * route decides, or when the message has more routing keys. The route is not refused.
     */
    public RoutingTarget[] match(Route route, RoutedMessage message) {
        if (route.exchange().equals(ExchangeRules.DEFAULT_EXCHANGE)) {
            search.nothing();
            return defaults.match(route, message.keys());
        }
        Exchange x = exchanges.apply(route.vhost(), route.exchange());
        RoutingTarget[] found = x == null // a name that is no exchange, see isSchedule
                ? search.nothing()
                : search.byMessage(x, route.routingKey(), message);
        searched += search.work();
        return found;
    }

    /** Queues that a message could have reached from its exchange, some of them, by name: why it does not. For people. */
    public Map<String, String> unmatched(Route route, RoutingTarget[] reached) {
        Exchange x = exchanges.apply(route.vhost(), route.exchange());
        return x == null ? Map.of() : new Unmatched(exchanges, reached).from(x);
    }

    /** Why the last {@link #match} found nothing although there may be something; null when it is as it says. */
    public Reply.Rejected givenUp() {
        return search.isTooLong() ? RouteSearch.TOO_LONG : null;
    }

    /** Whether the last {@link #match} would find other queues for another such message, by chance. */
    public boolean choseByChance() {
        return search.wasByChance();
    }

    /** Units of work of all calls of {@link #match}: what these cost beside what they found. */
    public long searched() {
        return searched;
    }

    /** Bindings that matched in all searches. */
    public long matched() {
        return search.matched();
    }

    /** The topology has changed, or what routes lead to may be another thing from now on. */
    void forget() {
        cache.clear();
    }

    /** What hash rings of exchanges take. */
    RingRoom rings() {
        return search.rings();
    }
}
