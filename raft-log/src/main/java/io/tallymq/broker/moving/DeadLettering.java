package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.message.Deaths;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.DeadLetters;
import io.tallymq.broker.queue.DeadMessages;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.reports.DueLately;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.Stuck;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * Dead letters on their way: out of the queue where they died and into those that the dead letter exchange leads to, both by one entry,
 * so exactly once. Some of them per entry, all queues in turn. A letter that reaches no queue, or none with room, or comes round to a queue
 * where it died before without anybody's rejecting it, is dropped; with the strategy at-least-once it waits instead, and those behind it. One that a
 * full queue refuses which hands on what it refuses is a dead letter of that queue, in the same entry.
 */
public final class DeadLettering {
    /** Letters that go together. */
    public static final int RUN = 64;
    /** Bytes of their records, beside the first. */
    public static final int RUN_BYTES = 256 << 10;
    /** After so many milliseconds those that are stuck try again. */
    static final long RETRY = 1_000;

    private static final int WORK_PER_UNIT = 8;
    private static final int BYTES_PER_WORK = 512;
    /** The level of the state from which on letters that go nowhere cost what was read, and all of them what is read with them. */
    private static final int READ_COUNTS = 5;
    /** The level of the state from which on letters die again where full queues hand on what they refuse. */
    private static final int DIES_AGAIN = 5;
    /** So many of them are to go on at a time; one letter may be refused by many queues, and from each go to all of them. */
    private static final int MOST_REFUSED = 10_000;
    /** A letter costs about so many units: it is read, written anew, and settled. */
    private static final int COST = 4;
    /** Few letters of a chunk cost as much as so many: it has to be found in the store, and read. */
    private static final int CHUNK_COST = 8;
    /** And one more for so many bytes of it, whichever of its letters go. */
    private static final int BYTES_PER_LETTER = 16 << 10;
    /** The most of that; always of a chunk that shares what it has with other queues: their block is larger. */
    private static final int MOST_BYTES_COST = 16;
    /** So many letters go for one that came lately: what an entry had to leave behind goes with those of the next ones. */
    private static final int CATCHES_UP = 2;

    private final DeadLetters letters;
    private final BodyLook look;
    private final CountedSearches searches;
    private final LetterDelays delays;
    private final Placement placement;
    private final Dirty dirty;
    private final int slice;
    private final IntSupplier level;
    private final RoutedMessage message = new RoutedMessage();
    private final MovedNames names;
    private long work;
    /** Letters of the step in hand, and what they cost, one and a bit each. */
    private long moved;

    private long spent;
    private boolean behind;

    // Of the run in hand.
    private LetterRun run;
    private int dropped;
    /** Of letters that others got, what full queues did not. */
    private int copies;

    private boolean stuck;
    /** The numbers of letters that are kept for later at their exchange. */
    private final TreeMap<Integer, Long> waiting = new TreeMap<>();
    /** For want of room. */
    private boolean full;

    /** A letter that a full queue refused and hands on: of a run that is placed. */
    private record Refused(PublishRun run, int letter, Queue by) {}

    /** Those that are still to go on, by the entry in hand. */
    private final List<Refused> refused = new ArrayList<>();

    /**
     * Made once.
     *
     * @param level of the state
     * @param slice units of work after which a run is cut
     */
    public DeadLettering(
            DeadLetters letters,
            MessageStore store,
            Topology topology,
            LetterDelays delays,
            Placement placement,
            Dirty dirty,
            MovedNames names,
            IntSupplier level,
            int slice) {
        this.level = level;
        this.names = names;
        this.letters = letters;
        this.look = new BodyLook(store);
        this.searches = new CountedSearches(topology.routes(), level);
        this.delays = delays;
        this.placement = placement;
        this.dirty = dirty;
        this.slice = slice;
    }

