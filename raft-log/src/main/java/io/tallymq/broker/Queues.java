package io.tallymq.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All queues and all who hold their messages: finding, making and removing them. */
final class Queues {
    private record Name(String vhost, String name) {}

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final Owed owed;
    private final Dirty dirty;
    private final MachineLimits limits;
    final Residents residents;
    private final Map<Name, Queue> byName = new LinkedHashMap<>();
    private final TreeMap<Long, Queue> byNumber = new TreeMap<>();
    /** What the deleted queues had counted. */
    final QueueCounters retired = new QueueCounters();

    private final Map<Long, Holder> holders = new LinkedHashMap<>();

    Queues(MessageStore store, SharedBodies sharedBodies, Owed owed, Dirty dirty, MachineLimits limits) {
        this.owed = owed;
        this.limits = limits;
        this.residents = new Residents(limits.residentInAll());
        this.store = store;
        this.sharedBodies = sharedBodies;
        this.dirty = dirty;
    }

    Queue find(String vhost, String name) {
        return byName.get(new Name(vhost, name));
    }

    Queue byNumber(long number) {
        return byNumber.get(number);
    }

    Collection<Queue> all() {
        return byNumber.values();
    }

    Holder holder(long number) {
        return holders.get(number);
    }

    Queue create(long number, Command.DeclareQueue d) {
        Queue q = new Queue(number, d, newLog(number), limits);
        register(q);
        store.put(Keys.of(Keys.QUEUE, number), q.encodeSpec());
        dirty.touched(q);
        return q;
    }

    private QueueLog newLog(long number) {
        return new QueueLog(number, store, sharedBodies, owed, residents, limits);
    }

    void add(Holder h) {
        holders.put(h.number(), h);
        h.queue().addHolder(h);
        h.writeSpec(store);
        dirty.touched(h.queue());
        dirty.touched(h);
    }

    /** Nobody can settle anything through this holder any more. */
    void forget(Holder h) {
        holders.remove(h.number());
        h.queue().removeHolder(h);
        h.gone = true;
        dirty.touched(h.queue());
        dirty.touched(h);
    }

    /** Removes a queue and all its messages; its holders are forgotten by the caller first. */
    void remove(Queue q) {
        q.deleted = true;
        retired.add(q.counters);
        q.log.deleteAll();
        byName.remove(new Name(q.vhost(), q.name()));
        byNumber.remove(q.number());
        store.delete(Keys.of(Keys.QUEUE, q.number()));
        store.delete(Keys.of(Keys.QUEUE_STATE, q.number()));
    }

    private void register(Queue q) {
        byName.put(new Name(q.vhost(), q.name()), q);
        byNumber.put(q.number(), q);
    }

    void restore() {
        store.scan(
                Keys.of(Keys.QUEUE),
                (k, v) -> register(Queue.decode(ByteReader.int64(k, 1), v, newLog(ByteReader.int64(k, 1)), limits)));
        Map<Long, List<Holder>> ofQueue = new LinkedHashMap<>();
        byNumber.keySet().forEach(n -> ofQueue.put(n, new ArrayList<>()));
        store.scan(Keys.of(Keys.HOLDER), (k, v) -> {
            Queue q = byNumber.get(ByteReader.int64(k, 1));
            Holder h = Holder.decode(q, ByteReader.int64(k, 9), v);
            holders.put(h.number(), h);
            ofQueue.get(q.number()).add(h);
        });
        store.scan(Keys.of(Keys.HELD), (k, v) -> holders.get(ByteReader.int64(k, 9))
                .restore(v));
        store.scan(Keys.of(Keys.QUEUE_STATE), (k, v) -> {
            long number = ByteReader.int64(k, 1);
            byNumber.get(number).decodeState(v, ofQueue.get(number));
        });
    }

    Collection<Holder> holders() {
        return holders.values();
    }

    void digest(StateDigest d) {
        byNumber.values().forEach(q -> q.digest(d));
    }
}
