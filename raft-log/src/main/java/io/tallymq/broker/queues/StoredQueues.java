package io.tallymq.broker.queues;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.DeadLetters;
import io.tallymq.broker.queue.Departure;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.HolderRecord;
import io.tallymq.broker.queue.Picking;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.QueueRecord;
import io.tallymq.broker.queue.QueueState;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** For the start: queues, who holds their messages, and what is left of those that went, as the store has them. Used once. */
final class StoredQueues {
    private final Queues queues;
    private final MessageStore store;
    private final QueueRecords records;
    private final Common common;
    private final Leaving leaving;
    private final Handouts handouts;
    private final Agenda agenda;
    private final DeadLetters deadLetters;
    /** Those that are not registered any more. */
    private final TreeMap<Long, Queue> gone = new TreeMap<>();

    /** @param queues none so far */
    StoredQueues(
            Queues queues,
            MessageStore store,
            Common common,
            Leaving leaving,
            Handouts handouts,
            Agenda agenda,
            DeadLetters deadLetters) {
        this.queues = queues;
        this.store = store;
        this.records = new QueueRecords(store);
        this.common = common;
        this.leaving = leaving;
        this.handouts = handouts;
        this.agenda = agenda;
        this.deadLetters = deadLetters;
    }

    void restore() {
        restoreQueues();
        Map<Long, List<Holder>> ofQueue = new LinkedHashMap<>();
        queues.all().forEach(q -> ofQueue.put(q.number(), new ArrayList<>()));
        restoreHolders(ofQueue);
        store.scan(Keys.of(Keys.QUEUE_STATE), (k, v) -> {
            long number = ByteReader.int64(k, 1);
            if (gone.containsKey(number)) {
                QueueState.decode(gone.get(number), v, List.of(), records);
                return;
            }
            QueueState.decode(queues.byNumber(number), v, ofQueue.get(number), records);
            handouts.restore(queues.byNumber(number));
            queues.timeouts().note(queues.byNumber(number));
            agenda.note(queues.byNumber(number));
        });
        gone.values().forEach(q -> q.counters.retire(queues.all, queues.retired));
        restoreAside();
        gone.values().forEach(leaving::purged);
        queues.all().forEach(leaving::purged);
    }

    private void restoreHolders(Map<Long, List<Holder>> ofQueue) {
        store.scan(Keys.of(Keys.HOLDER), (k, v) -> {
            Queue q = queues.byNumber(ByteReader.int64(k, 1));
            if (q == null) {
                leaving.restoreOrphan(ByteReader.int64(k, 9), ByteReader.int64(k, 1));
                return;
            }
            Holder h = HolderRecord.decode(q, ByteReader.int64(k, 9), v);
            queues.put(h);
            ofQueue.get(q.number()).add(h);
        });
        store.scan(Keys.of(Keys.HELD_BLOCK), (k, v) -> {
            Holder h = queues.anyHolder(ByteReader.int64(k, 9));
            if (h == null) {
                leaving.restoreOrphanBlock(ByteReader.int64(k, 9), ByteReader.int64(k, 17));
            } else {
                h.held.readBlock(ByteReader.int64(k, 17), new ByteReader(v));
            }
        });
        store.scan(Keys.of(Keys.HELD), (k, v) -> {
            Holder h = queues.anyHolder(ByteReader.int64(k, 9));
            if (h != null) {
                restore(h, v);
            } else {
                leaving.restoreOrphanRanges(ByteReader.int64(k, 9), HolderRecord.orphanRanges(v));
            }
        });
        store.scan(Keys.of(Keys.ACK_DEADLINE), (k, v) -> {
            Holder h = queues.anyHolder(ByteReader.int64(k, 9));
            if (h != null) {
                HolderRecord.restoreDeadline(h, v);
            }
        });
    }

    private void restoreAside() {
        TreeSet<Long> without = new TreeSet<>();
        store.scan(Keys.of(Keys.OUT_OF_TURN), (k, v) -> {
            if (having(k) == null) {
                without.add(ByteReader.int64(k, 1));
            }
        });
        without.forEach(queue -> Picking.restoreLeft(queue, records, common));
        store.scan(Keys.of(Keys.LAST_VALUE), (k, v) -> {
            if (having(k) == null) {
                common.aside().valuesLeft().restore(ByteReader.int64(k, 1), ByteReader.int64(k, 9));
            }
        });
        store.scan(Keys.of(Keys.RESTING), (k, v) -> {
            if (having(k) == null) {
                common.aside().left().restore(ByteReader.int64(k, 1), ByteReader.int64(k, 9));
            }
        });
        store.scan(Keys.of(Keys.OVERLAY), (k, v) -> {
            Queue q = having(k);
            if (q == null) {
                common.aside().asideLeft().restoreOverlay(ByteReader.int64(k, 1), ByteReader.int64(k, 9), v, store);
            } else {
                q.makeAside().overlays().restore(ByteReader.int64(k, 9), v);
            }
        });
        store.scan(Keys.of(Keys.DEFERRED), (k, v) -> {
            Queue q = having(k);
            if (q == null) {
                common.aside().asideLeft().restoreDeferred(ByteReader.int64(k, 1), ByteReader.int64(k, 9), v, store);
                return;
            }
            q.resting().restoreAside(ByteReader.int64(k, 9), v);
            if (!q.isDeleted()) {
                agenda.note(q);
            }
        });
    }

    /** The queue that a key names, there or gone. */
    private Queue having(byte[] key) {
        Queue there = queues.byNumber(ByteReader.int64(key, 1));
        return there != null ? there : gone.get(ByteReader.int64(key, 1));
    }

    private void restoreQueues() {
        Map<Long, Departure> went = leaving.queuesThatWent();
        Map<PolicyInEffect, PolicyInEffect> known = new LinkedHashMap<>(); // many queues have the same
        store.scan(Keys.of(Keys.QUEUE), (k, v) -> {
            long number = ByteReader.int64(k, 1);
            Departure with = went.get(number);
            // What it has counted is among the retired.
            Queue q = QueueRecord.decode(number, v, with == null ? queues.all : null, common, deadLetters);
            if (q.policy() != null) {
                q.restore(known.computeIfAbsent(q.policy(), p -> p));
            }
            if (with == null) {
                queues.register(q);
                return;
            }
            q.delete();
            gone.put(number, q);
            leaving.add(q, with);
        });
    }

    private void restore(Holder h, byte[] value) {
        HolderRecord.restore(h, value);
        Departure with = leaving.departureOf(h);
        if (with != null) {
            h.leave(with);
            leaving.add(h, with);
        }
    }
}