    /**
     * Some letters go on: so many units, about, and from the level on twice as many as came to wait lately. Returns the work of it, in the units of publishes.
     *
     * @param keptUp units at most of those that came lately; 0: these are for another step
     */
    public long step(Stamp entry, int units, int keptUp, Effects effects) {
        work = 0;
        moved = 0;
        spent = 0;
        long base = Math.max(1, units / COST);
        long last = keptUp == 0 ? 0 : letters.lately().servedLast();
        for (long next = next(base, keptUp); next > 0 && !letters.waiting().isEmpty(); next = next(base, keptUp)) {
            int share = (int) Math.max(1, next / letters.waiting().size());
            long end = last;
            for (Queue q : some(last, next)) {
                if (keptUp > 0 && next(base, keptUp) <= 0) {
                    break;
                }
                spent += move(q, Math.min(share, RUN), entry, effects);
                end = q.number();
            }
            last = level.getAsInt() < DueLately.LEVEL ? 0 : end;
        }
        if (keptUp > 0) {
            behind = moved < letters.lately().letters() && !letters.waiting().isEmpty();
            letters.lately().moved(letters.waiting().isEmpty() ? 0 : last);
        }
        return work;
    }

    /** Whether more came to wait by the last entry than it might move. */
    public boolean isBehind() {
        return behind;
    }

    /** How many letters are to be moved now; below 1: the entry has done enough. */
    private long next(long base, int keptUp) {
        long left = base - spent;
        long owed = CATCHES_UP * letters.lately().letters() - moved;
        return Math.max(left, Math.min(owed, keptUp / COST - spent));
    }

    /** At most so many, in turns: behind this one, and from the first one on. */
    private List<Queue> some(long behindThis, long most) {
        List<Queue> some = new ArrayList<>();
        add(letters.waiting().tailMap(behindThis, false), most, some);
        add(letters.waiting().headMap(behindThis, true), most, some);
        return some;
    }

    private static void add(SortedMap<Long, Queue> queues, long most, List<Queue> some) {
        for (Queue q : queues.values()) {
            if (some.size() >= most) {
                break;
            }
            some.add(q);
        }
    }

    /** Consumers that got nothing for letters that were stuck get something again, and what is stuck is not too much. */
    private long move(Queue q, int most, Stamp entry, Effects effects) {
        boolean heldBack = q.dying().held().holdBack();
        q.dying().held().inHand(true); // what comes to the queue meanwhile may be too much there
        long units = moveSome(q, most, entry, effects);
        q.dying().held().inHand(false);
        if (heldBack && !q.dying().held().holdBack() || q.dying().held().areTooMany()) {
            placement.handOut(q, effects);
        }
        return units;
    }

    private long moveSome(Queue q, int most, Stamp entry, Effects effects) {
        DeadMessages.Run dead = q.dying().first(most);
        dirty.touched(q);
        if (q.settings().deadLetter() == null) { // they may not go on any more
            q.dying().lost(dead);
            moved += dead.to() - dead.from();
            return dead.to() - dead.from();
        }
        run = new LetterRun(q, dead, look.of(dead.chunk()), entry.time());
        dropped = 0;
        copies = 0;
        stuck = false;
        full = false;
        PublishRun published = new PublishRun(run.publish(), entry.time());
        placement.begin(published, 0, entry, effects, false);
        searches.begin();
        waiting.clear();
        names.watch(placement);
        int n = 0;
        while (n < published.count()
                && placement.work() < slice
                && refused.size() < RUN
                && place(published, n, entry)) {
            placement.worked(names.leaves(published, n, q.vhost(), ""));
            n++;
        }
        placement.finish(n);
        final int gone = dropped;
        q.dying().copiesLost(copies);
        final boolean waits = stuck;
        final Stuck why = full ? Stuck.NO_ROOM : Stuck.NOWHERE;
        long units = Math.max(placement.work(), read());
        work += units;
        moved += n;
        if (n > 0) {
            names.moved(
                    published,
                    n,
                    q,
                    ReportEvent.DEAD_LETTERED,
                    dead.why().reason(),
                    i -> true,
                    i -> waiting.getOrDefault(i, 0L),
                    run::seq);
            units += names.work();
            units += sendOn(entry, effects); // as long as there are those that these were: they have the bodies
            q.dying().gone(dead, n, gone);
            work += names.report(entry, effects);
        }
        if (waits) {
            q.dying().stuck(entry.time() + RETRY, why);
        }
        return 1 + Math.max(n, cost(dead.chunk())) + units / WORK_PER_UNIT;
    }

