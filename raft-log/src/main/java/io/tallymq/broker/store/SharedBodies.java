package io.tallymq.broker.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bodies that stand outside of chunks, and how many chunks refer to each. At no reference they go. The counts live in the
 * store; in memory are those that changed since the last commit and the {@link #HOT} that were used last. They follow from the
 * chunks in the store and are not part of the state's digest.
 */
public final class SharedBodies {
    /** Counts kept in memory between two commits, about 120 bytes each: what was published last is often settled next. */
    static final int HOT = 8_192;

    private static final class Shared {
        final long id;
        final int parts;
        int references;
        boolean dirty;

        Shared(long id, int parts, int references) {
            this.id = id;
            this.parts = parts;
            this.references = references;
        }
    }

    private final MessageStore store;
    private final Map<Long, Shared> hot = new LinkedHashMap<>();
    private final List<Shared> dirty = new ArrayList<>();

    public SharedBodies(MessageStore store) {
        this.store = store;
    }

    /** A body of so many parts, to which nothing refers yet. */
    public void add(long id, int parts) {
        hot.put(id, new Shared(id, parts, 0));
    }

    /** One chunk more refers to a body that was added. */
    public void refer(long id) {
        change(find(id), 1);
    }

    /** One chunk less. */
    public void release(long id) {
        Shared s = find(id);
        change(s, -1);
        if (s.references == 0) {
            store.deleteShared(id, s.parts);
        }
    }

    private void change(Shared s, int by) {
        s.references += by;
        if (!s.dirty) {
            s.dirty = true;
            dirty.add(s);
        }
    }

    private Shared find(long id) {
        Shared s = hot.get(id);
        if (s == null) {
            byte[] value = store.get(Keys.of(Keys.SHARED_REFERENCES, id));
            if (value == null) {
                throw new IllegalStateException("no chunk refers to shared body " + id);
            }
            ByteReader r = new ByteReader(value);
            s = new Shared(id, r.int32(), r.int32());
            TaggedFields.endRecord(r);
            hot.put(id, s);
        }
        return s;
    }

    /** Counts in memory. */
    int inMemory() {
        return hot.size();
    }

    public void writeDirty() {
        for (Shared s : dirty) {
            byte[] key = Keys.of(Keys.SHARED_REFERENCES, s.id);
            s.dirty = false;
            if (s.references == 0) {
                hot.remove(s.id);
                store.delete(key);
            } else {
                ByteWriter w = new ByteWriter(8);
                store.put(key, w.int32(s.parts).int32(s.references).toBytes());
            }
        }
        dirty.clear();
        Iterator<Shared> oldest = hot.values().iterator();
        while (hot.size() > HOT) {
            oldest.next();
            oldest.remove();
        }
    }
}
