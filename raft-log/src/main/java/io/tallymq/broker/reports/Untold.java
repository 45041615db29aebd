package io.tallymq.broker.reports;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.TreeMap;

/** What has happened and is still to be told, of all queues: mostly nothing, from one entry of the log to the next. */
public final class Untold {
    private final MessageStore store;
    /** By the queue's number. */
    private final TreeMap<Long, Telling> waiting = new TreeMap<>();

    private final Farewells farewells;
    private final KeptReports kept;

    private long told;
    private long lost;
    private boolean dirty;

    public Untold(MessageStore store, Farewells farewells) {
        this.store = store;
        this.farewells = farewells;
        this.kept = new KeptReports(store);
    }

    /** Before the queues. */
    public void restore() {
        store.scan(Keys.of(Keys.REPORTS_TOLD), (k, v) -> {
            ByteReader r = new ByteReader(v);
            told = r.varint();
            lost = r.varint();
            TaggedFields.endRecord(r);
        });
        farewells.restore();
        kept.restore();
    }

    void add(Telling t) {
        waiting.put(t.queue(), t);
    }

    void remove(Telling t) {
        waiting.remove(t.queue());
    }

    /** Queues of which messages left; not to be changed. */
    public TreeMap<Long, Telling> waiting() {
        return waiting;
    }

    /** What is gone with its queue, or was purged. */
    public Farewells farewells() {
        return farewells;
    }

    /** What happened already, and is more than its entry could tell. */
    public KeptReports kept() {
        return kept;
    }

    /** Whether something is still to be told that happened in a virtual host to queues that are gone, or of which queues there are told. */
    public boolean hasOf(String vhost) {
        return kept.hasOf(vhost) || farewells.hasOf(vhost);
    }

    /** Whether nothing left of which is still to be told. */
    public boolean haveAllLeft() {
        return waiting.isEmpty() && farewells.isEmpty();
    }

    public boolean isEmpty() {
        return haveAllLeft() && kept.isEmpty();
    }

    /** How much waits, in queues, pieces of queues and blocks of reports. */
    public int size() {
        return waiting.size() + farewells.size() + kept.size();
    }

    /** A report is in its queue. */
    public void told() {
        told++;
        dirty = true;
    }

    /** A report had no queue, or none with room. */
    public void lost() {
        lost++;
        dirty = true;
    }

    /** Reports that came into their queues, ever. */
    public long reports() {
        return told;
    }

    /** Reports that had no queue, or none with room, ever. */
    public long lostReports() {
        return lost;
    }

    /** The store is about to commit. */
    public void write() {
        farewells.write();
        kept.write();
        if (dirty) {
            dirty = false;
            store.put(
                    Keys.of(Keys.REPORTS_TOLD),
                    new ByteWriter(16).varint(told).varint(lost).toBytes());
        }
    }

    /** Nothing as long as there was no report. */
    public void digest(StateDigest d) {
        if (told + lost > 0) {
            d.add(told).add(lost);
        }
        farewells.digest(d);
        kept.digest(d);
    }
}
