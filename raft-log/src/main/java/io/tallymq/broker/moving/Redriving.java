package io.tallymq.broker.moving;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Picking;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueArguments;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.Vhost;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages go from one queue into another because somebody wants them there: as they are, with what their headers tell of their deaths. Each is
 * stored there and taken out here by one entry. What the other queue does not take stays where it is.
 */
public final class Redriving {
    /** A message costs about so many units: it is read, written anew, and settled. */
    private static final int COST = 4;
    /** A chunk costs so many beside: it has to be found in the store, and read. */
    private static final int CHUNK_COST = 31;
    /** Bytes of records that go by one entry, beside the first. */
    private static final int MOST_BYTES = 256 << 10;

    private static final String FULL =
            "the queue's messages are in too many pieces: its oldest ones have to be consumed first";

    private final Queues queues;
    private final Placement placement;
    private final Dirty dirty;
    private final Handouts handouts;
    private final AccessState access;
    private final BodyLook look;
    private final MovedNames names;
    private final int units;
    private final int slice;
    private long work;

    // Of the command in hand.
    private Queue source;
    private Redrive command;
    private MovedMessages records;
    private final List<Moving> moving = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private int left;
    private long undecided;
    private String stuck;

    /** @param published the exchange where it was published, or, if it was moved before, none */
    private record Moving(long seq, Queue to, String published) {}

    /** Of one message. */
    private record Refusal(long seq, String why) {}

    /**
     * Made once.
     *
     * @param units of work of one command, about
     * @param slice units of publishes' work after which a run is cut
     */
    public Redriving(
            Queues queues,
            MessageStore store,
            Placement placement,
            Dirty dirty,
            Handouts handouts,
            AccessState access,
            MovedNames names,
            int units,
            int slice) {
        this.names = names;
        this.queues = queues;
        this.placement = placement;
        this.dirty = dirty;
        this.handouts = handouts;
        this.access = access;
        this.look = new BodyLook(store);
        this.units = units;
        this.slice = slice;
    }

    /** The work since it was asked last, in the units of publishes. */
    public long work() {
        long done = work;
        work = 0;
        return done;
    }

    /** As {@link Redrive} says. */
    public Reply redrive(Redrive r, Stamp entry, Effects effects) {
        source = queues.byNumber(r.queue());
        if (source == null || isGoing(source.vhost())) {
            return Reply.notFound("the queue is gone");
        }
        if (source.isStream()) {
            return Reply.notImplemented("messages of a stream stay in it: " + QueueArguments.resource(source));
        }
        Queue to = r.to().isEmpty() ? null : queues.find(source.vhost(), r.to());
        Reply.Rejected locked = locked(source);
        if (locked == null && to != null) {
            locked = locked(to);
        }
        if (locked != null) {
            return locked;
        }
        command = r;
        records = new MovedMessages();
        moving.clear();
        refusals.clear();
        left = units;
        undecided = -1;
        stuck = null;
        for (int i = 0; i < r.ranges().length && undecided < 0; i += 2) {
            collect(r.ranges()[i], r.ranges()[i + 1], entry.time());
        }
        int moved = moving.isEmpty() ? 0 : move(entry, effects);
        if (!r.by().isEmpty()) {
            note(entry.time());
        }
        Reply.Redriven done = new Reply.Redriven(moved, undecided, refused(), stuck);
        source = null;
        return done;
    }

    /** Nobody who redrives is the connection whose own the queue is. */
    private static Reply.Rejected locked(Queue q) {
        return QueueArguments.locked(q, null);
    }

    /** One line for a user and a queue: who moves much asks often, and must not push out what others did. */
    private void note(long time) {
        String to = command.to().isEmpty() ? "where they died" : "'" + command.to() + "'";
        String why = command.reason().isEmpty() ? "" : ": " + command.reason();
        String what = "messages of " + QueueArguments.resource(source) + " to ";
        access.noteAgain(time, command.by(), command.from(), "redrive", what, to + why);
    }

    /** How many stay, by why: of those that are decided. The others are looked at again. */
    private Map<String, Long> refused() {
        Map<String, Long> all = new TreeMap<>();
        for (Refusal r : refusals) {
            if (undecided < 0 || r.seq() < undecided) {
                all.merge(r.why(), 1L, Long::sum);
            }
        }
        return all;
    }

    private boolean isGoing(String vhost) {
        Vhost v = access.vhost(vhost);
        return v == null || v.isGoing();
    }

