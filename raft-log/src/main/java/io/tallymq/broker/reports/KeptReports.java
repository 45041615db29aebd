package io.tallymq.broker.reports;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Reports that are more than one entry may tell, in the order in which it happened: the entries that follow tell them, some each. They are in the store, a
 * block of those that came together in each record.
 */
public final class KeptReports {
    private static final int BLOCK = 256;

    /**
     * One of them.
     *
     * @param vhost of the queue that is told
     * @param target its name
     * @param entry by which it happened
     */
    public record Kept(String vhost, String target, Report report, Stamp entry) {}

    /** Of the record: how many there are of each virtual host. */
    private static final int BY_VHOST = 1;

    private final MessageStore store;
    /** The number of the first block, and how many of it are told. */
    private long head;

    private int done;
    /** The next block's number. */
    private long tail;
    /** Reports in all blocks that are not told. */
    private long count;
    /** The same of each virtual host. */
    private final TreeMap<String, Long> byVhost = new TreeMap<>();
    /** A hash over all that was ever kept: blocks are not in memory. */
    private long history;
    /** Those that the store may not have yet. */
    private final TreeMap<Long, List<Kept>> fresh = new TreeMap<>();
    /** The first block, if it is known. */
    private List<Kept> first;

    private boolean dirty;

    KeptReports(MessageStore store) {
        this.store = store;
    }

    public boolean isEmpty() {
        return head == tail;
    }

    /** How many these are. */
    public long count() {
        return count;
    }

    /** Whether there are some for queues of a virtual host. */
    boolean hasOf(String vhost) {
        return byVhost.containsKey(vhost);
    }

    /** In blocks. */
    int size() {
        return (int) Math.min(Integer.MAX_VALUE, tail - head);
    }

    /** These come behind those that are kept. */
    public void add(List<Kept> more) {
        for (int i = 0; i < more.size(); i += BLOCK) {
            List<Kept> block = List.copyOf(more.subList(i, Math.min(more.size(), i + BLOCK)));
            StateDigest d = new StateDigest().add(history).add(tail).add(block.size());
            block.forEach(k -> d.add(k.entry.index()).add(k.report.seq()).add((long)
                    k.report.event().ordinal()));
            history = d.value();
            fresh.put(tail++, block);
        }
        count += more.size();
        more.forEach(k -> byVhost.merge(k.vhost, 1L, Long::sum));
        dirty = true;
    }

    /** Whether there are some of entries before this one. */
    public boolean hasOfBefore(long entry) {
        return !isEmpty() && first().get(done).entry.index() < entry;
    }

    private List<Kept> first() {
        if (first == null) {
            List<Kept> known = fresh.get(head);
            first = known != null ? known : decode(store.get(key(head)));
        }
        return first;
    }

    /** Takes out the first ones, so many at most; there are some. */
    public List<Kept> take(int most) {
        dirty = true;
        first();
        int to = Math.min(first.size(), done + most);
        List<Kept> some = List.copyOf(first.subList(done, to));
        done = to;
        count -= some.size();
        some.forEach(k -> byVhost.computeIfPresent(k.vhost, (vhost, n) -> n == 1 ? null : n - 1));
        if (done == first.size()) {
            fresh.remove(head);
            store.delete(key(head++));
            first = null;
            done = 0;
        }
        if (isEmpty()) { // as it is after a start
            head = tail = 0;
            history = 0;
        }
        return some;
    }

    private static byte[] key(long block) {
        return Keys.of(Keys.REPORTS_KEPT, block);
    }

    /** The store is about to commit. */
    void write() {
        if (dirty) {
            dirty = false;
            fresh.forEach((n, block) -> store.put(key(n), encode(block)));
            fresh.clear();
            if (isEmpty()) {
                store.delete(Keys.of(Keys.REPORTS_KEPT));
            } else {
                ByteWriter w = new ByteWriter(32)
                        .varint(head)
                        .varint(done)
                        .varint(tail)
                        .varint(count);
                TaggedFields.write(w.int64(history), BY_VHOST, encodeByVhost());
                store.put(Keys.of(Keys.REPORTS_KEPT), w.toBytes());
            }
        }
    }

    void restore() {
        byte[] value = store.get(Keys.of(Keys.REPORTS_KEPT));
        if (value != null) {
            ByteReader r = new ByteReader(value);
            head = r.varint();
            done = (int) r.varint();
            tail = r.varint();
            count = r.varint();
            history = r.int64();
            TaggedFields.readRecord(r, this::restore);
        }
    }

    private boolean restore(int tag, ByteReader field) {
        for (long n = tag == BY_VHOST ? field.varint() : 0; n > 0; n--) {
            byVhost.put(field.string(), field.varint());
        }
        return tag == BY_VHOST;
    }

    private byte[] encodeByVhost() {
        ByteWriter w = new ByteWriter(32).varint(byVhost.size());
        byVhost.forEach((vhost, n) -> w.string(vhost).varint(n));
        return w.toBytes();
    }

    void digest(StateDigest d) {
        if (!isEmpty()) {
            d.add(head).add((long) done).add(tail).add(count).add(history);
            byVhost.forEach((vhost, n) -> d.add(vhost).add(n));
        }
    }

    private static byte[] encode(List<Kept> block) {
        ByteWriter w = new ByteWriter(128 * block.size()).varint(block.size());
        for (Kept k : block) {
            Report r = k.report;
            w.varint(k.entry.term()).varint(k.entry.index()).varint(k.entry.time());
            w.string(k.vhost).string(k.target).uint8(r.event().ordinal());
            w.bool(r.id() != null).string(r.id() == null ? "" : r.id());
            w.string(r.producer()).varint(r.seq());
            w.string(r.queue()).string(r.reason()).varint(r.queues().size());
            r.queues().forEach(w::string);
            w.varint(r.allQueues()).varint(r.due());
        }
        return w.toBytes();
    }

    private static List<Kept> decode(byte[] value) {
        ByteReader r = new ByteReader(value);
        List<Kept> block = new ArrayList<>();
        for (long n = r.varint(); n > 0; n--) {
            Stamp entry = new Stamp(r.varint(), r.varint(), r.varint());
            String vhost = r.string();
            String target = r.string();
            ReportEvent event = ReportEvent.of(r.uint8());
            boolean hasId = r.bool();
            String id = r.string();
            String producer = r.string();
            long seq = r.varint();
            String queue = r.string();
            String reason = r.string();
            List<String> queues = new ArrayList<>();
            for (long q = r.varint(); q > 0; q--) {
                queues.add(r.string());
            }
            Report report = new Report(
                    hasId ? id : null, producer, seq, event, queue, reason, queues, (int) r.varint(), r.varint());
            block.add(new Kept(vhost, target, report, entry));
        }
        TaggedFields.endRecord(r);
        return block;
    }
}
