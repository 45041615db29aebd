package io.tallymq.broker;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.access.Policies;
import io.tallymq.broker.chunk.Owed;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.history.RecentMessages;
import io.tallymq.broker.ids.IdAnswers;
import io.tallymq.broker.ids.Ids;
import io.tallymq.broker.life.Absence;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Nodes;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.moving.PublishCounts;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.DeadLetters;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Handouts;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.queues.Queues;
import io.tallymq.broker.receipts.Answers;
import io.tallymq.broker.receipts.Producers;
import io.tallymq.broker.receipts.Whereabouts;
import io.tallymq.broker.reports.DueLately;
import io.tallymq.broker.reports.Farewells;
import io.tallymq.broker.reports.Untold;
import io.tallymq.broker.routing.Exchange;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.settings.PolicyRound;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.time.Schedule;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.IdsView;
import io.tallymq.broker.view.LaneEnds;
import io.tallymq.broker.view.PolicyWork;
import io.tallymq.broker.view.QueueHead;
import io.tallymq.broker.view.ReceiptsView;
import io.tallymq.broker.view.RecentDigests;
import io.tallymq.broker.view.Standing;
import io.tallymq.broker.view.Vhost;
import io.tallymq.format.Versions;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * All that the broker keeps, and how it comes back from the store and goes there. What is decided is {@link BrokerMachine}'s
 * business. The rooms' parts are made here once and know each other from then on.
 */
abstract class BrokerState implements BrokerView {
    private static final long[] NOTHING = {};

    /** Where every log begins. */
    private static final int FIRST_LEVEL = 1;

    final MessageStore store;
    final MachineLimits limits;
    final Versions levels;
    final Dirty dirty;
    final Handouts handouts;
    final Leaving leaving;
    final DueLately lately = new DueLately(this::level, this::clock);
    final DeadLetters deadLetters = new DeadLetters(lately);
    final Agenda agenda = new Agenda();
    final SharedBodies sharedBodies;
    final Owed owed;
    final Untold untold;
    final Uploads uploads;
    final Nodes nodes;
    final Absence absence = new Absence();
    final Connections connections;
    final Queues queues;
    final Topology topology;
    final AccessState access;
    final Policies policies;
    final StateUse use;
    final PolicyRound policyRound = new PolicyRound();
    final Schedule schedule;
    final SeenKeys seen;
    final RecentMessages recent;
    final Producers producers;
    final Ids ids;
    private final Answers answers;
    private final IdAnswers idAnswers;

    final Numbers numbers = new Numbers();
    private final MachineRecord record;
    final PublishCounts publishCounts = new PublishCounts(this::level);

    long clock;
    int level = FIRST_LEVEL;
    /** The entry in hand, or the last one. */
    long applied = -1;
    /** The last entry all of which is applied. */
    long wholeTerm;

    long wholeIndex = -1;
    /** What is done of the entry after it, when a commit came within; else null. */
    Progress within;

    /** Units of work of publishes since the last commit. */
    long unwritten;
    /** What the store was asked to commit last. */
    private MessageStore.Applied committing;

    final RecentDigests recentDigests = new RecentDigests();

    BrokerState(MessageStore store, MachineLimits limits, Versions levels) {
        this.store = store;
        this.limits = limits;
        this.levels = levels;
        dirty = new Dirty(store);
        handouts = new Handouts(dirty, limits.work().handOuts());
        leaving = new Leaving(store, dirty, handouts, limits.work().perEntry());
        sharedBodies = new SharedBodies(store);
        uploads = new Uploads(store, limits.state(), this::level, numbers::newShared);
        nodes = new Nodes(store);
        connections = new Connections(store);
        ArgumentRoom arguments = new ArgumentRoom(limits.state(), this::level);
        seen = new SeenKeys(store, this::level, limits.state().of(StateLimit.SEEN_KEYS));
        recent = new RecentMessages(store, this::level);
        producers = new Producers(store, numbers::newNumber, limits.producers());
        ids = new Ids(store, numbers::newNumber, absence::until);
        Whereabouts whereabouts = new Whereabouts() {
            @Override
            public boolean has(long queue) {
                return queues.byNumber(queue) != null;
            }

            @Override
            public Standing.State state(long queue, long seq) {
                return BrokerState.this.state(queue, seq);
            }

            @Override
            public boolean isAcked(long queue, long seq) {
                return queues.byNumber(queue).lanes().partings().isAcked(seq);
            }
        };
        answers = new Answers(producers, this::appliedIndex, whereabouts);
        idAnswers = new IdAnswers(ids, this::exchangeNumber, this::appliedIndex, () -> clock, whereabouts);
        owed = new Owed(store, sharedBodies);
        untold = new Untold(store, new Farewells(store, sharedBodies, owed, this::level));
        queues = new Queues(
                store,
                sharedBodies,
                owed,
                dirty,
                handouts,
                leaving,
                deadLetters,
                agenda,
                () -> clock,
                this::level,
                seen::forget,
                untold,
                arguments,
                limits);
        schedule = new Schedule(store, sharedBodies, this::level);
        topology = new Topology(
                store, queues::find, numbers::newNumber, this::exchangeGone, arguments, this::level, limits);
        access = new AccessState(store, () -> level < AccessState.MADE_LEVEL ? 0 : applied);
        policies = new Policies(store, limits.state());
        use = new StateUse(queues, topology, connections, uploads, policies, schedule, arguments, seen);
        record = new MachineRecord(numbers, publishCounts, queues.retired, policyRound, access, absence, lately);
        restore();
    }

