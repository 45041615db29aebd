package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.moving.Reporting;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.receipts.Outcome;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.time.Scheduled;

/** What becomes of a message that no queue gets now: it is refused, it came before, it calls another one off, or it waits for its time. */
final class Unplaced {
    private final Placement placement;
    private final Scheduling scheduling;
    private final RunChannels channels;
    private final RunUploads uploads;
    private final RouteDecisions decisions;
    private final Duplicates duplicates;
    private final NamedPublishes names;
    private final PublishIds ids;
    private final Reporting reporting;

    /** Those of the slice in hand. */
    private PublishRun run;

    private Stamp entry;
    private String node;
    private Effects effects;

    Unplaced(
            Placement placement,
            Scheduling scheduling,
            RunChannels channels,
            RunUploads uploads,
            RouteDecisions decisions,
            Duplicates duplicates,
            NamedPublishes names,
            PublishIds ids,
            Reporting reporting) {
        this.placement = placement;
        this.scheduling = scheduling;
        this.channels = channels;
        this.uploads = uploads;
        this.decisions = decisions;
        this.duplicates = duplicates;
        this.names = names;
        this.ids = ids;
        this.reporting = reporting;
    }

    /** What follows is of this slice. */
    void begin(PublishRun slice, Stamp at, String from, Effects told) {
        run = slice;
        entry = at;
        node = from;
        effects = told;
    }

    /** Nothing of the run is kept. */
    void end() {
        run = null;
        effects = null;
    }

    /** The message goes nowhere and is confirmed: one with its key or its id was there before. */
    void duplicate(int i, RoutingTarget[] targets, Terms terms) {
        cameBefore(i, targets);
        if (terms.hasName()) {
            names.decided(i, terms, Outcome.DUPLICATE, entry);
        }
    }

    /** It came before, perhaps without an answer: it is confirmed as the first one was to be. */
    void cameBefore(int i, RoutingTarget[] targets) {
        placement.skip(i);
        uploads.drop(run, i, node);
        for (RoutingTarget t : targets) {
            if (((Queue) t).confirmsByAll()) {
                effects.awaitsAll(run.ordinal(i));
                return;
            }
        }
    }

    /**
     * The message calls a scheduled one off and goes nowhere itself; a mandatory one comes back if there is none. Returns whether that is
     * all.
     *
     * @param scheduled the id of that one
     */
    boolean callOff(int i, String scheduled, Terms terms) {
        Route route = run.table()[run.route(i)];
        boolean was = scheduling.callOff(route.vhost(), scheduled);
        if (!was && MessageRecord.isMandatory(run.bytes(), run.at(i))) {
            return false; // it comes back: there is no queue for it
        }
        placement.skip(i);
        uploads.drop(run, i, node);
        if (terms.hasName()) {
            names.decided(i, terms, Outcome.DUPLICATE, entry);
        }
        return true;
    }

    /**
     * The message is kept until its time has come.
     *
     * @param due milliseconds since the epoch
     * @param marked whether its key counts
     * @param hasId whether it may have an id that counts
     */
    void later(int i, long due, Terms terms, boolean marked, boolean hasId) {
        placement.skip(i);
        if (uploads.isIncomplete(run, i, node)) {
            refuseIncomplete(i, terms);
            return;
        }
        Uploads.Upload u = uploads.take(run, i, node);
        if (marked) {
            duplicates.came(i, Placement.NOWHERE, entry.time()); // its queues are those of its time
        }
        Scheduled.Seen seen = marked ? duplicates.seen(i) : null;
        placement.worked(scheduling.add(run, i, due, decisions.scheduleId(), seen, u));
        if (terms.hasName()) {
            names.decided(i, terms, Outcome.STORED, entry);
        }
        if (hasId) {
            ids.came(i, entry, scheduling.added());
        }
        if (terms.reports() != 0) {
            reporting.decided(run, i, Placement.NOWHERE, due, null);
        }
    }

    /** Not all of its body has come. */
    void refuseIncomplete(int i, Terms terms) {
        Reply.Rejected why = uploads.incomplete(run, i, node);
        if (terms.hasName()) {
            names.note(i, terms, why, false, entry);
        }
        refuse(i, why, terms);
        uploads.dropIncomplete(run, i, node);
    }

    void refuse(int i, Reply.Rejected why, Terms terms) {
        if (terms.reports() != 0) {
            reporting.decided(run, i, Placement.NOWHERE, 0, why);
        }
        if (why.reason().endsPublisher()) {
            channels.end(run, i);
        }
        effects.publishRefused(run.ordinal(i), why);
    }
}
