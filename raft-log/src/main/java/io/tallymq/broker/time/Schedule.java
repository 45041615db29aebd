package io.tallymq.broker.time;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.ListSteps;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/**
 * All messages whose time is still to come, in the order of their times, and of their publishes where these are the same. The messages are in
 * the store; in memory are their times (about 80 bytes each) and the ids that publishers gave.
 */
public final class Schedule {
    /** In place of a time: never. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * The time of one message.
     *
     * @param time milliseconds since the epoch
     * @param number never reused
     */
    public record Due(long time, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due o) {
            int c = Long.compare(time, o.time);
            return c != 0 ? c : Long.compare(number, o.number);
        }
    }

    private record Name(String vhost, String id) implements Comparable<Name> {
        @Override
        public int compareTo(Name o) {
            int c = vhost.compareTo(o.vhost);
            return c != 0 ? c : id.compareTo(o.id);
        }
    }

    /** The level of the state from which on what waits has a {@link Heading}, and what is stuck waits by its queue. */
    private static final int LEVEL = 5;

    private static final byte[] NOTHING = {};
    /** Of what stands beside a time. */
    private static final int HEADING = 1;
    /** Varint: the queue that had no room. */
    private static final int STUCK = 2;
    /** Messages that a step of the list reads from the store. */
    private static final int READ_AT_ONCE = 100;

    /** Units of reading one from wherever in the store, and of taking it out. */
    public static final int READ = 20;

    private static final int BYTES_PER_WORK = 512;

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final IntSupplier level;
    /** But for those that are stuck. */
    private final TreeSet<Due> all = new TreeSet<>();

    private final ForRoom stuck;
    private final TreeMap<Name, Due> byName = new TreeMap<>();
    /** Those that the store can't yet read back. */
    private final Map<Long, Scheduled> uncommitted = new LinkedHashMap<>();

    private long read;

    /** @param level of the state */
    public Schedule(MessageStore store, SharedBodies sharedBodies, IntSupplier level) {
        this.store = store;
        this.sharedBodies = sharedBodies;
        this.level = level;
        this.stuck = new ForRoom(store);
    }

    public void restore() {
        stuck.restore();
        store.scan(
                Keys.of(Keys.SCHEDULE), (k, v) -> restore(new Due(ByteReader.int64(k, 1), ByteReader.int64(k, 9)), v));
        store.scan(Keys.of(Keys.SCHEDULE_ID), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Name name = new Name(r.string(), r.string());
            byName.put(name, new Due(r.int64(), r.int64()));
            TaggedFields.endRecord(r);
        });
    }

    private void restore(Due due, byte[] value) {
        long[] queue = {0};
        TaggedFields.readRecord(new ByteReader(value), (tag, field) -> {
            queue[0] = tag == STUCK ? field.varint() : queue[0];
            return tag == HEADING || tag == STUCK;
        });
        if (queue[0] == 0) {
            all.add(due);
        } else {
            stuck.restore(due, queue[0]);
        }
    }

    public int size() {
        return all.size() + stuck.all().size();
    }

    /** Units of work of what was read since the start: who reads takes the difference. */
    public long read() {
        return read;
    }

    /** A body that it refers to stays. One with the same id, if there is one, is replaced: that is returned, else null. */
    public Scheduled add(Due due, Scheduled s) {
        final Scheduled before = cancel(s.route().vhost(), s.id());
        if (MessageRecord.isExternal(s.record(), 0)) {
            sharedBodies.refer(MessageRecord.externalId(s.record(), 0));
        }
        store.put(Keys.of(Keys.SCHEDULED, due.number), s.encode());
        uncommitted.put(due.number, s);
        put(due, s);
        name(s, due);
        return before;
    }

    private void put(Due due, Scheduled s) {
        all.add(due);
        write(due, s, 0);
    }

    private void write(Due due, Scheduled s, long queue) {
        if (level.getAsInt() < LEVEL) {
            store.put(key(due), NOTHING);
            return;
        }
        ByteWriter w = new ByteWriter(112);
        TaggedFields.write(w, HEADING, Heading.of(s).encode());
        if (queue != 0) {
            TaggedFields.write(w, STUCK, new ByteWriter(9).varint(queue).toBytes());
        }
        store.put(key(due), w.toBytes());
    }

    private void name(Scheduled s, Due due) {
        if (!s.id().isEmpty()) {
            byName.put(new Name(s.route().vhost(), s.id()), due);
            ByteWriter w = new ByteWriter(64);
            w.string(s.route().vhost()).string(s.id());
            store.put(nameKey(due), w.int64(due.time).int64(due.number).toBytes());
        }
    }

    /** When the next one is to be published; {@link #NEVER}. */
    public long next() {
        return Math.min(nextInTime(), stuck.next());
    }

    private long nextInTime() {
        return all.isEmpty() ? NEVER : all.first().time;
    }

    /** Whether one is due that has not tried before. */
    public boolean isDue(long now) {
        return nextInTime() <= now;
    }

    /** Whether one is to try again for which a queue had no room. */
    public boolean triesAgain(long now) {
        return stuck.next() <= now;
    }

    /** How many have come due after one time and by another, or {@code most}; but for those that are stuck. */
    public int dueBetween(long after, long now, long most) {
        int n = 0;
        for (Iterator<Due> some =
                        all.tailSet(new Due(after, Long.MAX_VALUE), false).iterator();
                n < most && some.hasNext() && some.next().time <= now; ) {
            n++;
        }
        return n;
    }

    /** Those that are due by now, the first ones; not to be changed. */
    public Iterable<Due> until(long now) {
        return all.headSet(new Due(now, Long.MAX_VALUE), true);
    }

    /** Those that are to try again next, all for one queue. */
    public List<Due> again(int most) {
        return stuck.first(most);
    }

    /** The one that comes after this time; null when there is none. */
    public Due behind(Due due) {
        Iterator<Due> rest = rest(due);
        return rest.hasNext() ? rest.next() : null;
    }

    private Iterator<Due> rest(Due behind) {
        SortedSet<Due> some = behind == null ? all : all.tailSet(behind, false);
        SortedMap<Due, Long> others = behind == null ? stuck.all() : stuck.all().tailMap(behind, false);
        return others.isEmpty()
                ? some.iterator()
                : new InOrder<>(some.iterator(), others.keySet().iterator());
    }

    private boolean has(Due due) {
        return all.contains(due) || stuck.all().containsKey(due);
    }

    /** The message with this time. */
    public Scheduled get(Due due) {
        Scheduled s = uncommitted.get(due.number);
        s = s != null ? s : Scheduled.decode(store.get(Keys.of(Keys.SCHEDULED, due.number)));
        read += level.getAsInt() < LEVEL ? 0 : READ + s.record().length / BYTES_PER_WORK;
        return s;
    }

    /** What is asked of the one with this time, without reading it; what an older program has put here is read. */
    public Heading heading(Due due) {
        Scheduled s = uncommitted.get(due.number);
        byte[] beside = s == null ? store.get(key(due)) : null;
        Heading[] found = {s == null ? null : Heading.of(s)};
        if (beside != null) {
            TaggedFields.readRecord(new ByteReader(beside), (tag, field) -> {
                found[0] = tag == HEADING ? Heading.decode(field) : found[0];
                return true;
            });
        }
        return found[0] != null
                ? found[0]
                : Heading.of(Scheduled.decode(store.get(Keys.of(Keys.SCHEDULED, due.number))));
    }

    /** The time of the one with this id, or null. */
    public Due find(String vhost, String id) {
        return byName.get(new Name(vhost, id));
    }

    /** The one with this id goes; null if there was none. */
    public Scheduled cancel(String vhost, String id) {
        Due due = id.isEmpty() ? null : find(vhost, id);
        Scheduled was = due == null ? null : get(due);
        if (was != null) {
            remove(due, was);
        }
        return was;
    }

    /** It is not to be published, and returned; null if the vhost does not have it. */
    public Scheduled remove(Due due, String vhost) {
        Scheduled s = isOf(due, vhost) ? get(due) : null;
        if (s != null) {
            remove(due, s);
        }
        return s;
    }

    /** Whether it is there, and the vhost's. */
    public boolean isOf(Due due, String vhost) {
        return has(due) && heading(due).route().vhost().equals(vhost);
    }

    /** It is not to be published, for its vhost goes. Returns whether this has it. */
    public boolean drop(Due due, String vhost) {
        boolean is = isOf(due, vhost);
        if (is) {
            remove(due, heading(due));
        }
        return is;
    }

    /** A place in the list. */
    private record AtDue(Due due) implements BrokerView.Place {}

    /** In the order of their times; as {@link BrokerView#queues}. */
    public BrokerView.Step<BrokerView.ScheduledView> views(BrokerView.Place from, int most) {
        Iterator<Due> rest = rest(from == null ? null : ((AtDue) from).due);
        return ListSteps.take(rest, Math.min(most, READ_AT_ONCE), this::view, AtDue::new);
    }

    /** The one with this key: its id, or its time and number with a dot between them. Null when there is none. */
    public BrokerView.ScheduledView view(String vhost, String key) {
        Due due = find(vhost, key);
        if (due == null && key.matches("[0-9]{1,18}\\.[0-9]{1,18}")) {
            int dot = key.indexOf('.');
            due = new Due(Long.parseLong(key.substring(0, dot)), Long.parseLong(key.substring(dot + 1)));
        }
        BrokerView.ScheduledView found = due != null && has(due) ? view(due) : null;
        return found != null && found.vhost().equals(vhost) ? found : null;
    }

    private BrokerView.ScheduledView view(Due due) {
        Heading h = heading(due);
        Route to = h.route();
        return new BrokerView.ScheduledView(
                to.vhost(), h.id(), due.time, due.number, to.exchange(), to.routingKey(), h.bodyLength());
    }

    /** It has been published, or is not to be. */
    public void remove(Due due, Scheduled s) {
        remove(due, Heading.of(s));
    }

    private void remove(Due due, Heading h) {
        all.remove(due);
        stuck.remove(due);
        store.delete(key(due));
        store.delete(Keys.of(Keys.SCHEDULED, due.number));
        uncommitted.remove(due.number);
        if (!h.id().isEmpty()) {
            byName.remove(new Name(h.route().vhost(), h.id()));
            store.delete(nameKey(due));
        }
        if (h.external() != 0) {
            sharedBodies.release(h.external());
        }
    }

    /** It can't be published now: it tries again later. */
    public void postpone(Due due, Scheduled s, long time) {
        all.remove(due);
        stuck.remove(due);
        store.delete(key(due));
        Due later = new Due(time, due.number);
        put(later, s);
        name(s, later);
    }

    /**
     * A queue has no room for it: it waits there with others, one of which tries for all. Returns true if it has waited for that queue before: then
     * the others need not try now.
     */
    public boolean waitForRoom(Due due, Scheduled s, long queue, long now) {
        all.remove(due);
        Long before = stuck.all().get(due);
        if (before != null && before != queue) {
            stuck.remove(due);
        }
        if (before == null || before != queue) {
            write(due, s, queue);
        }
        return stuck.add(due, queue, now);
    }

    /** The queue for which it has waited; 0: for none. */
    public long queueOf(Due due) {
        return stuck.all().getOrDefault(due, 0L);
    }

    /** Some that waited for this queue found room. */
    public void hadRoom(long queue, long now) {
        stuck.hadRoom(queue, now);
    }

    private static byte[] key(Due due) {
        return Keys.of(Keys.SCHEDULE, due.time, due.number);
    }

    private static byte[] nameKey(Due due) {
        return Keys.of(Keys.SCHEDULE_ID, due.number);
    }

    /** The store has all of them. */
    public void committed() {
        uncommitted.clear();
    }

    /** As {@link DigestWalk.Part}. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Iterator<Due> rest = rest((Due) from); rest.hasNext(); ) {
            Due due = rest.next();
            d.add(due.time).add(due.number);
            long queue = queueOf(due);
            if (queue != 0) {
                d.add(queue);
            }
            units.spend(1);
            if (units.areSpent()) {
                return due;
            }
        }
        units.spend(stuck.digest(d));
        return null;
    }
}