    private long exchangeNumber(String vhost, String name) {
        Exchange x = topology.exchange(vhost, name);
        return x == null ? 0 : x.number();
    }

    private void exchangeGone(long number) {
        seen.forget(number);
        recent.forget(number);
        ids.forget(number);
    }

    private void restore() {
        MessageStore.Applied last = store.applied();
        if (last != null) {
            level = last.level();
            if (!levels.include(level)) {
                throw new UnknownFormatException(UnknownFormatException.level("The store", level, levels));
            }
            clock = last.clock();
            applied = last.index();
            wholeTerm = last.term();
            wholeIndex = last.index();
            lately.begin();
            store.scan(Keys.of(Keys.MACHINE), (k, v) -> within = record.decode(v));
        }
        access.restore();
        policies.restore();
        nodes.restore();
        connections.restore();
        uploads.restore();
        owed.restore();
        untold.restore();
        leaving.restore();
        queues.restore();
        topology.restore(vhosts());
        schedule.restore();
        recent.restore(topology::hasExchange);
        producers.restore();
        ids.restore();
        seen.restore(owner -> queues.byNumber(owner) != null || topology.hasExchange(owner));
        for (Holder h : queues.holders()) {
            if (h.departure() == null) {
                connections.get(h.connection()).add(h);
                h.queue().refresh(h);
            }
        }
        connections.parkAll();
        for (Queue q : queues.all()) {
            if (q.owner() != null) {
                connections.get(q.owner()).exclusiveQueues.add(q.number());
            }
        }
    }

    /** Asks the store to keep what changed since the last commit, as one with the position. */
    final boolean write(long term, long index) {
        unwritten = 0;
        owed.committing();
        dirty.write();
        nodes.writeDirty();
        sharedBodies.writeDirty();
        producers.write();
        ids.write();
        untold.write();
        store.put(Keys.of(Keys.MACHINE), record.encode(within));
        committing = new MessageStore.Applied(term, index, clock, level);
        return writeAgain();
    }

    /** Asks for the same again. Until the store has it who reads finds it in memory, which forgets nothing of it before. */
    final boolean writeAgain() {
        boolean done = store.commit(committing);
        if (done) {
            dirty.committed();
            schedule.committed();
            producers.committed();
            ids.committed();
        }
        return done;
    }

    /** The levels that this program knows. */
    public final Versions levels() {
        return levels;
    }

    /** What a declare costs beside itself. May be kept, as {@link #access}. */
    public final PolicyWork policyWork() {
        return policies;
    }

    @Override
    public long appliedIndex() {
        return wholeIndex;
    }

    @Override
    public long clock() {
        return clock;
    }

    @Override
    public int level() {
        return level;
    }

    @Override
    public List<String> vhosts() {
        return access.vhosts().stream()
                .filter(v -> !v.isGoing())
                .map(Vhost::name)
                .toList();
    }

    @Override
    public AccessView access() {
        return access;
    }

    @Override
    public long[] ready(long queue, long from, long to, int most) {
        Queue q = queues.byNumber(queue);
        return q == null ? NOTHING : q.lanes().picking().ready(from, to, most);
    }

    @Override
    public boolean hasOverlays(long queue) {
        Queue q = queues.byNumber(queue);
        return q != null && q.aside() != null && q.aside().overlays().count() > 0;
    }

    @Override
    public boolean isHolder(long number) {
        return queues.holder(number) != null;
    }

    @Override
    public SortedMap<Long, Optional<HeaderOverlay>> overlays(long queue, long from, long to) {
        return hasOverlays(queue)
                ? queues.byNumber(queue).aside().overlays().between(from, to)
                : Collections.emptySortedMap();
    }

