package io.tallymq.broker.receipts;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * All producers. There are so many at most; who comes beyond takes the place of the one that was used least recently in the virtual host that has
 * the most ({@link ProducerRoom}), or else in his own, unless that one was used lately: then he is refused. Who was not used for long is forgotten, too. Which of
 * their numbers came stays known ({@link PastProducers}), of so many; that there were others, and until when, is known for ever.
 */
public final class Producers {
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
    private final ProducerLimits limits;
    private final ProducerRoom room;
    private final TreeMap<String, Vhost> vhosts = new TreeMap<>();
    private final TreeMap<Use, Producer> byUse = new TreeMap<>();
    private final TreeMap<Long, Producer> byNumber = new TreeMap<>();
    private final PastProducers past;

    private final LeftBlocks left;
    private final ReceiptWork work = new ReceiptWork();
    private final List<Producer> dirty = new ArrayList<>();
    private long evicted;

    /**
     * Made once.
     *
     * @param newNumber numbers never given before
     */
    public Producers(MessageStore store, LongSupplier newNumber, ProducerLimits limits) {
        this.store = store;
        this.left = new LeftBlocks(store);
        this.newNumber = newNumber;
        this.limits = limits;
        this.room = new ProducerRoom(limits.most());
        this.past = new PastProducers(store, newNumber, limits.past());
    }

    public int count() {
        return byNumber.size();
    }

    /** Of how many that were forgotten it is known which of their numbers came. */
    long past() {
        return past.kept();
    }

    /** How many were forgotten since this node's start. */
    public long evicted() {
        return evicted;
    }

    /** Null when it is not known, or asleep. */
    public Producer find(String vhost, String id) {
        Vhost v = vhosts.get(vhost);
        return v == null ? null : v.byId.get(id);
    }

    /** The same, or what is known of one that was forgotten ({@link Producer#isAsleep}), which is read. Null for nothing. Changes nothing: also for who only looks. */
    public Producer look(String vhost, String id) {
        Producer p = find(vhost, id);
        ByteReader its = p == null ? past.get(vhost, id) : null;
        if (its != null) {
            p = new Producer(0, vhost, id, store, left, work, false);
            p.remember(its, true);
        }
        return p;
    }

    /** The one of a moved message; null when it is not known any more. */
    public Producer byNumber(long number) {
        return byNumber.get(number);
    }

    /** Until when producers of a virtual host were used that were forgotten, milliseconds since the epoch; 0: none was. */
    public long forgottenUntil(String vhost) {
        return past.until(vhost);
    }

    /** The same of those of whom nothing is known any more. */
    public long lostUntil(String vhost) {
        return past.lostUntil(vhost);
    }

    /** Whether one of whom nothing is known may have been there before. */
    public boolean mayHaveLost(String vhost) {
        return past.lostUntil(vhost) > 0;
    }

    /** Whether for so many more somebody may be forgotten of whom nothing is known then. */
    public boolean mayLose(int more) {
        return byNumber.size() + more > room.least() && !past.hasRoom(more);
    }

    /** What is known of one that is asleep is needed soon: it is not lost for those who are forgotten meanwhile. */
    public void renew(Producer asleep) {
        past.renew(asleep.vhost(), asleep.id());
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

    private Reply.Rejected noRoom() {
        return new Reply.Rejected(
                506,
                Reply.Reason.LIMIT,
                "there is no room for another producer (limit producers, " + limits.most()
                        + " in all), and none that could go is idle for " + limits.busy() / 60_000
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
        return p == null || p.usedTime + limits.busy() > now ? null : p;
    }

    /** Makes one, which is used at once, or wakes one that is asleep. There is no {@link #refusal}. */
    public Producer add(String vhost, String id, long index, long time) {
        boolean isUnsure = mayHaveLost(vhost);
        ByteReader its = past.take(vhost, id);
        if (!fits(vhost, 1)) {
            forget(victim(vhost, 1, time));
        }
        Producer p = new Producer(newNumber.getAsLong(), vhost, id, store, left, work, isUnsure);
        if (its != null) {
            p.remember(its, false);
        }
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
        past.add(p);
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
        return !byUse.isEmpty() && byUse.firstEntry().getValue().usedTime + limits.retention() <= now;
    }

    /** Some that were not used for too long are forgotten, and some of what nobody asks for any more is taken out. */
    public void step(long now, int most) {
        for (int n = most / COST; n >= 0 && isAnyOver(now); n--) {
            forget(byUse.firstEntry().getValue());
        }
        left.step(most);
    }

    /** The virtual host goes: so many of its producers at most, also of those that were forgotten. Returns how many went. */
    public int removeOf(String vhost, int most) {
        int n = 0;
        for (Vhost v = vhosts.get(vhost); v != null && n < most; v = vhosts.get(vhost), n++) {
            remove(v.byUse.firstEntry().getValue());
        }
        while (n < most && past.removeOne(vhost)) {
            n++;
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
        past.write();
        work.written();
    }

    /** What was written can be read. */
    public void committed() {
        dirty.forEach(Producer::committed);
        past.committed();
        dirty.clear();
    }

    /** Finds what the store has. */
    public void restore() {
        store.scan(Keys.of(Keys.PRODUCER), (k, v) -> put(Producer.read(ByteReader.int64(k, 1), v, store, left, work)));
        left.restore();
        past.restore();
    }

    /** As {@link DigestWalk.Part}. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        if (from == null) {
            past.digest(d);
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
