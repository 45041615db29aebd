package io.tallymq.broker.time;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Scheduled messages whose time has come and for which a queue had no room, by that queue. One of them tries for all, after a pause that doubles while
 * it finds none: so what is stuck costs the same, be it one message or a million.
 */
final class ForRoom {
    /** Milliseconds after which one tries again that has tried once. */
    private static final long RETRY = 1_000;
    /** So often the pause doubles. */
    private static final int DOUBLINGS = 4;

    private static final class Group {
        final TreeSet<Schedule.Due> members = new TreeSet<>();
        long tryAt;
        int failures;
    }

    private final MessageStore store;
    private final TreeMap<Schedule.Due, Long> queues = new TreeMap<>();
    private final TreeMap<Long, Group> groups = new TreeMap<>();
    /** When each queue is tried again, with the queue's number. */
    private final TreeSet<Schedule.Due> tries = new TreeSet<>();

    ForRoom(MessageStore store) {
        this.store = store;
    }

    /** In the order of their times; not to be changed. */
    TreeMap<Schedule.Due, Long> all() {
        return queues;
    }

    /** When the next one tries; {@link Schedule#NEVER}. */
    long next() {
        return tries.isEmpty() ? Schedule.NEVER : tries.first().time();
    }

    /** Those that are to try next, all for one queue: behind one that found no room it is one. */
    List<Schedule.Due> first(int most) {
        Group g = groups.get(tries.first().number());
        List<Schedule.Due> some = new ArrayList<>();
        for (Schedule.Due due : g.members) {
            some.add(due);
            if (some.size() == most || g.failures > 0) {
                break;
            }
        }
        return some;
    }

    /** A message waits for room in a queue. Returns true if it has waited for that before: then the others need not try now. */
    boolean add(Schedule.Due due, long queue, long now) {
        Group g = groups.get(queue);
        boolean isNew = g == null;
        boolean again = !isNew && g.members.contains(due);
        if (isNew) {
            g = new Group();
            groups.put(queue, g);
        }
        put(due, queue, g);
        if (isNew || again) {
            set(queue, g, now + (RETRY << Math.min(g.failures, DOUBLINGS)), g.failures + 1);
        }
        return again;
    }

    private void put(Schedule.Due due, long queue, Group g) {
        g.members.add(due);
        queues.put(due, queue);
    }

    /** The queue had room: those that wait for it go on behind what others wait for. */
    void hadRoom(long queue, long now) {
        Group g = groups.get(queue);
        if (g != null) {
            set(queue, g, now, 0);
        }
    }

    private void set(long queue, Group g, long tryAt, int failures) {
        tries.remove(new Schedule.Due(g.tryAt, queue));
        g.tryAt = tryAt;
        g.failures = failures;
        tries.add(new Schedule.Due(tryAt, queue));
        store.put(
                Keys.of(Keys.SCHEDULE_ROOM, queue),
                new ByteWriter(12).int64(tryAt).varint(failures).toBytes());
    }

    /** It does not wait for room any more. */
    void remove(Schedule.Due due) {
        Long queue = queues.remove(due);
        if (queue == null) {
            return;
        }
        Group g = groups.get(queue);
        g.members.remove(due);
        if (g.members.isEmpty()) {
            groups.remove(queue);
            tries.remove(new Schedule.Due(g.tryAt, queue));
            store.delete(Keys.of(Keys.SCHEDULE_ROOM, queue));
        }
    }

    /** Before {@link #restore(Schedule.Due, long)}. */
    void restore() {
        store.scan(Keys.of(Keys.SCHEDULE_ROOM), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Group g = new Group();
            g.tryAt = r.int64();
            g.failures = (int) r.varint();
            TaggedFields.endRecord(r);
            long queue = ByteReader.int64(k, 1);
            groups.put(queue, g);
            tries.add(new Schedule.Due(g.tryAt, queue));
        });
    }

    void restore(Schedule.Due due, long queue) {
        put(due, queue, groups.get(queue));
    }

    /** Of when they try. Returns how many queues they wait for. */
    int digest(StateDigest d) {
        groups.forEach((queue, g) -> d.add(queue).add(g.tryAt).add((long) g.failures));
        return groups.size();
    }
}