    /** Of reading a chunk, in letters: the same on all nodes, be it in memory or not. */
    private int cost(Chunk c) {
        if (level.getAsInt() < READ_COUNTS) {
            return 0;
        }
        long bytes = c.shared() == 0 ? c.bytes() / BYTES_PER_LETTER : MOST_BYTES_COST;
        return CHUNK_COST + (int) Math.min(bytes, MOST_BYTES_COST);
    }

    /**
     * Messages for which the queue had no room, and which their publishers are told of, go on as dead letters; at most once, whatever the
     * strategy. Their bodies stand in them. Returns the units of work: who calls sees to it that there are not many.
     */
    public long refused(PublishRun from, List<Integer> messages, Queue q, Stamp entry, Effects effects) {
        return send(from, messages, q, entry, effects) + sendOn(entry, effects);
    }

    /** What full queues refused goes on, neighbours of one queue together. What is more than a slice of work is dropped. Returns the units. */
    private long sendOn(Stamp entry, Effects effects) {
        long units = 0;
        while (!refused.isEmpty()) {
            List<Refused> some = new ArrayList<>(refused);
            refused.clear();
            for (int i = 0; i < some.size(); ) {
                Refused first = some.get(i);
                List<Integer> letters = new ArrayList<>();
                for (; i < some.size() && some.get(i).by == first.by && some.get(i).run == first.run; i++) {
                    letters.add(some.get(i).letter);
                }
                if (units < slice) {
                    units += letters.size() * (long) Placement.CHUNK_WORK;
                    units += send(first.run, letters, first.by, entry, effects);
                } else {
                    lost(first.by, letters.size());
                }
            }
        }
        work += units;
        return units;
    }

    private void lost(Queue q, int letters) {
        q.dying().refused(0, letters);
        dirty.touched(q);
    }

    /** Each has a copy of its body, wherever it goes: these are work, or one large message that is refused by many queues would be gigabytes. */
    private long send(PublishRun from, List<Integer> messages, Queue q, Stamp entry, Effects effects) {
        run = new LetterRun(q, from, messages, Death.MAXLEN, entry.time());
        dropped = 0;
        copies = 0;
        stuck = false;
        full = false;
        PublishRun published = new PublishRun(run.publish(), entry.time());
        placement.begin(published, 0, entry, effects, false);
        searches.begin();
        int n = published.count();
        for (int i = 0; i < n; i++) {
            place(published, i, entry);
        }
        placement.finish(n);
        q.dying().refused(n - dropped, dropped);
        q.dying().copiesLost(copies);
        dirty.touched(q);
        return Math.max(placement.work(), read());
    }

    /** Units of the run in hand, wherever its letters go. */
    private long read() {
        return level.getAsInt() < READ_COUNTS ? 0 : run.bytes() / BYTES_PER_WORK;
    }

