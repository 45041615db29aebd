package io.tallymq.broker;

import java.util.TreeMap;
import java.util.TreeSet;

/** Bodies that stand outside of chunks, and how many chunks refer to each. At no reference they go. */
final class SharedBodies {
    private static final class Shared {
        int parts;
        int references;

        Shared(int parts, int references) {
            this.parts = parts;
            this.references = references;
        }
    }

    private final MessageStore store;
    private final TreeMap<Long, Shared> shared = new TreeMap<>();
    private final TreeSet<Long> dirty = new TreeSet<>();

    SharedBodies(MessageStore store) {
        this.store = store;
    }

    void restore() {
        store.scan(Keys.of(Keys.SHARED_REFERENCES), (k, v) -> {
            ByteReader r = new ByteReader(v);
            shared.put(ByteReader.int64(k, 1), new Shared(r.int32(), r.int32()));
        });
    }

    /** One chunk more refers to a body of so many parts. */
    void refer(long id, int parts) {
        Shared s = shared.get(id);
        if (s == null) {
            shared.put(id, new Shared(parts, 1));
        } else {
            s.references++;
        }
        dirty.add(id);
    }

    /** Sets how many parts a body has, once that is known. */
    void parts(long id, int parts) {
        shared.get(id).parts = parts;
        dirty.add(id);
    }

    /** One chunk less. */
    void release(long id) {
        Shared s = shared.get(id);
        if (s == null) {
            throw new IllegalStateException("no chunk refers to shared body " + id);
        }
        dirty.add(id);
        if (--s.references == 0) {
            shared.remove(id);
            store.deleteShared(id, s.parts);
        }
    }

    void writeDirty() {
        for (long id : dirty) {
            Shared s = shared.get(id);
            byte[] key = Keys.of(Keys.SHARED_REFERENCES, id);
            if (s == null) {
                store.delete(key);
            } else {
                store.put(
                        key,
                        new ByteWriter(8).int32(s.parts).int32(s.references).toBytes());
            }
        }
        dirty.clear();
    }

    void digest(StateDigest d) {
        shared.forEach((id, s) -> d.add(id).add((long) s.parts).add((long) s.references));
    }
}
