package io.tallymq.broker.time;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.broker.view.ListSteps;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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

    private static final byte[] NOTHING = {};
    /** Messages that a step of the list reads from the store. */
    private static final int READ_AT_ONCE = 100;

    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final TreeSet<Due> all = new TreeSet<>();
    private final TreeMap<Name, Due> byName = new TreeMap<>();
    /** Those that the store can't yet read back. */
    private final Map<Long, Scheduled> uncommitted = new LinkedHashMap<>();

    public Schedule(MessageStore store, SharedBodies sharedBodies) {
        this.store = store;
        this.sharedBodies = sharedBodies;
    }

    public void restore() {
        store.scan(Keys.of(Keys.SCHEDULE), (k, v) -> all.add(new Due(ByteReader.int64(k, 1), ByteReader.int64(k, 9))));
        store.scan(Keys.of(Keys.SCHEDULE_ID), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Name name = new Name(r.string(), r.string());
            byName.put(name, new Due(r.int64(), r.int64()));
            TaggedFields.endRecord(r);
        });
    }

    public int size() {
        return all.size();
    }

    /** A body that it refers to stays. One with the same id, if there is one, is replaced: that is returned, else null. */
    public Scheduled add(Due due, Scheduled s) {
        final Scheduled before = cancel(s.route().vhost(), s.id());
        if (MessageRecord.isExternal(s.record(), 0)) {
            sharedBodies.refer(MessageRecord.externalId(s.record(), 0));
        }
        store.put(Keys.of(Keys.SCHEDULED, due.number), s.encode());
        uncommitted.put(due.number, s);
        put(due);
        name(s, due);
        return before;
    }

    private void put(Due due) {
        all.add(due);
        store.put(key(due), NOTHING);
    }

    private void name(Scheduled s, Due due) {
        if (!s.id().isEmpty()) {
            byName.put(new Name(s.route().vhost(), s.id()), due);
            ByteWriter w = new ByteWriter(64);
            w.string(s.route().vhost()).string(s.id());
            store.put(nameKey(due), w.int64(due.time).int64(due.number).toBytes());
        }
    }

    /** The time of the first; {@link #NEVER}. */
    public long next() {
        return all.isEmpty() ? NEVER : all.first().time;
    }

    /** Those that are due by now, the first ones; not to be changed. */
    public Iterable<Due> until(long now) {
        return all.headSet(new Due(now, Long.MAX_VALUE), true);
    }

    /** The one that comes after this time; null when there is none. */
    public Due behind(Due due) {
        return all.higher(due);
    }

    /** The message with this time. */
    public Scheduled get(Due due) {
        Scheduled s = uncommitted.get(due.number);
        return s != null ? s : Scheduled.decode(store.get(Keys.of(Keys.SCHEDULED, due.number)));
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
        Scheduled s = all.contains(due) ? get(due) : null;
        boolean is = s != null && s.route().vhost().equals(vhost);
        if (is) {
            remove(due, s);
        }
        return is ? s : null;
    }

    /** A place in the list. */
    private record AtDue(Due due) implements BrokerView.Place {}

    /** In the order of their times; as {@link BrokerView#queues}. */
    public BrokerView.Step<BrokerView.ScheduledView> views(BrokerView.Place from, int most) {
        SortedSet<Due> rest = from == null ? all : all.tailSet(((AtDue) from).due, false);
        return ListSteps.take(rest.iterator(), Math.min(most, READ_AT_ONCE), this::view, AtDue::new);
    }

    /** The one with this key: its id, or its time and number with a dot between them. Null when there is none. */
    public BrokerView.ScheduledView view(String vhost, String key) {
        Due due = find(vhost, key);
        if (due == null && key.matches("[0-9]{1,18}\\.[0-9]{1,18}")) {
            int dot = key.indexOf('.');
            due = new Due(Long.parseLong(key.substring(0, dot)), Long.parseLong(key.substring(dot + 1)));
        }
        BrokerView.ScheduledView found = due != null && all.contains(due) ? view(due) : null;
        return found != null && found.vhost().equals(vhost) ? found : null;
    }

    private BrokerView.ScheduledView view(Due due) {
        Scheduled s = get(due);
        return new BrokerView.ScheduledView(
                s.route().vhost(),
                s.id(),
                due.time,
                due.number,
                s.route().exchange(),
                s.route().routingKey(),
                MessageRecord.bodyLength(s.record(), 0));
    }

    /** It has been published, or is not to be. */
    public void remove(Due due, Scheduled s) {
        all.remove(due);
        store.delete(key(due));
        store.delete(Keys.of(Keys.SCHEDULED, due.number));
        uncommitted.remove(due.number);
        if (!s.id().isEmpty()) {
            byName.remove(new Name(s.route().vhost(), s.id()));
            store.delete(nameKey(due));
        }
        if (MessageRecord.isExternal(s.record(), 0)) {
            sharedBodies.release(MessageRecord.externalId(s.record(), 0));
        }
    }

    /** It can't be published now: it tries again later. */
    public void postpone(Due due, Scheduled s, long time) {
        all.remove(due);
        store.delete(key(due));
        Due later = new Due(time, due.number);
        put(later);
        name(s, later);
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
        for (Due due : from == null ? all : all.tailSet((Due) from, false)) {
            d.add(due.time).add(due.number);
            units.spend(1);
            if (units.areSpent()) {
                return due;
            }
        }
        return null;
    }
}