    /** Returns false if the letter is stuck. */
    private boolean place(PublishRun published, int i, Stamp entry) {
        byte[] bytes = published.bytes();
        int at = published.at(i);
        RoutingTarget[] targets = targets(published, i, entry);
        boolean some = targets.length > 0;
        if ((some || !run.atLeastOnce()) && waits(published, i, entry)) {
            return true;
        }
        int before = refused.size();
        targets = withRoom(published, i, withoutCycles(run.deaths(i), targets));
        if (stuck || targets.length == 0 && !some && run.atLeastOnce()) {
            stuck = true;
            placement.place(i);
            return false;
        }
        if (targets.length == 0) {
            dropped += refused.size() > before ? 0 : 1;
            placement.skip(i);
        } else if (MessageRecord.isExternal(bytes, at)) {
            placement.skip(i);
            placement.addStored(i, targets, MessageRecord.externalId(bytes, at), MessageRecord.bodyLength(bytes, at));
        } else {
            placement.add(i, targets);
        }
        return true;
    }

    /** Whether the letter waits at its exchange for its time. */
    private boolean waits(PublishRun published, int i, Stamp entry) {
        Route to = published.table()[published.route(i)];
        long units = delays.keep(to, published.bytes(), published.at(i), published.at(i + 1), entry.time());
        if (units > 0) {
            waiting.put(i, delays.kept());
            placement.skip(i);
            placement.worked(units);
        }
        return units > 0;
    }

    private RoutingTarget[] targets(PublishRun published, int i, Stamp entry) {
        long chance = entry.index() << Integer.SIZE | run.seq(i) & 0xffffffffL;
        RoutedMessage m = message.of(published.bytes(), published.at(i), chance);
        int route = published.route(i);
        RoutingTarget[] found = searches.ofDeadLetter(route, published.table()[route], m);
        placement.worked(searches.takeWork());
        return found;
    }

    static RoutingTarget[] withoutCycles(Deaths deaths, RoutingTarget[] targets) {
        return keep(targets, t -> !deaths.isCycle(t.name()));
    }

    /** Of queues that refuse what is too much. One without room makes the letter wait, or does not get it. */
    private RoutingTarget[] withRoom(PublishRun published, int i, RoutingTarget[] targets) {
        boolean mayBeFull = false;
        for (RoutingTarget t : targets) {
            mayBeFull |= ((Queue) t).limit().refuses();
        }
        if (!mayBeFull) {
            return targets;
        }
        placement.place(i); // so that the queues know what comes before it
        long body = MessageRecord.bodyLength(published.bytes(), published.at(i));
        RoutingTarget[] open = keep(targets, t -> ((Queue) t).limit().refusal(body) == null);
        stuck = run.atLeastOnce() && open.length < targets.length;
        full = stuck;
        if (!stuck && open.length < targets.length && level.getAsInt() >= DIES_AGAIN) {
            diesAgain(published, i, targets, open);
        }
        return open;
    }

    /** In those of the full queues that hand on what they refuse. What the others do not get is counted if the letter goes on all the same. */
    private void diesAgain(PublishRun published, int i, RoutingTarget[] targets, RoutingTarget[] open) {
        final int before = refused.size();
        int lost = 0;
        int others = 0;
        for (RoutingTarget t : targets) {
            if (others < open.length && open[others] == t) {
                others++;
            } else if (((Queue) t).settings().refusedAreDeadLetters()) {
                diesAgain(published, i, (Queue) t);
            } else {
                lost++;
            }
        }
        copies += open.length > 0 || refused.size() > before ? lost : 0;
    }

    private void diesAgain(PublishRun published, int i, Queue by) {
        if (refused.size() < MOST_REFUSED) {
            refused.add(new Refused(published, i, by));
        } else {
            lost(by, 1);
        }
    }

    private static RoutingTarget[] keep(RoutingTarget[] targets, Predicate<RoutingTarget> which) {
        int n = 0;
        for (RoutingTarget t : targets) {
            n += which.test(t) ? 1 : 0;
        }
        if (n == targets.length) {
            return targets;
        }
        List<RoutingTarget> kept = new ArrayList<>(n);
        for (RoutingTarget t : targets) {
            if (which.test(t)) {
                kept.add(t);
            }
        }
        return kept.toArray(new RoutingTarget[0]);
    }
}