    /** What of these is to be had is written anew, as far as there is somewhere for it to go. */
    private void collect(long first, long last, long time) {
        for (long at = first; at >= 0 && at <= last; ) {
            if (left <= 0 && !isNothing()) {
                undecided = at;
                return;
            }
            Picking.Run run = source.lanes().picking().next(at, last);
            if (run == null) {
                return;
            }
            if (run.chunk() == null) {
                stuck = FULL;
                undecided = run.first();
                return;
            }
            left -= CHUNK_COST;
            at = collect(run, time);
            if (undecided >= 0) {
                return;
            }
        }
    }

    /** Whether nothing was decided yet: a command that is asked for again and again has to come to an end. */
    private boolean isNothing() {
        return moving.isEmpty() && refusals.isEmpty();
    }

    /** Returns where to go on. */
    private long collect(Picking.Run run, long time) {
        Chunk chunk = run.chunk();
        ChunkBody body = look.of(chunk);
        for (long seq = run.first(); seq <= run.last(); seq++) {
            if (!isNothing() && (left <= 0 || records.records.size() >= MOST_BYTES)) {
                undecided = seq;
                return seq;
            }
            left -= COST;
            int i = (int) (seq - chunk.firstSeq());
            if (!source.expiry().isOver(chunk, i)) { // else it goes when it is next in its lane
                add(seq, body.bytes(), body.at(i), body.route(i).exchange());
            }
        }
        return run.last() + 1;
    }

    private void add(long seq, byte[] bytes, int at, String exchange) {
        String name = command.to().isEmpty() ? DeadLetter.lastQueue(bytes, at) : command.to();
        if (name == null || name.isEmpty()) {
            refuse(seq, "it did not die in a queue: say where it goes");
            return;
        }
        Queue to = queues.find(source.vhost(), name);
        if (to == null) {
            refuse(seq, "no " + QueueArguments.resource(source.vhost(), name));
        } else if (to == source) {
            refuse(seq, "it would come back to the queue where it is");
        } else if (locked(to) != null) {
            refuse(seq, locked(to).text());
        } else {
            int route = records.number(new Route(source.vhost(), "", name));
            DeadLetter.writeAgain(records.records, bytes, at, route, source.overlay(seq));
            moving.add(new Moving(seq, to, exchange));
        }
    }

    private void refuse(long seq, String why) {
        refusals.add(new Refusal(seq, why));
    }

    /** Returns how many were moved. */
    private int move(Stamp entry, Effects effects) {
        PublishRun run = new PublishRun(records.publish(), entry.time());
        List<Long> gone = new ArrayList<>();
        BitSet went = new BitSet();
        placement.begin(run, 0, entry, effects, false);
        names.watch(placement);
        int n = 0;
        for (; n < run.count() && (n == 0 || placement.work() < slice); n++) {
            if (place(run, n)) {
                gone.add(moving.get(n).seq());
                went.set(n);
                placement.worked(
                        names.leaves(run, n, source.vhost(), moving.get(n).published()));
            }
        }
        placement.finish(n);
        work += placement.work();
        names.moved(run, n, source, ReportEvent.MOVED, "redriven", went::get, i -> 0, i -> moving.get(i)
                .seq());
        work += names.work();
        if (n < run.count()) {
            undecided = moving.get(n).seq();
            stuck = null; // it did not come that far
        }
        leave(gone);
        work += names.report(entry, effects);
        dirty.touched(source);
        handouts.dispatch(source, effects);
        return gone.size();
    }

    /** Returns whether there was room for it. */
    private boolean place(PublishRun run, int i) {
        Queue to = moving.get(i).to();
        byte[] bytes = run.bytes();
        int at = run.at(i);
        if (to.limit().refuses()) {
            placement.place(i); // so that the queue knows what comes before it
            Reply.Rejected full = to.limit().refusal(MessageRecord.bodyLength(bytes, at));
            if (full != null) {
                refuse(moving.get(i).seq(), full.text());
                placement.skip(i);
                return false;
            }
        }
        RoutingTarget[] targets = {to};
        if (MessageRecord.isExternal(bytes, at)) {
            placement.skip(i);
            placement.addStored(i, targets, MessageRecord.externalId(bytes, at), MessageRecord.bodyLength(bytes, at));
        } else {
            placement.add(i, targets);
        }
        return true;
    }

    /** They are elsewhere: neighbours go together. */
    private void leave(List<Long> gone) {
        for (int i = 0; i < gone.size(); ) {
            long first = gone.get(i);
            long last = first;
            for (i++; i < gone.size() && gone.get(i) == last + 1; i++) {
                last++;
            }
            source.lanes().picking().leave(first, last);
        }
    }
}
