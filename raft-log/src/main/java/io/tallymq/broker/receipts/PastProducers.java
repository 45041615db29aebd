package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Producers that were forgotten: of each a small record tells which of his numbers are decided, of which epoch he is and who may not publish as him. It is on disk
 * only, and read when somebody comes who is not known; of most of these the store's filter says that there is none. So many times that one was forgotten are
 * kept, of all virtual hosts together: beyond, the one with the most loses its oldest record, and of that producer nothing is known then.
 */
final class PastProducers {
    /** In place of a record that is taken out, until that is committed. */
    private static final byte[] GONE = {};

    /** Those of one virtual host. */
    private static final class Vhost {
        /** Never given again: who comes in another virtual host of this name is not one of these. */
        final long number;
        /** Until when those were used that were forgotten. */
        long until;
        /** The same of those of whom nothing is known; 0: there are none. */
        long lostUntil;
        /** The first of those in {@link Keys#PRODUCER_PAST_ORDER}; some of them were known again since. */
        long head;
        /** The next one. */
        long tail;
        /** A hash over all that was ever kept: records are not in memory. */
        long history;

        Vhost(long number) {
            this.number = number;
        }

        int size() {
            return (int) (tail - head);
        }
    }

    private final MessageStore store;
    private final LongSupplier newNumber;
    private final int most;
    private final TreeMap<String, Vhost> vhosts = new TreeMap<>();
    private final ProducerRoom sizes;
    /** What changed since the last commit, by its key. */
    private final TreeMap<ByteBuffer, byte[]> changes = new TreeMap<>();

    /** Virtual hosts whose record changed since the last commit. */
    private final TreeSet<String> dirty = new TreeSet<>();

    private long kept;

    PastProducers(MessageStore store, LongSupplier newNumber, int most) {
        this.store = store;
        this.newNumber = newNumber;
        this.most = most;
        this.sizes = new ProducerRoom(most);
    }

    /** Until when those of a virtual host were used that were forgotten, milliseconds since the epoch; 0: none was. */
    long until(String vhost) {
        Vhost v = vhosts.get(vhost);
        return v == null ? 0 : v.until;
    }

    /** The same of those of whom nothing is known any more. */
    long lostUntil(String vhost) {
        Vhost v = vhosts.get(vhost);
        return v == null ? 0 : v.lostUntil;
    }

    /** How many records are kept, of all virtual hosts. */
    long kept() {
        return kept;
    }

    /** Whether there is room for so many more without a loss. */
    boolean hasRoom(int more) {
        return kept + more <= most;
    }

    /** What is known of one; null for nothing. Changes nothing: also for who only looks. */
    ByteReader get(String vhost, String id) {
        Vhost v = vhosts.get(vhost);
        byte[] record = v == null || v.size() == 0 ? null : get(key(v, octets(id)));
        return record == null ? null : past(record);
    }

    private static ByteReader past(byte[] record) {
        return new ByteReader(record, Long.BYTES, record.length - Long.BYTES);
    }

    private byte[] get(byte[] key) {
        byte[] change = changes.get(ByteBuffer.wrap(key));
        return change == null ? store.get(key) : change == GONE ? null : change;
    }

    private void put(byte[] key, byte[] value) {
        changes.put(ByteBuffer.wrap(key), value);
        store.put(key, value);
    }

    private void delete(byte[] key) {
        changes.put(ByteBuffer.wrap(key), GONE);
        store.delete(key);
    }

    private static byte[] octets(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] key(Vhost v, byte[] id) {
        return Keys.of(Keys.PRODUCER_PAST, v.number, id);
    }

    /** One is forgotten. */
    void add(Producer p) {
        Vhost v = vhosts.computeIfAbsent(p.vhost(), n -> new Vhost(newNumber.getAsLong()));
        v.until = Math.max(v.until, p.usedTime);
        dirty.add(p.vhost());
        if (p.hasPast()) {
            keep(v, p.vhost(), octets(p.id()), p.past());
        }
    }