    @Override
    public Chunk chunkNear(long queue, long seq) {
        Queue q = queues.byNumber(queue);
        return q == null ? null : q.lanes().chunkNear(seq);
    }

    @Override
    public Standing standing(long queue, long at, boolean back) {
        Queue q = queues.byNumber(queue);
        return q == null ? null : queues.standing(q, at, back, wholeIndex, connections::infoOf);
    }

    @Override
    public QueueHead head(String vhost, String name) {
        Queue q = queues.find(vhost, name);
        return q == null ? null : queues.head(q);
    }

    @Override
    public Reports reports() {
        return new Reports(untold.reports(), untold.lostReports(), untold.size());
    }

    @Override
    public ReceiptsView receipts() {
        return answers;
    }

    @Override
    public IdsView ids() {
        return idAnswers;
    }

    private Standing.State state(long queue, long seq) {
        Standing s = standing(queue, seq, false);
        return s == null ? null : s.state(seq);
    }

    @Override
    public LaneEnds ends(long queue) {
        Queue q = queues.byNumber(queue);
        return q == null ? new LaneEnds() : q.lanes().ends();
    }

    @Override
    public long queueNumber(String vhost, String name) {
        Queue q = queues.find(vhost, name);
        return q == null ? 0 : q.number();
    }

    @Override
    public Optional<QueueInfo> queue(String vhost, String name) {
        return Optional.ofNullable(queues.find(vhost, name)).map(q -> queues.info(q, connections::infoOf));
    }

    @Override
    public Step<QueueInfo> queues(Place from, int most) {
        return queues.views(from, most, connections::infoOf);
    }

    @Override
    public Optional<ExchangeView> exchange(String vhost, String name) {
        return topology.exchangeView(vhost, name);
    }

    @Override
    public boolean isBound(String vhost, BindingKey binding, boolean toQueue) {
        Queue q = toQueue ? queues.find(vhost, binding.destination()) : null;
        return toQueue ? q != null && topology.isBound(vhost, binding, q) : topology.isBound(vhost, binding);
    }

    @Override
    public Step<ExchangeView> exchanges(Place from, int most) {
        return topology.exchanges(from, most);
    }

    @Override
    public Step<BindingView> bindings(Place from, int most) {
        return topology.bindings(from, most);
    }

    @Override
    public Step<ConnectionView> connections(Place from, int most) {
        return connections.views(from, most);
    }

    @Override
    public Step<ConsumerView> consumers(Place from, int most) {
        return queues.consumerViews(from, most, connections::infoOf);
    }

    @Override
    public List<PolicyView> policies(boolean operator) {
        return policies.views(operator);
    }

    @Override
    public Step<ScheduledView> scheduled(Place from, int most) {
        return schedule.views(from, most);
    }

    @Override
    public Optional<ScheduledView> scheduled(String vhost, String key) {
        return Optional.ofNullable(schedule.view(vhost, key));
    }

    @Override
    public Sizes sizes() {
        return new Sizes(
                queues.all().size(),
                topology.exchangeCount(),
                topology.bindingCount(),
                queues.holderCount(),
                connections.count(),
                uploads.count());
    }

    @Override
    public long used(StateLimit limit) {
        return use.of(limit);
    }

    @Override
    public Changes changes() {
        return use.changes();
    }

    @Override
    public Counters totals() {
        return queues.all.view(publishCounts.droppedSoFar());
    }

    @Override
    public Publishes publishes() {
        return publishCounts.view(queues.all.published());
    }

    @Override
    public long digest() {
        return digestWalk(applied).all();
    }

    final DigestWalk digestWalk(long index) {
        StateDigest d = numbers.digest(new StateDigest().add((long) level)).add(clock);
        publishCounts.digest(d);
        nodes.digest(d);
        absence.digest(d);
        lately.digest(d);
        return new DigestWalk(
                index,
                d,
                List.of(
                        connections::digest,
                        DigestWalk.whole(uploads::digest),
                        queues::digest,
                        DigestWalk.whole(queues.retired::digest),
                        topology::digest,
                        schedule::digest,
                        DigestWalk.whole(leaving::digest),
                        DigestWalk.whole(policies::digest),
                        DigestWalk.whole(policyRound::digest),
                        access::digest,
                        seen::digest,
                        recent::digest,
                        producers::digest,
                        ids::digest,
                        DigestWalk.whole(untold::digest)));
    }

    @Override
    public List<DigestAt> recentDigests() {
        return recentDigests.all();
    }
}
