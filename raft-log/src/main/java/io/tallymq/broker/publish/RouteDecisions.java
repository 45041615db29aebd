package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.routing.ExchangeTraffic;
import io.tallymq.broker.routing.Resolved;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Routes;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.BitSet;
import java.util.function.IntSupplier;

/** Where the messages of a run go, as far as their routes and headers alone decide, and what else these ask for. One message at a time: what is told is of the one looked at last. */
final class RouteDecisions {
    /** Bindings that match are so many to a unit of work. */
    private static final int MATCHES_PER_WORK = 16;
    /** The level of the state from which on the first look at a route counts, too. */
    private static final int SEARCHES_COUNT = 5;

    private final Routes routes;
    private final ReplyRoutes replies;
    private final Duplicates duplicates;
    private final RecentHistory history;
    private final IntSupplier level;
    private final RoutedMessage message = new RoutedMessage();

    private PublishRun run;
    private Resolved[] resolved;
    /** By route, as {@link #resolved}. */
    private ExchangeTraffic[] traffic;
    /** Routes whose search counts in the slice in hand already, or in the look at all of a transaction. */
    private final BitSet charged = new BitSet();

    private Reply.Rejected refusal;
    private long due;
    private String callsOff = "";
    private Terms terms = Terms.NONE;
    private long work;

    /** @param level of the state */
    RouteDecisions(
            Routes routes, ReplyRoutes replies, Duplicates duplicates, RecentHistory history, IntSupplier level) {
        this.level = level;
        this.routes = routes;
        this.replies = replies;
        this.duplicates = duplicates;
        this.history = history;
    }

    void begin(PublishRun r) {
        run = r;
        resolved = new Resolved[r.table().length];
        traffic = new ExchangeTraffic[resolved.length];
        charged.clear();
    }

    /** Another slice of the run. Its first look at a route counts, known or not: who comes back from a restart or from a snapshot knows none. */
    void beginSlice() {
        charged.clear();
    }

    /** Why it is refused, or null. */
    Reply.Rejected refusal() {
        return refusal;
    }

    /** When it is due, milliseconds since the epoch; 0: at once. */
    long due() {
        return due;
    }

    /** The id of a scheduled message whose place it takes, now; empty for none. */
    String callsOff() {
        return callsOff;
    }

    /** The id by which it can be called off while it is scheduled; empty for none. */
    String scheduleId() {
        return message.scheduleId();
    }

    /** Of a scheduled message, or of one that takes its place now, the id of the one that goes for it; empty for none. */
    String takes(boolean later) {
        return later ? scheduleId() : callsOff;
    }

    /** Whether it only calls a scheduled one off. */
    boolean isCallOff(int i) {
        return !callsOff.isEmpty() && Routes.isSchedule(run.table()[run.route(i)]);
    }

    /** Whether a message whose time is still to come goes back to its publisher: it is mandatory, and there is no queue for it now. */
    boolean comesBack(int i, RoutingTarget[] targets) {
        return targets.length == 0 && MessageRecord.isMandatory(run.bytes(), run.at(i));
    }

    /** Its name and conditions. */
    Terms terms() {
        return terms;
    }

    /** What its route is to. */
    Resolved resolved(int i) {
        return resolved[run.route(i)];
    }

    /** What its exchange has had. */
    ExchangeTraffic traffic(int i) {
        return traffic[run.route(i)];
    }

    /** Units of work since this was asked last. */
    long takeWork() {
        long units = work;
        work = 0;
        return units;
    }

    /** Where the message goes, as far as routes alone decide; {@link #refusal} tells whether it is refused. */
    RoutingTarget[] decide(int i, Stamp entry) {
        int route = run.route(i);
        if (resolved[route] == null) {
            resolved[route] = routes.resolve(run.table()[route]);
            traffic[route] = routes.traffic(run.table()[route]);
            replies.resolve(route, run.table()[route], resolved.length);
            duplicates.resolve(route, run.table()[route], resolved[route].targets());
            history.resolve(route, run.table()[route]);
        }
        charge(route);
        refusal = resolved[route].refusal();
        due = 0;
        callsOff = "";
        terms = Terms.NONE;
        boolean extended = MessageRecord.extensionLength(run.bytes(), run.at(i)) > 0;
        if (refusal != null) {
            terms = run.extension(i).terms();
            return Placement.NOWHERE;
        }
        RoutingTarget[] targets = targets(i, resolved[route], extended, entry);
        if (refusal != null) {
            return Placement.NOWHERE;
        }
        if (due > 0 && replies.to(route) != null) {
            due = 0; // it is kept nowhere, so it can't be kept until later
        }
        if (due > 0 && Scheduling.isOnlyToCallOff(run.table()[route], level.getAsInt())) {
            refusal = Scheduling.NO_TIME;
        } else if (targets.length < resolved[route].minQueues()) {
            refusal = tooFew(
                    targets.length,
                    "min-queues of exchange '" + run.table()[route].exchange() + "' is " + resolved[route].minQueues());
        } else if (extended && targets.length < message.minQueues()) {
            refusal = tooFew(targets.length, "its header x-min-queues asks for " + message.minQueues());
        } else if (targets.length > 0 && RunUploads.has(run, i) && replies.to(route) != null) {
            refusal = ReplyRoutes.ALSO_TO_QUEUES;
        }
        return refusal == null ? targets : Placement.NOWHERE;
    }

    private void charge(int route) {
        if (!charged.get(route)) {
            charged.set(route);
            work += level.getAsInt() < SEARCHES_COUNT ? 0 : resolved[route].work();
        }
    }

    private RoutingTarget[] targets(int i, Resolved to, boolean extended, Stamp entry) {
        if (!to.needsMessage() && !extended) {
            return to.targets();
        }
        long chance = entry.index() << Integer.SIZE | run.ordinal(i);
        RoutedMessage m = message.of(run.bytes(), run.at(i), chance, run.extension(i));
        work += m.keys().size();
        due = m.due(entry.time());
        terms = m.terms();
        callsOff = due > entry.time() ? "" : m.scheduleId();
        boolean byRoute = !to.needsMessage() && m.keys().isEmpty();
        if (byRoute) {
            return to.targets();
        }
        long matched = routes.matched();
        long before = routes.searched();
        RoutingTarget[] targets = routes.match(run.table()[run.route(i)], m);
        work += level.getAsInt() < SEARCHES_COUNT
                ? (routes.matched() - matched) / MATCHES_PER_WORK
                : routes.searched() - before;
        refusal = routes.givenUp();
        return targets;
    }

    static Reply.Rejected tooFew(int queues, String why) {
        return new Reply.Rejected(
                312, Reply.Reason.UNROUTABLE, "the message reaches " + queues + " queues, and " + why);
    }
}