    private void keep(Vhost v, String vhost, byte[] id, byte[] what) {
        ByteWriter w = new ByteWriter(Long.BYTES + what.length).int64(v.tail).raw(what, 0, what.length);
        put(key(v, id), w.toBytes());
        put(Keys.of(Keys.PRODUCER_PAST_ORDER, v.number, v.tail), id);
        v.history =
                new StateDigest().add(v.history).add(v.tail).add(id).add(what).value();
        v.tail++;
        resized(vhost, v, 1);
        if (kept > most) {
            String largest = sizes.largest();
            dropOldest(largest, vhosts.get(largest));
        }
    }

    private void resized(String vhost, Vhost v, int by) {
        kept += by;
        dirty.add(vhost);
        sizes.changed(vhost, v.size() - by, v.size());
    }

    private void dropOldest(String vhost, Vhost v) {
        byte[] order = Keys.of(Keys.PRODUCER_PAST_ORDER, v.number, v.head);
        byte[] key = key(v, get(order));
        byte[] record = get(key);
        delete(order);
        if (record != null && ByteReader.int64(record, 0) == v.head) {
            delete(key);
            v.lostUntil = Math.max(v.lostUntil, past(record).varint());
        }
        v.head++;
        resized(vhost, v, -1);
    }

    /** One is known again: what was kept of it, null for nothing. */
    ByteReader take(String vhost, String id) {
        ByteReader past = get(vhost, id);
        if (past != null) {
            Vhost v = vhosts.get(vhost);
            delete(key(v, octets(id)));
            v.history = new StateDigest().add(v.history).add(octets(id)).value();
            dirty.add(vhost);
        }
        return past;
    }

    /** One that is kept becomes the newest of them. */
    void renew(String vhost, String id) {
        ByteReader past = get(vhost, id);
        if (past != null) {
            keep(vhosts.get(vhost), vhost, octets(id), past.rest());
        }
    }

    /** The virtual host goes: one of what is kept. Returns whether there was one. */
    boolean removeOne(String vhost) {
        Vhost v = vhosts.get(vhost);
        if (v == null) {
            return false;
        }
        if (v.size() > 0) {
            dropOldest(vhost, v);
            return true;
        }
        vhosts.remove(vhost);
        dirty.remove(vhost);
        store.delete(Keys.named(Keys.PRODUCERS_FORGOTTEN, vhost));
        return false;
    }

    void write() {
        for (String vhost : dirty) {
            Vhost v = vhosts.get(vhost);
            ByteWriter w = new ByteWriter(64).varint(v.number).varint(v.until).varint(v.lostUntil);
            w.varint(v.head).varint(v.tail).int64(v.history);
            store.put(Keys.named(Keys.PRODUCERS_FORGOTTEN, vhost), w.toBytes());
        }
        dirty.clear();
    }

    /** What was written can be read. */
    void committed() {
        changes.clear();
    }

    /** Finds what the store has; of the producers themselves nothing. */
    void restore() {
        store.scan(Keys.of(Keys.PRODUCERS_FORGOTTEN), (k, value) -> {
            ByteReader r = new ByteReader(value);
            Vhost v = new Vhost(r.varint());
            v.until = r.varint();
            v.lostUntil = r.varint();
            v.head = r.varint();
            v.tail = r.varint();
            v.history = r.int64();
            TaggedFields.endRecord(r);
            String vhost = new String(k, 1, k.length - 2, StandardCharsets.UTF_8);
            vhosts.put(vhost, v);
            kept += v.size();
            sizes.changed(vhost, 0, v.size());
        });
    }

    void digest(StateDigest d) {
        for (Map.Entry<String, Vhost> e : vhosts.entrySet()) {
            Vhost v = e.getValue();
            d.add(e.getKey()).add(v.number).add(v.until).add(v.lostUntil);
            d.add(v.head).add(v.tail).add(v.history);
        }
    }
}
