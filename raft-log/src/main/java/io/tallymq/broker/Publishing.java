package io.tallymq.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Carries out a run of publishes: routes every message, gathers what each queue gets into chunks, then hands out. A body that
 * goes to several queues is stored once when that is worth it.
 */
final class Publishing {
    private static final RoutingTarget[] NOWHERE = {};
    private static final Reply.Rejected INCOMPLETE = new Reply.Rejected(
            541, Reply.Reason.INTERNAL, "the body did not arrive in all its parts; publish the message again");

    private final MessageStore store;
    private final Topology topology;
    private final Uploads uploads;
    private final SharedBodies sharedBodies;
    private final LongSupplier newShared;
    private final Dirty dirty;
    private final MachineLimits limits;
    private final List<Queue> touched = new ArrayList<>();
    private long dropped;

    private Entry entry;
    private Route[] table;
    private byte[] bytes;
    /** Bodies of this run that several queues get, and the records that refer to them. */
    private ByteWriter block;

    private long blockId;

    Publishing(
            MessageStore store,
            Topology topology,
            Uploads uploads,
            SharedBodies sharedBodies,
            LongSupplier newShared,
            Dirty dirty,
            MachineLimits limits) {
        this.limits = limits;
        this.sharedBodies = sharedBodies;
        this.store = store;
        this.topology = topology;
        this.uploads = uploads;
        this.newShared = newShared;
        this.dirty = dirty;
    }

    /** Messages that reached no queue and were not mandatory, since the beginning. */
    long dropped() {
        return dropped;
    }

    void restoreDropped(long n) {
        dropped = n;
    }

    void publish(Entry e, String node, Command.Publish p, Effects effects) {
        entry = e;
        bytes = p.bytes();
        table = p.routes().toArray(new Route[0]);
        block = null;
        blockId = 0;
        Resolved[] resolved = new Resolved[table.length];
        int ordinal = p.first();
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(bytes, at)) {
            int route = MessageRecord.route(bytes, at);
            if (resolved[route] == null) {
                resolved[route] = topology.resolve(table[route]);
            }
            message(node, at, ordinal++, resolved[route], effects);
        }
        sealAll();
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).dispatch(dirty, effects);
        }
        touched.clear();
        bytes = null;
    }

    private void message(String node, int at, int ordinal, Resolved resolved, Effects effects) {
        RoutingTarget[] targets = resolved.refusal() != null ? NOWHERE : targets(at, resolved);
        if (MessageRecord.isExternal(bytes, at)) {
            if (!upload(node, at, ordinal, targets, effects, resolved.refusal() != null)) {
                return;
            }
        } else if (targets.length == 1) {
            add((Queue) targets[0], at, bytes, at, MessageRecord.length(bytes, at));
        } else if (targets.length > 1) {
            fanOut(at, targets);
        }
        if (resolved.refusal() != null) {
            effects.publishRefused(ordinal, resolved.refusal());
        } else if (targets.length == 0) {
            if (MessageRecord.isMandatory(bytes, at)) {
                effects.unroutable(ordinal);
            } else {
                dropped++;
            }
        }
    }

    private RoutingTarget[] targets(int at, Resolved resolved) {
        if (!resolved.needsHeaders()) {
            return resolved.targets();
        }
        return topology.matchHeaders(
                table[MessageRecord.route(bytes, at)],
                bytes,
                MessageRecord.propertiesOffset(bytes, at),
                MessageRecord.propertiesLength(bytes, at));
    }

    private void add(Queue q, int at, byte[] stored, int from, int length) {
        if (q.building == null) {
            q.building = new ChunkBuilder(limits);
        }
        if (q.building.isEmpty()) {
            touched.add(q);
        } else if (q.building.isFull()) {
            seal(q);
        }
        q.building.add(at, MessageRecord.route(bytes, at), MessageRecord.bodyLength(bytes, at), stored, from, length);
    }

    private void fanOut(int at, RoutingTarget[] targets) {
        int length = MessageRecord.length(bytes, at);
        byte[] stored = bytes;
        int from = at;
        if (MessageRecord.inlineLength(bytes, at) >= limits.sharedFrom()) {
            stored = share(at);
            from = 0;
            length = stored.length;
        }
        for (RoutingTarget t : targets) {
            add((Queue) t, at, stored, from, length);
        }
    }

    /** Moves a body into the run's shared block; returns the record that refers to it. */
    private byte[] share(int at) {
        if (block == null) {
            block = new ByteWriter(64 * 1024);
            blockId = newShared.getAsLong();
        }
        int length = MessageRecord.inlineLength(bytes, at);
        long offset = block.size();
        block.raw(bytes, MessageRecord.bodyOffset(bytes, at), length);
        return external(at, blockId, offset, length);
    }

    private byte[] external(int at, long id, long offset, long length) {
        int properties = MessageRecord.propertiesLength(bytes, at);
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + properties + MessageRecord.EXTERNAL_LENGTH);
        int flags = MessageRecord.flags(bytes, at) | MessageRecord.EXTERNAL_BODY;
        MessageRecord.writeHeader(w, flags, MessageRecord.route(bytes, at), properties, MessageRecord.EXTERNAL_LENGTH);
        w.raw(bytes, MessageRecord.propertiesOffset(bytes, at), properties);
        return w.int64(id).int64(offset).int64(length).toBytes();
    }

    /** A message whose body came before it, in parts: a chunk of its own in each queue. */
    private boolean upload(
            String node, int at, int ordinal, RoutingTarget[] targets, Effects effects, boolean refused) {
        long number = MessageRecord.externalId(bytes, at);
        Uploads.Upload u = uploads.find(node, number);
        if (u == null || u.bytes() != MessageRecord.bodyLength(bytes, at)) {
            effects.publishRefused(ordinal, INCOMPLETE);
            return false;
        }
        if (targets.length == 0) {
            if (refused || !MessageRecord.isMandatory(bytes, at)) {
                uploads.drop(uploads.take(node, number));
            } // else its node sends the body back and drops the upload then
            return true;
        }
        uploads.take(node, number);
        byte[] record = external(at, u.shared(), 0, u.bytes());
        byte[] entryBytes = bytes;
        for (RoutingTarget t : targets) {
            Queue q = (Queue) t;
            if (q.building != null && !q.building.isEmpty()) {
                seal(q);
            } else {
                touched.add(q);
            }
            ChunkBuilder alone = new ChunkBuilder(limits);
            alone.add(0, MessageRecord.route(entryBytes, at), u.bytes(), record, 0, record.length);
            append(q, alone.seal(q, entry, table, record, u.shared(), store), u.parts());
        }
        return true;
    }

    private void sealAll() {
        for (int i = 0; i < touched.size(); i++) {
            Queue q = touched.get(i);
            if (q.building != null && !q.building.isEmpty()) {
                seal(q);
            }
        }
        if (block != null) {
            sharedBodies.parts(blockId, (block.size() + Broker.PART_SIZE - 1) / Broker.PART_SIZE);
            for (int part = 0, at = 0; at < block.size(); part++, at += Broker.PART_SIZE) {
                int n = Math.min(Broker.PART_SIZE, block.size() - at);
                store.putShared(blockId, part, new MessageStore.Slice(block.array(), at, n));
            }
        }
    }

    private void seal(Queue q) {
        long shared = q.building.refersElsewhere() ? blockId : 0;
        append(q, q.building.seal(q, entry, table, bytes, shared, store), 0);
    }

    private void append(Queue q, Chunk c, int parts) {
        q.log.append(c, parts);
        q.counters.published += c.count();
        dirty.touched(q);
    }
}
