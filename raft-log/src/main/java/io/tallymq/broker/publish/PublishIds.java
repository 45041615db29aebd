package io.tallymq.broker.publish;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.ids.IdSet;
import io.tallymq.broker.ids.IdText;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.ids.Kept;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.receipts.PlacedRuns;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.IdSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Publishes to exchanges that remember ids: what came before is confirmed and goes nowhere. Looked at once, when a client publishes; what was refused or
 * reached no queue did not come.
 */
final class PublishIds {
    /** One that came and whose place is not noted yet. */
    private record Come(int message, IdSet set, long place) {}

    private final Ids ids;
    private final Topology topology;
    private PublishRun run;
    /** By route; null: no exchange of the run remembers. */
    private IdSet[] sets;

    /** By message; null: it has none that counts. */
    private byte[][] texts;

    private long[] hashes;

    private int touched;

    // The message looked at last.
    private IdSet set;
    /** Null: it has none. */
    private byte[] id;

    private Kept before;
    /** Of having looked for it, before it came again. */
    private int work;

    private Reply.Rejected refusal;

    /** Of a transaction that is only looked at: the ids that it will bring; null: of none. */
    private Set<String> foreseen;

    private final List<Come> come = new ArrayList<>();

    PublishIds(Ids ids, Topology topology) {
        this.ids = ids;
        this.topology = topology;
    }

    void begin(PublishRun r) {
        run = r;
        sets = null;
        foreseen = null;
        for (int route = 0; !ids.isEmpty() && route < r.table().length; route++) {
            Route to = r.table()[route];
            Exchange x = topology.exchange(to.vhost(), to.exchange());
            IdSet its = x == null ? null : ids.of(x.number());
            if (its != null) {
                sets = sets == null ? new IdSet[r.table().length] : sets;
                sets[route] = its;
            }
        }
        if (sets != null) {
            read();
        }
    }

    /** What ids the messages have. Those of one exchange are soon looked for. */
    private void read() {
        texts = new byte[run.count()][];
        hashes = new long[texts.length];
        IdSet one = null;
        for (int i = 0; i < texts.length; i++) {
            IdSet its = sets[run.route(i)];
            texts[i] = its == null ? null : IdText.of(run.bytes(), run.at(i), its.settings());
            if (texts[i] != null) {
                hashes[i] = ids.hash(its, texts[i]);
                one = its;
            }
        }
        touched = one == null ? 0 : ids.touch(one, hashes);
    }

    /** Whether a message of the run may have an id that counts. */
    boolean concern() {
        return sets != null;
    }

    /** From now on the run is only looked at, as a transaction, or carried out. */
    void looks(boolean only) {
        foreseen = only ? new TreeSet<>() : null;
    }

    /**
     * Whether message {@code i} came before, by its id; if not, {@link #refusal} tells whether it may come.
     *
     * @param admitted it was looked at before: there is room
     */
    boolean isDuplicate(int i, Stamp entry, boolean admitted) {
        refusal = null;
        set = sets[run.route(i)];
        id = texts[i];
        before = null;
        work = id == null ? 0 : 1;
        if (id == null) {
            return false;
        }
        if (IdText.isNoneToUse(id)) {
            refusal = wrong(run.table()[run.route(i)], set.settings());
            return false;
        }
        before = ids.find(set, id, hashes[i]);
        work = ids.work(set, before);
        if (ids.isKnown(set, before, entry.time())) {
            return isKnown();
        }
        if (foreseen != null && foreseen.contains(foreseen())) {
            return true;
        }
        if (!admitted && !ids.hasRoom(set)) {
            refusal = new Reply.Rejected(506, Reply.Reason.LIMIT, StateLimits.text("ids", IdSettings.MOST));
        }
        return false;
    }

    private boolean isKnown() {
        if (before.isVoid()) {
            refusal = new Reply.Rejected(
                    406, Reply.Reason.VOID, "id '" + IdText.text(id) + "' was made void: it may not come for now");
            return false;
        }
        if (foreseen == null) {
            ids.again(set, before);
        }
        return true;
    }

    private static Reply.Rejected wrong(Route to, IdSettings by) {
        return Reply.precondition(
                Reply.Reason.INVALID_ARGUMENT,
                by.title() + " is the id of a publish to exchange '" + to.exchange() + "' in vhost '" + to.vhost()
                        + "' (policy dedup-id): a text of up to " + IdText.MOST_BYTES
                        + " bytes or an integer expected");
    }

    /** The message looked at last is a duplicate, of a transaction. */
    void tellOf(NamedPublishes names) {
        if (foreseen.contains(foreseen())) {
            names.isTwice();
        } else {
            names.cameBefore();
        }
    }

    /** Whether the message looked at last has an id. */
    boolean hasOne() {
        return id != null;
    }

    /** Units of having looked for the id of the message looked at last. */
    int work() {
        return work;
    }

    /** Why the message looked at last may not come; null when it may. */
    Reply.Rejected refusal() {
        return refusal;
    }

    private String foreseen() {
        return set.number() + ":" + IdText.text(id);
    }

    /** The message looked at last, of a transaction, will come. */
    void willCome() {
        if (id != null) {
            foreseen.add(foreseen());
        }
    }

    /**
     * The message looked at last has come, or will.
     *
     * @param scheduled the number of the scheduled message that it is; 0: it went to its queues
     */
    void came(int i, Stamp entry, long scheduled) {
        if (id != null) {
            long place = ids.add(set, id, hashes[i], entry, scheduled, false);
            if (scheduled == 0) {
                come.add(new Come(i, set, place));
            }
        }
    }

    /** All that came is placed: where it stands is noted. */
    void finish(PlacedRuns placed) {
        if (!come.isEmpty()) {
            placed.rewind();
            for (Come c : come) {
                ids.stands(c.set, c.place, placed.queuesOf(c.message), placed.placesOf(c.message));
            }
            placed.rewind();
            come.clear();
        }
    }
}
