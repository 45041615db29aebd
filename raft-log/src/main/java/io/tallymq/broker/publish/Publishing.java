package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.moving.DeadLettering;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.moving.PublishCounts;
import io.tallymq.broker.moving.Reporting;
import io.tallymq.broker.processing.ReplyCommands;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.SharedBodies;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * Carries out a run of publishes: routes every message, refuses what has no room, and leaves the rest to {@link Placement}.
 *
 * <p>A run that makes more work than a slice is carried out in slices. Between two of them the caller
 * may commit, so that neither what the store gathers nor what memory must keep until then grows with the run.
 */
public final class Publishing {
    private static final RoutingTarget[] NOWHERE = Placement.NOWHERE;
    private final RunChannels channels;
    private final RunUploads uploads;
    private final LongFunction<Holder> holders;
    private final MachineLimits limits;
    private final IntSupplier level;
    private final Placement placement;
    private final Scheduling scheduling;
    private final FullQueues full;
    private final RouteDecisions decisions;
    private final PublishCounts counts;
    private final ReplyRoutes replies;
    private final Duplicates duplicates;
    private final RecentHistory history;
    private final NamedPublishes names;
    private final PublishIds ids;
    private final Reporting reporting;
    private final Unplaced unplaced;

    /** The run in hand, null between two of them. */
    private PublishRun run;

    private Stamp entry;
    /** Messages of the slice in hand to exchanges that there are. */
    private int came;

    private int next;

    /** Why the message looked at last is refused, or null. */
    private Reply.Rejected refusal;
    /** When the message looked at last is due, milliseconds since the epoch; 0: at once. */
    private long due;
    /** Units of work to find out where it goes. */
    private long searched;
    /** The id of a scheduled message whose place the message looked at last takes, now; empty for none. */
    private String callsOff = "";
    /** Name and conditions of the message looked at last. */
    private Terms terms = Terms.NONE;
    /** Whether a message of the run has a name. */
    private boolean haveNames;
    /** Units of the slice carried out last. */
    private long work;
    /** All of the run in hand was looked at before, and has room. */
    private boolean admitted;

    public Publishing(
            Placement placement,
            Scheduling scheduling,
            DeadLettering deadLettering,
            Topology topology,
            Connections connections,
            Uploads uploads,
            SharedBodies sharedBodies,
            LongFunction<Holder> holders,
            PublishCounts counts,
            ReplyCommands replies,
            SeenKeys seen,
            RecentHistory history,
            Producers producers,
            Named named,
            Ids ids,
            Reporting reporting,
            Predicate<String> vhostIsThere,
            IntSupplier level,
            MachineLimits limits) {
        this.level = level;
        this.ids = new PublishIds(ids, topology);
        this.reporting = reporting;
        this.names = new NamedPublishes(producers, connections, named, vhostIsThere);
        this.history = history;
        this.duplicates = new Duplicates(seen, topology, level);
        this.replies = new ReplyRoutes(replies, uploads);
        this.decisions = new RouteDecisions(topology.routes(), this.replies, duplicates, history, level);
        this.placement = placement;
        this.scheduling = scheduling;
        this.full = new FullQueues(deadLettering, placement, reporting);
        this.limits = limits;
        this.channels = new RunChannels(connections);
        this.uploads = new RunUploads(uploads, sharedBodies);
        this.holders = holders;
        this.counts = counts;
        this.unplaced = new Unplaced(
                placement, scheduling, channels, this.uploads, decisions, duplicates, names, this.ids, reporting);
    }

    /** Carries out the next slice of a run; returns whether there is more, for which to call again with the same command. */
    public boolean publish(Stamp e, String node, Publish p, Effects effects) {
        if (run == null || !run.isOf(p)) {
            begin(p, e.time());
        }
        entry = e;
        placement.begin(run, next, e, effects, true);
        placement.tellsWhere(
                haveNames || ids.concern() || run.hasReports() ? names.named().placed() : null);
        names.named().begin();
        unplaced.begin(run, e, node, effects);
        decisions.beginSlice();
        names.beginSlice();
        long read = 0;
        while (next < run.count() && placement.work() < limits.work().slice() && !full.haveMany()) {
            long before = scheduling.work();
            message(node, next++, effects);
            placement.worked(scheduling.work() - before);
            long its = names.named().takeWork();
            placement.worked(its);
            placement.worked(duplicates.takeWork());
            read += its;
        }
        placement.finish(next);
        counts.came(came);
        came = 0;
        ids.finish(names.named().placed());
        work = placement.work() - read; // what is held of that until the commit the producers know
        work += reporting.finish(run, names.named().placed(), e, effects);
        names.named().finish(e);
        work += full.sendRefused(run, e, effects);
        work += reporting.send(e, effects); // of dead letters that these are
        if (next < run.count()) {
            return true;
        }
        run = null;
        unplaced.end();
        admitted = false;
        return false;
    }

    private void begin(Publish p, long time) {
        run = new PublishRun(p, time);
        decisions.begin(run);
        replies.clear();
        full.begin();
        duplicates.begin(run);
        history.begin(run);
        names.begin(run);
        ids.begin(run);
        haveNames = run.hasNames();
        next = 0;
    }

