package io.tallymq.broker.moving;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.receipts.Placed;
import io.tallymq.broker.receipts.PlacedRuns;
import io.tallymq.broker.reports.Farewells;
import io.tallymq.broker.reports.KeptReports.Kept;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.reports.Report;
import io.tallymq.broker.reports.Telling;
import io.tallymq.broker.reports.Untold;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Publishers are told what became of their messages (x-report): a report is a message in the queue that reply_to names, and comes into it by the
 * entry of what it tells, or, if that is much at a time, by those that follow, in the order in which it happened. A queue that is not there, or has no room, is told nothing: what happens never waits for that.
 */
public final class Reporting {
    /** Units that a message costs of which somebody is told; one that is looked at costs one. */
    static final int COST = 4;
    /** Units that a chunk costs beside: it has to be found in the store, and read. */
    private static final int CHUNK_COST = 31;
    /** Of one in which nothing is to be told, and that is not read. */
    private static final int PASSED_COST = 4;
    /** Entries that follow each other begin far from each other: 2^64 by the golden ratio. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    /** Reports that are written together. */
    private static final int RUN = 256;

    /** While more than so many entries' reports are kept, each entry tells more. */
    private static final int MANY_KEPT = 100;
    /** So many entries' more it tells at most. */
    private static final int MORE = 4;
    /** While so many entries' are kept, nothing more comes of which somebody is told; as many as a slice brings are kept beyond. */
    private static final int MOST_KEPT = 500;

    private static final String UNROUTABLE = "unroutable";

    private final Untold untold;
    private final Queues queues;
    private final Placement placement;
    private final Dirty dirty;
    private final BodyLook look;
    private final Predicate<String> vhostIsThere;
    private final int units;
    /** What is to be told, and where: of the moment in hand. */
    private final List<Kept> reports = new ArrayList<>();

    /** Of the run in hand. */
    private final List<Come> come = new ArrayList<>();

    private record Come(int message, Terms terms, ReportEvent event, String reason, long due) {}

    /** The queue that was looked for last since {@link #forget}; null: none. */
    private String soughtVhost;

    private String soughtName;
    private boolean isSoughtThere;

    /**
     * Made once.
     *
     * @param vhostIsThere whether there is a virtual host of that name, which stays
     * @param perEntry reports of what left queues that one entry tells at most, of each slice of publishes, and each step of what dies or is moved
     */
    public Reporting(
            Untold untold,
            Queues queues,
            MessageStore store,
            Placement placement,
            Dirty dirty,
            Predicate<String> vhostIsThere,
            int perEntry) {
        this.untold = untold;
        this.queues = queues;
        this.placement = placement;
        this.dirty = dirty;
        this.look = new BodyLook(store);
        this.vhostIsThere = vhostIsThere;
        this.units = perEntry * COST;
    }

    /** Whether so much waits to be told, with so many more, that nothing may come of which more would have to be told. */
    public boolean isFull(long more) {
        return untold.kept().count() + more >= (long) MOST_KEPT * units / COST;
    }

    /** Message {@code i} of a run that is carried out is decided: it is stored in these queues, kept until {@code due}, refused or went nowhere. */
    public void decided(PublishRun run, int i, RoutingTarget[] to, long due, Reply.Rejected refusal) {
        Terms terms = run.extension(i).terms();
        ReportEvent e = refusal != null
                ? ReportEvent.REFUSED
                : to.length > 0 || due > 0 ? ReportEvent.STORED : ReportEvent.DROPPED;
        if (e.isIn(terms.reports()) && isFull(0)) {
            untold.lost();
        } else if (e.isIn(terms.reports())) {
            placement.worked(COST + namesWork(to));
            String why = refusal != null ? refusal.text() : e == ReportEvent.DROPPED ? UNROUTABLE : "";
            come.add(new Come(i, terms, e, why, due));
        }
    }

    /**
     * A slice of a run is placed: what was decided of it is told. Returns the units of publishes' work.
     *
     * @param where its messages stand
     */
    public long finish(PublishRun run, PlacedRuns where, Stamp entry, Effects effects) {
        forget();
        where.rewind();
        for (Come c : come) {
            List<String> names = c.event == ReportEvent.STORED && c.due == 0 ? where.namesOf(c.message) : List.of();
            int all = names.isEmpty() ? 0 : where.queuesOf(c.message);
            add(
                    run.table()[run.route(c.message)].vhost(),
                    Report.replyTo(run.bytes(), run.at(c.message)),
                    Report.of(run.bytes(), run.at(c.message), c.terms, c.event, "", c.reason, names, all, c.due));
        }
        where.rewind();
        come.clear();
        return send(entry, effects);
    }

