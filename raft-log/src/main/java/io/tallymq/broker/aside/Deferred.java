package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Messages of one queue that were put aside, each under a token: nobody has them, and they are not to be had but by that. */
public final class Deferred {
    /** In place of a time: it does not come back by itself. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Of a record that a purge has made void, or would have: how many purges were before, varint. */
    private static final int PURGES = 1;

    private record One(String token, long due, long bytes) {}

    private record Due(long time, long seq) implements Comparable<Due> {
        @Override
        public int compareTo(Due o) {
            int c = Long.compare(time, o.time);
            return c != 0 ? c : Long.compare(seq, o.seq);
        }
    }

    private final long queue;
    private final String vhost;
    private final MessageStore store;
    private final AsideTotals totals;
    private final TreeMap<Long, One> bySeq = new TreeMap<>();
    /** Those that come back by themselves. */
    private final TreeSet<Due> due = new TreeSet<>();

    private long bytes;

    public Deferred(long queue, String vhost, MessageStore store, AsideTotals totals) {
        this.queue = queue;
        this.vhost = vhost;
        this.store = store;
        this.totals = totals;
    }

    long queue() {
        return queue;
    }

    public int count() {
        return bySeq.size();
    }

    /** Of the bodies of all. */
    public long bytes() {
        return bytes;
    }

    /**
     * A message is put aside.
     *
     * @param token nobody else's, except of what is deleted
     * @param time when it comes back by itself, milliseconds since the epoch; {@link #NEVER}
     * @param body its length in bytes
     * @param purges of its queue, until now
     */
    public void put(long seq, String token, long time, long body, long purges) {
        add(seq, new One(token, time, body));
        totals.tokens.put(vhost, token, place(seq));
        ByteWriter w = new ByteWriter(24 + token.length())
                .varint(time == NEVER ? 0 : time)
                .varint(body);
        w.string(token);
        if (purges > 0) {
            TaggedFields.write(w, PURGES, new ByteWriter(9).varint(purges).toBytes());
        }
        store.put(key(seq), w.toBytes());
    }

    private void add(long seq, One one) {
        bySeq.put(seq, one);
        totals.deferred++;
        bytes += one.bytes;
        if (one.due != NEVER) {
            due.add(new Due(one.due, seq));
        }
    }

    /** A message is not aside any more, and its token is free. Returns its bytes. */
    public long remove(long seq) {
        One one = bySeq.remove(seq);
        totals.deferred--;
        bytes -= one.bytes;
        if (one.due != NEVER) {
            due.remove(new Due(one.due, seq));
        }
        totals.tokens.remove(vhost, one.token, place(seq));
        store.delete(key(seq));
        return one.bytes;
    }

    /** The token of a message; null for one that is not aside. */
    public String token(long seq) {
        One one = bySeq.get(seq);
        return one == null ? null : one.token;
    }

    /** When one comes back, milliseconds since the epoch; {@link #NEVER}. */
    public long due(long seq) {
        return bySeq.get(seq).due;
    }

    /** When the first comes back; {@link #NEVER}. */
    public long due() {
        return due.isEmpty() ? NEVER : due.first().time;
    }

    /** Which comes back first; there is one that does. */
    public long first() {
        return due.first().seq;
    }

    /** The lowest of all; there is one. */
    public long lowest() {
        return bySeq.firstKey();
    }

    /** Messages are gone. */
    void gone(long first, long last) {
        if (bySeq.ceilingKey(first) != null) {
            new ArrayList<>(bySeq.subMap(first, true, last, true).keySet()).forEach(this::remove);
        }
    }

    /** For the start: a message that is to be had by its token. */
    public void restore(long seq, byte[] value) {
        restoreVoid(seq, value);
        totals.tokens.put(vhost, token(seq), place(seq));
    }

    /** For the start: one that is gone and still to be taken out. Others may have the token. Returns its bytes. */
    public long restoreVoid(long seq, byte[] value) {
        ByteReader r = new ByteReader(value);
        long time = r.varint();
        long body = r.varint();
        add(seq, new One(r.string(), time == 0 ? NEVER : time, body));
        return body;
    }

    /** How many purges of its queue were before a message was put aside, as its record says. */
    public static long purgesBefore(byte[] value) {
        ByteReader r = new ByteReader(value);
        r.varint();
        r.varint();
        r.string();
        long[] before = {0};
        TaggedFields.readRecord(r, (tag, field) -> {
            before[0] = tag == PURGES ? field.varint() : 0;
            return tag == PURGES;
        });
        return before[0];
    }

    private DeferredTokens.Place place(long seq) {
        return new DeferredTokens.Place(queue, seq);
    }

    private byte[] key(long seq) {
        return Keys.of(Keys.DEFERRED, queue, seq);
    }

    public void digest(StateDigest d) {
        for (Map.Entry<Long, One> e : bySeq.entrySet()) {
            One one = e.getValue();
            d.add(e.getKey()).add(one.token).add(one.due).add(one.bytes);
        }
    }
}