    /** Why not all publishes of a transaction can be carried out, together and behind what it settles; null when they can. */
    public Reply.Rejected check(Stamp e, String node, CommitTx tx) {
        entry = e;
        begin(tx.publishes(), e.time());
        duplicates.looks(true);
        names.looks(true);
        ids.looks(true);
        TxRoom room = new TxRoom(tx.settles(), holders, level.getAsInt());
        int later = 0;
        refusal = null;
        for (int i = 0; i < run.count() && refusal == null; i++) {
            later += check(node, i, room, later) ? 1 : 0;
            Reply.Rejected tooFar = room.searched(searched);
            refusal = refusal == null ? tooFar : refusal;
        }
        duplicates.looks(false);
        refusal = refusal == null ? names.looked(e) : refusal;
        names.looks(false);
        ids.looks(false);
        if (refusal != null) {
            run = null;
            return refusal;
        }
        admitted = true;
        return null;
    }

    /** Looks at one of a transaction's, behind those before it; {@link #refusal} tells. Returns whether it is to wait for its time. */
    private boolean check(String node, int i, TxRoom room, int scheduled) {
        RoutingTarget[] targets = decide(i);
        if (!terms.hasName()) {
            names.unnamed();
        } else if (names.isDuplicate(i, terms, entry)) {
            refusal = null; // wherever it would go now
            return false;
        }
        boolean hasId = looksAtIds(i);
        if (hasId && ids.isDuplicate(i, entry, false)) {
            ids.tellOf(names);
            refusal = null;
            return false;
        }
        limit(i, targets, hasId);
        boolean later = due > entry.time();
        boolean marked = refusal == null && concerns(i, targets);
        refusal = marked && !later ? room.count(targets.length) : refusal; // each is asked whether it has seen it
        marked &= refusal == null;
        if (marked) {
            targets = duplicates.unseen(i, targets, later, entry.time());
            if (targets == Duplicates.DUPLICATE) {
                if (terms.hasName()) {
                    names.foreseen(terms); // it counts as come
                }
                return false;
            }
            refusal = duplicates.refusal(i, later ? NOWHERE : targets);
        }
        if (refusal == null && uploads.isIncomplete(run, i, node)) {
            refusal = uploads.incomplete(run, i, node);
        }
        refusal = refusal == null ? scheduling.refusal(channels, run, i, decisions.takes(later)) : refusal;
        if (refusal == null && later) {
            refusal = scheduling.refusal(scheduled); // also if it goes back: logs of level 1 mean that
        } else if (refusal == null) {
            refusal = full.refusal(room, run, i, targets);
        }
        boolean comes = later ? !decisions.comesBack(i, targets) : targets.length > 0;
        if (marked && refusal == null && comes) {
            duplicates.came(i, later ? NOWHERE : targets, entry.time());
        }
        if (terms.hasName() && refusal == null && (comes || decisions.isCallOff(i))) {
            names.foreseen(terms);
        }
        if (refusal == null && comes && !later && run.asksForLengths()) {
            refusal = room.count(targets.length);
            names.comesTo(targets);
        }
        if (hasId && refusal == null && comes) {
            ids.willCome();
        }
        if (refusal == null && !comes && !decisions.isCallOff(i) && (terms.hasName() || hasId && ids.hasOne())) {
            names.reachesNothing();
        }
        return later;
    }

    /** Whether message {@code i} may have an id that counts: its route was decided, and its name says nothing against it. */
    private boolean looksAtIds(int i) {
        return ids.concern()
                && decisions.resolved(i).refusal() == null
                && !(terms.hasName() && names.refusal() != null);
    }

    /** What its name, its id and its conditions refuse: {@link #refusal}. */
    private void limit(int i, RoutingTarget[] targets, boolean hasId) {
        if (terms.hasName() && names.refusal() != null) {
            refusal = names.refusal();
        } else if (hasId && ids.refusal() != null) {
            refusal = ids.refusal();
        } else if (refusal == null && !admitted && terms != Terms.NONE) {
            refusal = names.unmet(i, terms, targets);
        }
    }

    private boolean concerns(int i, RoutingTarget[] targets) {
        return duplicates.concern(i, targets, targets == decisions.resolved(i).targets());
    }

    /** The run that follows was admitted before a crash: it goes on as it would have without one. */
    public void resumeAdmitted() {
        admitted = true;
    }

    /** Nothing of these publishes happens: the bodies that came before them go. */
    public void dropUploads(String node, Publish p) {
        uploads.dropAll(p, node);
    }

    /** Where the run in hand goes on: the offset of a message in the command's bytes. */
    public int nextOffset() {
        return run.at(next);
    }

    /** The ordinal of the message at {@link #nextOffset}. */
    public int nextOrdinal() {
        return run.ordinal(next);
    }

    /** Units of the slice carried out last. */
    public long work() {
        return work;
    }

