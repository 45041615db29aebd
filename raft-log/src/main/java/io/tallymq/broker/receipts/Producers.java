package io.tallymq.broker.receipts;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * All producers. There are so many at most; who comes beyond takes the place of the one that was used least recently in the virtual host that has
 * the most ({@link ProducerRoom}), or else in his own, unless that one was used within {@link #BUSY}: then he is refused. Who was not used for
 * {@link #RETENTION} is forgotten, too. That this happened, and until when, is known for ever.
 */
public final class Producers {
    /** Producers of all virtual hosts together: about 1 kB of heap each. A limit of the replicated state, the same on all nodes. */
    public static final int MOST = 20_000;
    /** Milliseconds. */
    public static final long RETENTION = 7L * 24 * 3600 * 1000;

    /** Milliseconds: who was used so lately may be about to publish again what he had no answer to, and keeps his place. */
    public static final long BUSY = 5L * 60 * 1000;

    /** What it costs to forget one, in units of taking out a block. */
    private static final int COST = 20;

    /** Those of one virtual host. */
    private static final class Vhost {
        final TreeMap<String, Producer> byId = new TreeMap<>();
        /** By the entry that used them last, then by number. */
        final TreeMap<Use, Producer> byUse = new TreeMap<>();
    }

    private record Use(long index, long number) implements Comparable<Use> {
        @Override
        public int compareTo(Use o) {
            int c = Long.compare(index, o.index);
            return c != 0 ? c : Long.compare(number, o.number);
        }
    }

    private final MessageStore store;
    private final LongSupplier newNumber;
    private final ProducerRoom room;
    private final TreeMap<String, Vhost> vhosts = new TreeMap<>();
    private final TreeMap<Use, Producer> byUse = new TreeMap<>();
    private final TreeMap<Long, Producer> byNumber = new TreeMap<>();
    /** Until when those were used that were forgotten, by virtual host. */
    private final TreeMap<String, Long> forgotten = new TreeMap<>();

    private final LeftBlocks left;
    private final ReceiptWork work = new ReceiptWork();
    private final List<Producer> dirty = new ArrayList<>();
    private long evicted;

    public Producers(MessageStore store, LongSupplier newNumber) {
        this(store, newNumber, MOST);
    }

    Producers(MessageStore store, LongSupplier newNumber, int most) {
        this.store = store;
        this.left = new LeftBlocks(store);
        this.newNumber = newNumber;
        this.room = new ProducerRoom(most);
    }

    public int count() {
        return byNumber.size();
    }

    /** How many were forgotten since this node's start. */
    public long evicted() {
        return evicted;
    }

    /** Null when it is not known. */
    public Producer find(String vhost, String id) {
        Vhost v = vhosts.get(vhost);
        return v == null ? null : v.byId.get(id);
    }

    /** The one of a moved message; null when it is not known any more. */
    public Producer byNumber(long number) {
        return byNumber.get(number);
    }

    /** Until when producers of a virtual host were used that are not known any more, milliseconds since the epoch; 0: all are known. */
    public long forgottenUntil(String vhost) {
        return forgotten.getOrDefault(vhost, 0L);
    }

    /** Whether one that is not known may have been there before, and was forgotten. */
    public boolean mayHaveForgotten(String vhost) {
        return forgotten.containsKey(vhost);
    }

    /** Whether one may be forgotten for so many more. */
    public boolean mayForget(int more) {
        return byNumber.size() + more > room.least();
    }

    /** Why there is no room for one more of this virtual host, not even in place of another one; null if there is. */
    public Reply.Rejected refusal(String vhost, long now) {
        return fits(vhost, 1) || victim(vhost, 1, now) != null ? null : noRoom();
    }

    /** Has room for so many more of this virtual host, in place of others that go at once; returns why there is none, or null. */
    public Reply.Rejected makeRoom(String vhost, int more, long now) {
        while (!fits(vhost, more)) {
            Producer victim = victim(vhost, more, now);
            if (victim == null) {
                return noRoom();
            }
            forget(victim);
        }
        return null;
    }

    private static Reply.Rejected noRoom() {
        return new Reply.Rejected(
                506,
                Reply.Reason.LIMIT,
                "there is no room for another producer (limit producers, " + MOST
                        + " in all), and none that could go is idle for " + BUSY / 60_000
                        + " minutes: publish under fewer ids, or wait");
    }

    private boolean fits(String vhost, int more) {
        return byNumber.size() + more <= room.most(count(vhost) + more);
    }

    private int count(String vhost) {
        Vhost v = vhosts.get(vhost);
        return v == null ? 0 : v.byId.size();
    }

    /** Who goes first for so many more of this virtual host; null for nobody. */
    private Producer victim(String vhost, int more, long now) {
        String largest = room.largest();
        boolean isOwn = largest == null || count(vhost) + more > count(largest);
        Producer p = isOwn ? null : idle(largest, now);
        return p == null ? idle(vhost, now) : p;
    }

    private Producer idle(String vhost, long now) {
        Vhost v = vhosts.get(vhost);
        Producer p = v == null ? null : v.byUse.firstEntry().getValue();
        return p == null || p.usedTime + BUSY > now ? null : p;
    }

    /** Makes one, which is used at once. There is no {@link #refusal}. */
    public Producer add(String vhost, String id, long index, long time) {
        boolean past = mayHaveForgotten(vhost);
        if (!fits(vhost, 1)) {
            forget(victim(vhost, 1, time));
        }
        Producer p = new Producer(newNumber.getAsLong(), vhost, id, store, left, work, past);
        p.usedIndex = index;
        p.usedTime = time;
        put(p);
        touch(p);
        return p;
    }

    private void put(Producer p) {
        Vhost v = vhosts.computeIfAbsent(p.vhost(), n -> new Vhost());
        v.byId.put(p.id(), p);
        room.changed(p.vhost(), v.byId.size() - 1, v.byId.size());
        Use use = new Use(p.usedIndex, p.number());
        v.byUse.put(use, p);
        byUse.put(use, p);
        byNumber.put(p.number(), p);
    }

    /** An entry uses it, through a connection if that is known. */
    public void used(Producer p, long index, long time, Producer.By by) {
        if (p.has(by) || p.usedIndex != index) {
            touch(p);
        }
        if (p.usedIndex != index) {
            Vhost v = vhosts.get(p.vhost());
            Use before = new Use(p.usedIndex, p.number());
            Use now = new Use(index, p.number());
            v.byUse.remove(before);
            byUse.remove(before);
            p.usedIndex = index;
            p.usedTime = time;
            v.byUse.put(now, p);
            byUse.put(now, p);
        }
    }

    /** A number that is decided came again, and was confirmed. */
    public void again(Producer p, long seq) {
        p.again(seq);
        touch(p);
    }

    /** Who was opened before this number may not publish as him any more. Returns those that are known of. */
    public List<Producer.By> fence(Producer p, long at) {
        touch(p);
        return p.fence(at);
    }

    void touch(Producer p) {
        if (!p.dirty && !p.gone) {
            p.dirty = true;
            dirty.add(p);
            work.holdProducer(p.hasRepeats());
        }
    }

    private void forget(Producer p) {
        remove(p);
        evicted++;
        long until = Math.max(forgottenUntil(p.vhost()), p.usedTime);
        forgotten.put(p.vhost(), until);
        store.put(
                Keys.named(Keys.PRODUCERS_FORGOTTEN, p.vhost()),
                new ByteWriter(10).varint(until).toBytes());
    }

    private void remove(Producer p) {
        Vhost v = vhosts.get(p.vhost());
        Use use = new Use(p.usedIndex, p.number());
        v.byId.remove(p.id());
        room.changed(p.vhost(), v.byId.size() + 1, v.byId.size());
        v.byUse.remove(use);
        byUse.remove(use);
        byNumber.remove(p.number());
        if (v.byId.isEmpty()) {
            vhosts.remove(p.vhost());
        }
        if (p.dirty) {
            p.dirty = false;
            dirty.remove(p);
        }
        p.gone = true;
        p.delete();
    }

    /** Whether somebody is to be forgotten at this time, or what was known of somebody is to be taken out. */
    public boolean owes(long now) {
        return !left.isEmpty() || isAnyOver(now);
    }

    private boolean isAnyOver(long now) {
        return !byUse.isEmpty() && byUse.firstEntry().getValue().usedTime + RETENTION <= now;
    }

    /** Some that were not used for too long are forgotten, and some of what nobody asks for any more is taken out. */
    public void step(long now, int most) {
        for (int n = most / COST; n >= 0 && isAnyOver(now); n--) {
            forget(byUse.firstEntry().getValue());
        }
        left.step(most);
    }

    /** The virtual host goes: so many of its producers at most. Returns how many went. */
    public int removeOf(String vhost, int most) {
        int n = 0;
        for (Vhost v = vhosts.get(vhost); v != null && n < most; v = vhosts.get(vhost), n++) {
            remove(v.byUse.firstEntry().getValue());
        }
        if (n < most && forgotten.remove(vhost) != null) {
            store.delete(Keys.named(Keys.PRODUCERS_FORGOTTEN, vhost));
        }
        return n;
    }

    ReceiptWork work() {
        return work;
    }

    /** Units of what is held in memory until the next commit: of when to commit, and nothing else may depend on it. */
    public long held() {
        return work.held();
    }

    /** What changed is written. */
    public void write() {
        dirty.forEach(Producer::write);
        work.written();
    }

    /** What was written can be read. */
    public void committed() {
        dirty.forEach(Producer::committed);
        dirty.clear();
    }

    /** Finds what the store has. */
    public void restore() {
        store.scan(Keys.of(Keys.PRODUCER), (k, v) -> put(Producer.read(ByteReader.int64(k, 1), v, store, left, work)));
        left.restore();
        store.scan(Keys.of(Keys.PRODUCERS_FORGOTTEN), (k, v) -> {
            ByteReader r = new ByteReader(v);
            forgotten.put(new String(k, 1, k.length - 2, StandardCharsets.UTF_8), r.varint());
            TaggedFields.endRecord(r);
        });
    }

    /** As {@link DigestWalk.Part}. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        if (from == null) {
            forgotten.forEach((vhost, until) -> d.add(vhost).add(until));
        }
        for (Map.Entry<Long, Producer> e :
                (from == null ? byNumber : byNumber.tailMap((Long) from, false)).entrySet()) {
            e.getValue().digest(d);
            units.spend(4);
            if (units.areSpent()) {
                return e.getKey();
            }
        }
        return null;
    }

    /** Some producers of a virtual host behind one, by their ids. */
    public List<Producer> after(String vhost, String id, int most) {
        Vhost v = vhosts.get(vhost);
        List<Producer> some = new ArrayList<>();
        if (v != null) {
            for (Producer p : v.byId.tailMap(id, false).values()) {
                if (some.size() == most) {
                    break;
                }
                some.add(p);
            }
        }
        return some;
    }
}
