package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ExchangeSettings;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.time.Schedule;
import io.tallymq.broker.time.Scheduled;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Scheduled messages whose time has come are published, in the order of their times, and leave the schedule in the same entry: so exactly
 * once. What reaches no queue goes on as a dead letter of its exchange, or is dropped and counted; what a queue has no room for tries again, in turns
 * with what has not tried before; and so does, by and by, what reaches none only because the search is too long.
 */
public final class Releasing {
    /** Messages that go together, and bytes of their records beside the first. */
    private static final int RUN = 64;

    private static final int RUN_BYTES = 256 << 10;
    /** Milliseconds after which what had no room tries again, on levels below {@link #IN_TURNS}. */
    private static final long RETRY = 1_000;

    /** The level of the state from which on what had no room waits by its queue, and what is read counts. */
    private static final int IN_TURNS = 5;

    /** The same for what goes nowhere only because the search for its queues is too long: that costs much each time. */
    private static final long SEARCH_AGAIN = 60_000;

    /** The level of the state from which on exchanges have dead letters. */
    private static final int LEVEL = 3;

    /** The level of the state from which on queues drop what they have seen. */
    private static final int KEYS = 5;

    /** In x-death, beside an empty name of a queue. */
    private static final String REASON = "unroutable";

    private static final int WORK_PER_UNIT = 8;
    private static final int BYTES_PER_WORK = 512;
    /** A message costs about so many units: it is read, placed, and taken out. */
    private static final int COST = 4;
    /** So many are published for one that came due lately: what an entry had to leave behind goes with those of the next ones. */
    private static final int CATCHES_UP = 2;

    private final Schedule schedule;
    private final Topology topology;
    private final LateKeys keys;
    private final CountedSearches searches;
    private final Placement placement;
    private final PublishCounts counts;
    private final IntSupplier level;
    private final MovedNames names;
    private final int slice;
    private final RoutedMessage message = new RoutedMessage();
    private boolean behind;
    private long done;

    /**
     * Made once.
     *
     * @param level of the state
     * @param slice units of work after which a run is cut
     */
    public Releasing(
            Schedule schedule,
            Topology topology,
            LateKeys keys,
            Placement placement,
            PublishCounts counts,
            IntSupplier level,
            MovedNames names,
            int slice) {
        this.keys = keys;
        this.names = names;
        this.level = level;
        this.slice = slice;
        this.schedule = schedule;
        this.topology = topology;
        this.searches = new CountedSearches(topology.routes(), level);
        this.placement = placement;
        this.counts = counts;
    }

    /**
     * Some of what is due is published: so many units, about, and from the level on twice as many as came due lately. Returns the work of it, in the units of publishes.
     *
     * @param before time of the entry before, milliseconds since the epoch: what is due since then has come due lately
     * @param keptUp units at most of what has; 0: that is for another step
     */
    public long step(Stamp entry, int units, long before, int keptUp, Effects effects) {
        long work = 0;
        long base = Math.max(1, units / COST);
        long cap = keptUp / COST;
        long lately = schedule.dueBetween(before, entry.time(), cap);
        long spent = 0;
        long out = 0;
        boolean again = true;
        while (schedule.next() <= entry.time()) {
            long left = Math.max(base - spent, Math.min(CATCHES_UP * lately - out, cap - spent));
            if (left <= 0) {
                break;
            }
            boolean both = schedule.isDue(entry.time()) && schedule.triesAgain(entry.time());
            again = both ? !again : schedule.triesAgain(entry.time());
            int most = (int) Math.min(both ? (left + 1) / 2 : left, RUN);
            Run run = new Run(again ? schedule.again(most) : schedule.until(entry.time()), most, bytes(left));
            Run letters = new Run();
            int placed = place(run, letters, entry, effects);
            out += placed;
            spent += placed + spent(run);
            work += work(run);
            if (again && !run.isStuck) {
                schedule.hadRoom(run.queue, entry.time());
            }
            if (!letters.dues.isEmpty()) {
                spent += place(letters, null, entry, effects) + spent(letters);
                work += work(letters);
            }
            work += names.report(entry, effects);
        }
        done = spent * COST;
        behind = keptUp > 0 ? out < lately && schedule.next() <= entry.time() : behind;
        return work;
    }

    /** Units of the last step. */
    public int units() {
        return (int) Math.min(Integer.MAX_VALUE, done);
    }

    /** Whether more came due by the last entry than it might publish. */
    public boolean isBehind() {
        return behind;
    }

    /** Of a run of what is left. */
    private long bytes(long left) {
        return level.getAsInt() < IN_TURNS ? RUN_BYTES : Math.min(RUN_BYTES, left * WORK_PER_UNIT * BYTES_PER_WORK);
    }

    /** What the run placed last has cost beside its messages. */
    private long spent(Run run) {
        return (work(run) + names.work()) / WORK_PER_UNIT;
    }

    private long work(Run run) {
        long read = level.getAsInt() < IN_TURNS ? 0 : run.moved.records.size() / BYTES_PER_WORK;
        return Math.max(placement.work(), read);
    }

    /**
     * Returns how many of the run were placed; the others are still due.
     *
     * @param letters takes those that reach no queue and go on as dead letters; null for a run of these: they go, now
     */
    private int place(Run run, Run letters, Stamp entry, Effects effects) {
        PublishRun published = new PublishRun(run.publish(), entry.time());
        placement.begin(published, 0, entry, effects, false);
        searches.begin();
        names.watch(placement);
        run.out = new BitSet();
        run.seen = new BitSet();
        int n = 0;
        while (n < published.count() && placement.work() < slice && !run.isStuck) {
            place(run, published, n++, letters, entry);
        }
        placement.finish(n);
        names.released(published, n, run.out::get, letters == null, run.seen::get, i -> run.dues
                .get(i)
                .number());
        return n;
    }