    private void message(String node, int i, Effects effects) {
        if (channels.haveEnded(run, i)) {
            placement.skip(i);
            uploads.drop(run, i, node);
            return;
        }
        RoutingTarget[] targets = decide(i);
        came(i);
        if (terms.hasName() && names.isDuplicate(i, terms, entry)) {
            unplaced.cameBefore(i, targets);
            return;
        }
        boolean hasId = looksAtIds(i);
        boolean cameBefore = hasId && ids.isDuplicate(i, entry, admitted);
        placement.worked(hasId ? ids.work() : 0);
        if (cameBefore) {
            unplaced.duplicate(i, targets, terms);
            return;
        }
        if (terms != Terms.NONE || hasId) {
            if (terms.below() >= 0) {
                placement.place(i); // so that the queues know what comes before it
            }
            limit(i, targets, hasId);
            targets = refusal == null ? targets : NOWHERE;
        }
        boolean later = due > entry.time();
        boolean marked = refusal == null && concerns(i, targets);
        if (marked) {
            RoutingTarget[] routed = targets;
            targets = duplicates.unseen(i, targets, later, entry.time());
            if (targets == Duplicates.DUPLICATE) {
                unplaced.duplicate(i, routed, terms);
                return;
            }
            refusal = admitted ? null : duplicates.refusal(i, later ? NOWHERE : targets);
            targets = refusal == null ? targets : NOWHERE;
        }
        if (refusal == null && !admitted) {
            refusal = scheduling.refusal(channels, run, i, decisions.takes(later));
            targets = refusal == null ? targets : NOWHERE;
        }
        if (refusal == null && later) {
            boolean lost = decisions.comesBack(i, targets);
            refusal = lost || admitted ? null : scheduling.refusal(0);
            if (!lost && refusal == null) {
                unplaced.later(i, due, terms, marked, hasId);
                return;
            }
            targets = NOWHERE;
        }
        if (refusal == null && decisions.isCallOff(i) && unplaced.callOff(i, callsOff, terms)) {
            return;
        }
        if (refusal == null && !admitted) {
            refusal = full.refusal(run, i, targets);
            targets = refusal != null ? NOWHERE : targets;
        }
        if (RunUploads.has(run, i)) {
            placement.skip(i);
            if (!upload(node, i, targets, effects)) {
                return;
            }
        } else {
            placement.add(i, targets);
        }
        if (refusal == null && !later) {
            history.published(i);
        }
        decisions.traffic(i).went(targets.length);
        if (marked && refusal == null && targets.length > 0) {
            duplicates.came(i, targets, entry.time());
        }
        ReplyConsumer reply = refusal == null ? replies.to(run.route(i)) : null;
        if (terms.hasName() && (reply == null || targets.length > 0)) {
            names.note(i, terms, refusal, targets.length > 0, entry);
        }
        if (hasId && refusal == null && targets.length > 0) {
            ids.came(i, entry, 0);
        }
        if (terms.reports() != 0 && reply == null && refusal == null) {
            reporting.decided(run, i, targets, 0, null);
        }
        if (refusal == null && targets.length > 0 && !callsOff.isEmpty()) {
            scheduling.callOff(
                    run.table()[run.route(i)].vhost(),
                    callsOff); // not before it is sure: a nack means that nothing happened
        }
        if (refusal != null) {
            unplaced.refuse(i, refusal, terms);
        } else if (reply != null) {
            replies.send(run.ordinal(i), reply, effects);
        } else if (targets.length == 0) {
            if (MessageRecord.isMandatory(run.bytes(), run.at(i))) {
                counts.returned();
                effects.unroutable(run.ordinal(i));
            } else {
                counts.dropped();
            }
        }
    }

    /** A client published it: it counts if there is such an exchange, whatever becomes of it. */
    private void came(int i) {
        if (decisions.resolved(i).refusal() == null) {
            came++;
            decisions.traffic(i).came();
        }
    }

    /** Where the message goes, as far as routes alone decide; {@link #refusal} tells whether it is refused. */
    private RoutingTarget[] decide(int i) {
        RoutingTarget[] targets = decisions.decide(i, entry);
        searched = decisions.takeWork();
        placement.worked(searched);
        refusal = decisions.refusal();
        due = decisions.due();
        callsOff = decisions.callsOff();
        terms = decisions.terms();
        return targets;
    }

    /** A message whose body came before it, in parts. Returns whether there is more to tell of it. */
    private boolean upload(String node, int i, RoutingTarget[] targets, Effects effects) {
        if (uploads.isIncomplete(run, i, node)) {
            unplaced.refuseIncomplete(i, terms);
            return false;
        }
        ReplyConsumer reply = refusal == null ? replies.to(run.route(i)) : null;
        if (reply != null) {
            replies.sendUpload(run.ordinal(i), reply, node, RunUploads.number(run, i), effects);
            return false;
        }
        if (targets.length > 0) {
            uploads.place(run, i, node, targets, placement);
            return true;
        }
        boolean back = refusal == null
                ? MessageRecord.isMandatory(run.bytes(), run.at(i))
                : !refusal.reason().endsPublisher() && MessageRecord.comesBack(run.bytes(), run.at(i));
        if (!back) {
            uploads.drop(run, i, node);
        } // else its node sends the body back and drops the upload then
        return true;
    }
}
