package io.tallymq.broker.queues;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.chunk.Owed;
import io.tallymq.broker.chunk.Residents;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.QueueChurn;
import io.tallymq.broker.lane.QueueCounters;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.DeadLetters;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.HolderRecord;
import io.tallymq.broker.queue.Inspection;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueRecord;
import io.tallymq.broker.reports.Untold;
import io.tallymq.broker.settings.ArgumentRoom;
import io.tallymq.broker.settings.ArgumentSize;
import io.tallymq.broker.settings.Deduplication;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.BodySizes;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.ListSteps;
import io.tallymq.broker.view.QueueHead;
import io.tallymq.broker.view.Standing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** All queues and all who hold their messages: finding, making and removing them. */
public final class Queues {
    /** In an order, as clients may choose names whose hashes are the same. */
    private record Name(String vhost, String name) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int c = name.compareTo(o.name);
            return c == 0 ? vhost.compareTo(o.vhost) : c;
        }
    }

    private final MessageStore store;
    private final Dirty dirty;
    private final Handouts handouts;
    private final Leaving leaving;
    private final Residents residents;
    private final DeadLetters deadLetters;
    private final Agenda agenda;
    private final Common common;
    private final AsideTotals aside = new AsideTotals();
    private final TimeoutRounds timeouts;
    private final LongConsumer forgetKeys;
    private final ArgumentRoom room;
    private final Map<Name, Queue> byName = new LinkedHashMap<>();
    private final TreeMap<Long, Queue> byNumber = new TreeMap<>();
    /** How many each virtual host has. */
    private final Map<String, Integer> perVhost = new LinkedHashMap<>();
    /** What the deleted queues had counted. */
    public final QueueCounters retired = new QueueCounters(null);
    /** What all queues have counted, the deleted ones too. */
    public final QueueCounters all = new QueueCounters(null);

    /** Of queues, as this replica has seen it. */
    public final QueueChurn churn = new QueueChurn();

    private final Map<Long, Holder> holders = new LinkedHashMap<>();

    public Queues(
            MessageStore store,
            SharedBodies sharedBodies,
            Owed owed,
            Dirty dirty,
            Handouts handouts,
            Leaving leaving,
            DeadLetters deadLetters,
            Agenda agenda,
            LongSupplier clock,
            IntSupplier level,
            LongConsumer forgetKeys,
            Untold untold,
            ArgumentRoom room,
            MachineLimits limits) {
        this.room = room;
        this.forgetKeys = forgetKeys;
        this.deadLetters = deadLetters;
        this.agenda = agenda;
        this.leaving = leaving;
        this.residents = new Residents(limits.residentInAll());
        this.store = store;
        this.common = new Common(
                store,
                limits,
                clock,
                level,
                sharedBodies,
                owed,
                new BodySizes(store),
                new BodyLook(store),
                residents,
                aside,
                untold);
        this.dirty = dirty;
        this.timeouts = new TimeoutRounds(dirty, limits.work().perEntry());
        this.handouts = handouts;
    }

    public Queue find(String vhost, String name) {
        return byName.get(new Name(vhost, name));
    }

    public Queue byNumber(long number) {
        return byNumber.get(number);
    }

    public Collection<Queue> all() {
        return byNumber.values();
    }

    /** Who may refer to the messages it holds; null when there is none. */
    public Holder holder(long number) {
        Holder h = holders.get(number);
        return h == null || h.departure() != null ? null : h;
    }

    /** Consumers and getters in memory, those included that are on their way out. */
    public int holderCount() {
        return holders.size() + leaving.orphans();
    }

    /** @param level of the state */
    public Queue create(long number, DeclareQueue d, int level) {
        Queue q = new Queue(number, d, level, all, common, deadLetters);
        q.disuse().used(dirty);
        register(q);
        churn.created(q.isOfConnection());
        store.put(Keys.of(Keys.QUEUE, number), QueueRecord.of(q));
        dirty.touched(q);
        return q;
    }

    /** It goes by other policies from now on, null for none. */
    public void goBy(Queue q, PolicyInEffect policy) {
        Deduplication before = q.settings().deduplication();
        q.goBy(policy, dirty);
        forgetOthers(q, before);
        timeouts.note(q);
        store.put(Keys.of(Keys.QUEUE, q.number()), QueueRecord.of(q));
        dirty.touched(q);
    }

    /** It is as if it had been declared so. */
    public void alter(Queue q, QueueSpec spec, PolicyInEffect policy) {
        Deduplication before = q.settings().deduplication();
        room.went(q.spec().arguments());
        room.came(spec.arguments());
        q.alter(spec, policy, dirty);
        churn.changed(q.isOfConnection());
        forgetOthers(q, before);
        timeouts.note(q);
        store.put(Keys.of(Keys.QUEUE, q.number()), QueueRecord.of(q));
        dirty.touched(q);
    }

    /** What it has seen means nothing to it any more, if it goes by another header now or remembers nothing. */
    private void forgetOthers(Queue q, Deduplication before) {
        if (common.level().getAsInt() >= SeenKeys.LEVEL
                && !Deduplication.isBySame(before, q.settings().deduplication())) {
            forgetKeys.accept(q.number());
        }
    }

    /** The queue with the lowest number behind this one, or null. */
    public Queue behind(long number) {
        Map.Entry<Long, Queue> next = byNumber.higherEntry(number);
        return next == null ? null : next.getValue();
    }

    public void add(Holder h) {
        put(h);
        h.queue().addHolder(h);
        HolderRecord.writeSpec(h, store);
        dirty.touched(h.queue());
        dirty.touched(h);
    }

    private void take(Holder h) {
        if (holders.remove(h.number()) != null) {
            room.went(h.spec().arguments());
        }
    }

    /** Nobody can settle anything through this holder any more. */
    public void forget(Holder h) {
        take(h);
        h.queue().removeHolder(h);
        dirty.touched(h.queue());
        dirty.touched(h);
    }

    /** The holder's queue is being deleted, and its record is taken out later. */
    public void orphan(Holder h) {
        take(h);
        h.queue().holdings().orphan(h);
        leaving.orphan(h);
    }

    /** Removes a queue and all its messages; its holders are forgotten by the caller first. */
    public void remove(Queue q) {
        removeLater(q);
        takeOut(q);
    }

    /** The queue is gone for everybody, and {@link #takeOut} follows. */
    public void removeLater(Queue q) {
        q.delete();
        handouts.forget(q);
        timeouts.forget(q);
        if (!q.dying().isOnItsWay()) {
            deadLetters.remove(q);
        }
        agenda.forget(q);
        forgetKeys.accept(q.number());
        retired.add(q.counters);
        q.counters.retire(all, retired);
        churn.deleted(q.isOfConnection());
        byName.remove(new Name(q.vhost(), q.name()));
        byNumber.remove(q.number());
        room.went(q.spec().arguments());
        perVhost.computeIfPresent(q.vhost(), (vhost, n) -> n == 1 ? null : n - 1);
    }

    /** What memory and store still have of a queue goes. */
    void takeOut(Queue q) {
        deadLetters.remove(q); // with its virtual host go letters that are on their way
        q.takeOut();
        store.delete(Keys.of(Keys.QUEUE, q.number()));
        store.delete(Keys.of(Keys.QUEUE_STATE, q.number()));
    }

    void register(Queue q) {
        byName.put(new Name(q.vhost(), q.name()), q);
        byNumber.put(q.number(), q);
        room.came(q.spec().arguments());
        perVhost.merge(q.vhost(), 1, Integer::sum);
    }

    /** How many a virtual host has. */
    public int count(String vhost) {
        return perVhost.getOrDefault(vhost, 0);
    }

    /** For the start, {@link #retired} is restored before. */
    public void restore() {
        all.add(retired);
        new StoredQueues(this, store, common, leaving, handouts, agenda, deadLetters).restore();
    }

    /** For the start: a holder is there again. */
    void put(Holder h) {
        holders.put(h.number(), h);
        room.came(h.spec().arguments());
    }

    /** Null for none, there or on its way out. */
    Holder anyHolder(long number) {
        return holders.get(number);
    }

    /** Whose holders have still to learn of another timeout. */
    public TimeoutRounds timeouts() {
        return timeouts;
    }

    /** Why there is no room for more arguments; null when there is. */
    public Reply.Rejected refusal(Arguments more) {
        return room.refusal(more);
    }

    /** The same, where they take the place of these. */
    public Reply.Rejected refusal(Arguments more, Arguments insteadOf) {
        return room.refusal(ArgumentSize.cost(more) - ArgumentSize.cost(insteadOf));
    }

    /** How much they have aside. */
    public AsideTotals aside() {
        return aside;
    }

    public Collection<Holder> holders() {
        return holders.values();
    }

    /** Chunk descriptors in memory. */
    public int residentChunks() {
        return residents.count();
    }

    /** Those of which a part was handed out and not all is gone. */
    public int begunChunks() {
        return residents.begun();
    }

    /** Dead letters that are held up. */
    public long heldLetters() {
        return deadLetters.held();
    }

    /** Those of queues that keep last values. */
    public int lastValueChunks() {
        return residents.ofLastValues();
    }

    /** The messages that are next; null for none, or if memory does not tell when all of them came. */
    public QueueHead head(Queue q) {
        return Inspection.head(q);
    }

    /** How the messages of a queue stand from one on or, back, up to it; null when there is none. */
    public Standing standing(
            Queue q, long at, boolean back, long index, Function<ConnectionId, ConnectionInfo> infoOf) {
        return Inspection.of(q, at, back, index, infoOf);
    }

    public BrokerView.QueueInfo info(Queue q, Function<ConnectionId, ConnectionInfo> infoOf) {
        return Inspection.info(q, infoOf);
    }

    public BrokerView.Step<BrokerView.QueueInfo> views(
            BrokerView.Place from, int most, Function<ConnectionId, ConnectionInfo> infoOf) {
        Map<Long, Queue> rest = byNumber;
        if (from instanceof ListSteps.AtNumber at) {
            rest = byNumber.tailMap(at.number(), false);
        }
        return ListSteps.take(
                rest.values().iterator(), most, q -> info(q, infoOf), q -> new ListSteps.AtNumber(q.number()));
    }

    /** A place in the list of consumers. */
    private record AtConsumer(long queue, long number) implements BrokerView.Place {}

    public BrokerView.Step<BrokerView.ConsumerView> consumerViews(
            BrokerView.Place from, int most, Function<ConnectionId, ConnectionInfo> infoOf) {
        AtConsumer at = from == null ? new AtConsumer(0, 0) : (AtConsumer) from;
        List<BrokerView.ConsumerView> views = new ArrayList<>();
        for (Queue q : byNumber.tailMap(at.queue).values()) {
            for (Holder h : q.turns().consumersAfter(q.number() == at.queue ? at.number : 0)) {
                if (views.size() == most) {
                    return new BrokerView.Step<>(views, at);
                }
                views.add(Inspection.consumer(h, infoOf));
                at = new AtConsumer(q.number(), h.number());
            }
        }
        return new BrokerView.Step<>(views, null);
    }

    /** As {@link DigestWalk.Part}; a queue is a whole. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Queue q : (from == null ? byNumber : byNumber.tailMap((Long) from, false)).values()) {
            q.digest(d);
            units.spend(digestCost(q));
            if (units.areSpent()) {
                return q.number();
            }
        }
        return null;
    }

    /** About what {@link Queue#digest} costs; an empty queue costs one. */
    private static long digestCost(Queue q) {
        return 1
                + q.holdings().holderCount() / 4
                + q.holdings().count() / 32
                + (q.aside() == null ? 0 : q.aside().count() / 32);
    }
}