    /** Units of naming the first ones. */
    private static int namesWork(RoutingTarget[] to) {
        int bytes = 0;
        for (int t = 0; t < to.length && t < PlacedRuns.MOST_PLACES; t++) {
            bytes += to[t].name().length();
        }
        return bytes / Report.BYTES_PER_WORK;
    }

    /** Units of their bytes. */
    private static int work(List<Kept> some) {
        int units = 0;
        for (Kept k : some) {
            units += k.report().work();
        }
        return units;
    }

    private static List<String> names(List<Placed> places) {
        return places.stream().map(Placed::name).toList();
    }

    /**
     * A message left a queue for others, or for nowhere.
     *
     * @param bytes hold its record as it goes on, at {@code at}
     * @param left how, if it goes on
     * @param to where it is, the first ones
     * @param all how many these are
     */
    void moved(Route route, byte[] bytes, int at, ReportEvent left, Queue from, String why, List<Placed> to, int all) {
        ReportEvent e = !to.isEmpty() ? left : why.equals("expired") ? ReportEvent.EXPIRED : ReportEvent.DROPPED;
        left(route, bytes, at, e, from, why, to, all);
    }

    /** A message left a queue, and is kept for later where it came. */
    void waits(Route route, byte[] bytes, int at, ReportEvent left, Queue from, String why) {
        left(route, bytes, at, left, from, why, List.of(), 0);
    }

    private void left(
            Route route, byte[] bytes, int at, ReportEvent e, Queue from, String why, List<Placed> to, int all) {
        forget();
        boolean asked = e.isIn(Extension.of(bytes, at).terms().reports());
        boolean audited = from != null && from.isAudited();
        if (asked || audited) {
            String name = from == null ? "" : from.name();
            Report r = Report.of(bytes, at, e, name, why, names(to), all, 0);
            tell(route.vhost(), bytes, at, r, asked, audited);
        }
    }

    private void tell(String vhost, byte[] bytes, int at, Report r, boolean asked, boolean audited) {
        if (asked) {
            add(vhost, Report.replyTo(bytes, at), r);
        }
        if (audited) {
            add(vhost, ReportQueue.FEED, r);
        }
    }

    /** A message that waited for its time never comes. */
    public void calledOff(Route route, byte[] record, String why) {
        forget();
        if (ReportEvent.DROPPED.isIn(Extension.of(record, 0).terms().reports())) {
            add(route.vhost(), Report.replyTo(record, 0), Report.left(record, 0, ReportEvent.DROPPED, "", why));
        }
    }

    /** @param name of the queue that is told; null for none */
    private void add(String vhost, String name, Report r) {
        if (name == null || !isThere(vhost, name)) {
            untold.lost();
        } else {
            reports.add(new Kept(vhost, name, r, null));
        }
    }

    /** Mostly the same is looked for again. */
    private boolean isThere(String vhost, String name) {
        if (!name.equals(soughtName) || !vhost.equals(soughtVhost)) {
            soughtVhost = vhost;
            soughtName = name;
            isSoughtThere = queues.find(vhost, name) != null && vhostIsThere.test(vhost);
        }
        return isSoughtThere;
    }

    /** Queues may have come and gone. */
    private void forget() {
        soughtName = null;
    }

    /**
     * What is to be told comes into its queues, and so does what is told of that; what is more than may be told now, or has to come behind what was kept
     * before, is kept. Returns the units of publishes' work.
     */
    public long send(Stamp entry, Effects effects) {
        long work = 0;
        int left = units / COST;
        for (arrived(); !reports.isEmpty(); arrived()) {
            work += keepBeyond(untold.kept().isEmpty() ? left : 0, entry);
            left -= reports.size();
            work += reports.isEmpty() ? 0 : sendAll(entry, effects);
        }
        return work;
    }

    /** Returns the units of publishes' work. */
    private int keepBeyond(int most, Stamp entry) {
        if (reports.size() <= most) {
            return 0;
        }
        List<Kept> later = reports.subList(Math.max(0, most), reports.size());
        int kept = later.size() + work(later);
        untold.kept()
                .add(later.stream()
                        .map(k -> new Kept(k.vhost(), k.target(), k.report(), entry))
                        .toList());
        later.clear();
        return kept;
    }

    /** What came to queues of which that is told. */
    private void arrived() {
        forget();
        for (Placement.Arrived a : placement.takeArrived()) {
            ChunkBody body = a.messages();
            for (int i = 0; i < body.count(); i++) {
                add(
                        a.queue().vhost(),
                        ReportQueue.FEED,
                        Report.left(
                                body.bytes(),
                                body.at(i),
                                ReportEvent.STORED,
                                a.queue().name(),
                                ""));
            }
        }
    }