    private void place(Run run, PublishRun published, int i, Run letters, Stamp entry) {
        byte[] bytes = published.bytes();
        int at = published.at(i);
        Schedule.Due due = run.dues.get(i);
        RoutedMessage m = message.of(bytes, at, entry.index() << Integer.SIZE | due.number() & 0xffffffffL);
        Route route = published.table()[published.route(i)];
        boolean died = letters == null || Extension.of(bytes, at).died();
        RoutingTarget[] targets =
                died ? ofDeadLetter(published, i, route, m) : searches.ofLater(published.route(i), route, m);
        placement.worked(searches.takeWork());
        boolean routed = targets.length > 0;
        boolean asks = level.getAsInt() >= KEYS && !died; // where a letter goes to may have seen it when it lived
        targets = asks ? keys.unseen(bytes, at, targets, entry.time()) : targets;
        placement.worked(keys.takeWork());
        Queue full = full(targets, published, i);
        if (full != null) {
            placement.skip(i);
            if (level.getAsInt() < IN_TURNS) {
                schedule.postpone(due, run.messages.get(i), entry.time() + RETRY);
            } else {
                run.isStuck |= schedule.waitForRoom(due, run.messages.get(i), full.number(), entry.time());
            }
            return;
        }
        if (!routed && searches.wereGivenUp() && level.getAsInt() >= IN_TURNS) {
            placement.skip(i);
            schedule.postpone(due, run.messages.get(i), entry.time() + SEARCH_AGAIN);
            return;
        }
        ExchangeSettings dead = routed || letters == null ? ExchangeSettings.DEFAULTS : deadLetters(route);
        if (dead.deadLetterExchange() != null) {
            placement.skip(i);
            letters.addLetter(due, run.messages.get(i), dead, entry.time());
            return;
        }
        if (targets.length == 0) {
            placement.skip(i);
            if (routed) {
                run.seen.set(i);
            } else {
                counts.dropped();
            }
        } else if (MessageRecord.isExternal(bytes, at)) {
            placement.skip(i);
            placement.addStored(i, targets, MessageRecord.externalId(bytes, at), MessageRecord.bodyLength(bytes, at));
        } else {
            placement.add(i, targets);
        }
        if (asks) {
            keys.came(targets, entry.time());
            placement.worked(keys.takeWork());
        }
        schedule.remove(due, run.messages.get(i));
        run.out.set(i);
        placement.worked(names.leaves(published, i, route.vhost(), route.exchange()));
    }

    private RoutingTarget[] ofDeadLetter(PublishRun published, int i, Route route, RoutedMessage m) {
        RoutingTarget[] all = searches.ofDeadLetter(published.route(i), route, m);
        return DeadLettering.withoutCycles(DeadLetter.deaths(published.bytes(), published.at(i)), all);
    }

    private ExchangeSettings deadLetters(Route route) {
        Exchange x = level.getAsInt() < LEVEL ? null : topology.exchange(route.vhost(), route.exchange());
        return x == null ? ExchangeSettings.DEFAULTS : x.settings();
    }

    /** The first one without room for it, or null. */
    private Queue full(RoutingTarget[] targets, PublishRun published, int i) {
        boolean placed = false;
        for (RoutingTarget t : targets) {
            Queue q = (Queue) t;
            if (q.limit().refuses()) {
                if (!placed) {
                    placement.place(i); // so that the queues know what comes before it
                    placed = true;
                }
                if (q.limit().refusal(MessageRecord.bodyLength(published.bytes(), published.at(i))) != null) {
                    return q;
                }
            }
        }
        return null;
    }

    /** Some messages that are due, made into what is published. */
    private final class Run {
        final List<Schedule.Due> dues = new ArrayList<>();
        final List<Scheduled> messages = new ArrayList<>();
        private final MovedMessages moved = new MovedMessages();
        /** Those that are not held back any more. */
        BitSet out;
        /** Those that went nowhere, for their queues had seen them before. */
        BitSet seen;
        /** For which they have waited; 0: for none. */
        long queue;
        /** It still has no room. */
        boolean isStuck;

        /** None yet. */
        Run() {}

        /** It goes on in another way. */
        void addLetter(Schedule.Due due, Scheduled s, ExchangeSettings to, long time) {
            Route was = s.route();
            boolean newKey = to.deadLetterRoutingKey() != null;
            Route next = new Route(
                    was.vhost(), to.deadLetterExchange(), newKey ? to.deadLetterRoutingKey() : was.routingKey());
            dues.add(due);
            messages.add(s);
            DeadLetter.write(moved.records, s.record(), 0, was, "", REASON, time, moved.number(next), newKey, null);
        }

        /** The first ones that are due. */
        Run(Iterable<Schedule.Due> all, int most, long bytes) {
            for (Schedule.Due due : all) {
                Scheduled s = schedule.get(due);
                queue = schedule.queueOf(due);
                dues.add(due);
                messages.add(s);
                int at = moved.records.size();
                moved.records.raw(s.record(), 0, s.record().length);
                MessageRecord.setRoute(moved.records.array(), at, moved.number(s.route()));
                if (dues.size() == most || moved.records.size() >= bytes) {
                    break;
                }
            }
        }

        Publish publish() {
            return moved.publish();
        }
    }
}
