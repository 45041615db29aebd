package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.ids.MovedIds;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.Placed;
import io.tallymq.broker.receipts.PlacedRuns;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.time.Scheduled;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/**
 * Tells the receipts of messages that have names or ids, and publishers that asked for it, where messages are now, when they go from one queue to
 * another. Costs a look where there are none.
 */
public final class MovedNames {
    private final Named named;
    private final MovedIds ids;
    private final Reporting reporting;
    private final PlacedRuns placed = new PlacedRuns();

    /** Made once. */
    public MovedNames(Named named, Ids ids, Topology topology, Reporting reporting) {
        this.named = named;
        this.ids = new MovedIds(ids, (vhost, name) -> {
            Exchange x = topology.exchange(vhost, name);
            return x == null ? 0 : x.number();
        });
        this.reporting = reporting;
    }

    /** The run that follows is placed for these. */
    void watch(Placement placement) {
        placed.clear();
        named.begin();
        ids.begin();
        placement.tellsWhere(placed);
    }

    /**
     * Message {@code i} of the run is to go where it was placed: what is known of its id will be told of that.
     *
     * @param published the exchange where it was published, if it never died
     * @return units of publishes' work
     */
    int leaves(PublishRun run, int i, String vhost, String published) {
        return ids.concern() ? ids.leaves(i, run.bytes(), run.at(i), vhost, published) : 0;
    }

    /**
     * The first {@code n} of a run are placed.
     *
     * @param how they left, if they went on
     * @param left whether one left its queue
     * @param waits the number of one that is kept for later where it came; 0: it is not
     * @param seq its number there
     */
    void moved(
            PublishRun run,
            int n,
            Queue from,
            ReportEvent how,
            String why,
            IntPredicate left,
            IntToLongFunction waits,
            IntToLongFunction seq) {
        boolean withIds = ids.concern();
        for (int i = 0; i < n; i++) {
            if (withIds && left.test(i)) {
                Placed was = new Placed(from.number(), from.name(), seq.applyAsLong(i));
                ids.moved(i, was, why, placed.placesOf(i), placed.queuesOf(i), waits.applyAsLong(i));
            }
            Terms t = terms(run, i);
            if (t == Terms.NONE && !from.isAudited() || !left.test(i)) {
                continue;
            }
            List<Placed> to = placed.placesOf(i);
            int all = placed.queuesOf(i);
            boolean isKept = waits.applyAsLong(i) != 0;
            if (t.hasName()) {
                Placed was = new Placed(from.number(), from.name(), seq.applyAsLong(i));
                named.moved(from.vhost(), t.producer(), t.seq(), was, why, to, all, isKept);
            }
            Route route = run.table()[run.route(i)];
            if (isKept) {
                reporting.waits(route, run.bytes(), run.at(i), how, from, why);
            } else {
                reporting.moved(route, run.bytes(), run.at(i), how, from, why, to, all);
            }
        }
    }

    /**
     * The first {@code n} of a run, of which some were held back for this moment, are placed.
     *
     * @param letters whether they go on as dead letters, for want of a queue
     * @param seen whether its queues had seen it before, so that it went to none
     * @param number that it had as long as it waited
     */
    void released(
            PublishRun run, int n, IntPredicate left, boolean letters, IntPredicate seen, IntToLongFunction number) {
        boolean withIds = ids.concern();
        for (int i = 0; i < n; i++) {
            if (withIds && left.test(i)) {
                ids.released(i, number.applyAsLong(i), placed.placesOf(i), placed.queuesOf(i));
            }
            Terms t = terms(run, i);
            if (t == Terms.NONE || !left.test(i)) {
                continue;
            }
            Route route = run.table()[run.route(i)];
            List<Placed> to = placed.placesOf(i);
            int all = placed.queuesOf(i);
            if (t.hasName()) {
                named.released(route.vhost(), t.producer(), t.seq(), to, all);
            }
            if (t.reports() != 0 && (letters || to.isEmpty())) {
                String why = seen.test(i) ? "duplicate" : "unroutable";
                reporting.moved(route, run.bytes(), run.at(i), ReportEvent.DEAD_LETTERED, null, why, to, all);
            }
        }
    }

    /**
     * One that was kept for its time never comes.
     *
     * @param number that it had as long as it waited
     * @return units of publishes' work of what is known of its id
     */
    public int calledOff(Scheduled was, long number, String why) {
        Route route = was.route();
        int work = ids.concern() ? ids.calledOff(was.record(), route.vhost(), route.exchange(), number, why) : 0;
        Terms t = Extension.of(was.record(), 0).terms();
        if (t.hasName()) {
            named.calledOff(route.vhost(), t.producer(), t.seq(), why);
        }
        reporting.calledOff(route, was.record(), why);
        return work;
    }

    /** Units of publishes' work of what receipts were told of the names of the run placed last. */
    long work() {
        return named.takeWork();
    }

    /** What these tell is told. Returns the units of publishes' work. */
    long report(Stamp entry, Effects effects) {
        return reporting.send(entry, effects);
    }

    private static Terms terms(PublishRun run, int i) {
        return run.extension(i).terms();
    }
}