    private long sendAll(Stamp entry, Effects effects) {
        MovedMessages records = new MovedMessages();
        List<Queue> found = new ArrayList<>(reports.size());
        for (Kept k : reports) {
            Queue q = queues.find(k.vhost(), k.target());
            if (q == null) { // deleted by a command that came behind
                untold.lost();
                continue;
            }
            int route = records.number(new Route(k.vhost(), "", k.target()));
            k.report().write(records.records, route, k.entry() == null ? entry : k.entry());
            found.add(q);
        }
        reports.clear();
        PublishRun run = new PublishRun(records.publish(), entry.time());
        placement.begin(run, 0, entry, effects, false);
        for (int i = 0; i < run.count(); i++) {
            place(run, i, found.get(i));
        }
        placement.finish(run.count());
        return placement.work();
    }

    private void place(PublishRun run, int i, Queue to) {
        if (to.limit().refuses()) {
            placement.place(i); // so that the queue knows what comes before it
            if (to.limit().refusal(MessageRecord.bodyLength(run.bytes(), run.at(i))) != null) {
                untold.lost();
                placement.skip(i);
                return;
            }
        }
        untold.told();
        placement.add(i, new RoutingTarget[] {to});
    }

    /**
     * The entry is done: what left queues by it, or by others before, is told, as much as one entry may. Returns the units of publishes' work;
     * 0: there was nothing.
     */
    public long step(Stamp entry, Effects effects) {
        long work = send(entry, effects);
        long over = Math.max(0, untold.kept().count() - (long) MANY_KEPT * units / COST);
        int left = units + (int) Math.min(over * COST, (long) MORE * units);
        while (left > 0 && untold.kept().hasOfBefore(entry.index())) {
            List<Kept> some = untold.kept().take(Math.max(1, Math.min(left / COST, RUN)));
            reports.addAll(some);
            left -= some.size() * COST + work(some);
            work += sendAll(entry, effects) + send(entry, effects);
        }
        long before = begin(left, entry.index());
        while (left > 0 && untold.kept().isEmpty() && !untold.haveAllLeft()) {
            int share = untold.farewells().isEmpty() ? left : Math.max(1, left / 2);
            if (!untold.waiting().isEmpty()) {
                // In turns, for one queue may have more than an entry can tell in each.
                var next = untold.waiting().higherEntry(before);
                next = next == null ? untold.waiting().firstEntry() : next;
                before = next.getKey();
                left -= tell(
                        next.getValue(),
                        Math.min(share, RUN * COST)
                                / Math.min(share, untold.waiting().size()));
            }
            if (!untold.farewells().isEmpty() && left > 0) {
                left -= farewell(Math.min(left, RUN * COST));
            }
            work += send(entry, effects);
        }
        return work;
    }

    /** Behind which queue the entry begins: where there are more than it can serve, at another place each time, so that all have their turn. */
    private long begin(int left, long index) {
        if (left <= 0 || untold.waiting().size() <= left / (CHUNK_COST + COST)) {
            return Long.MIN_VALUE;
        }
        long first = untold.waiting().firstKey();
        long numbers = untold.waiting().lastKey() - first + 1;
        return first - 1 + Long.remainderUnsigned(index * SPREAD, numbers);
    }

    /** Returns the units of work. */
    private int tell(Telling t, int most) {
        Telling.Due d = t.first(Math.max(1, most / COST));
        forget();
        ChunkBody body = look.of(d.chunk());
        for (int i = d.from(); i < d.to(); i++) {
            tell(t.vhost(), body, i, d.how(), t.name(), t.isAudited());
        }
        t.told(d);
        dirty.touched(queues.byNumber(t.queue()));
        return CHUNK_COST + (d.to() - d.from()) + (COST - 1) * reports.size();
    }

    private int farewell(int most) {
        Farewells.Due d = untold.farewells().step(Math.max(1, most / COST));
        if (d == null) {
            return PASSED_COST;
        }
        forget();
        for (int i = d.from(); i < d.to(); i++) {
            tell(d.vhost(), d.body(), i, d.how(), d.queue(), d.audited());
        }
        return CHUNK_COST + (d.to() - d.from()) * COST;
    }

    private void tell(String vhost, ChunkBody body, int i, Parting how, String queue, boolean audited) {
        byte[] bytes = body.bytes();
        int at = body.at(i);
        boolean asked = MessageRecord.extensionLength(bytes, at) > 0
                && how.event().isIn(Extension.of(bytes, at).terms().reports());
        if (asked || audited) {
            tell(vhost, bytes, at, Report.left(bytes, at, how.event(), queue, how.reason()), asked, audited);
        }
    }
}
