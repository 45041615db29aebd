package io.tallymq.broker.processing;

import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.life.Connections;
import io.tallymq.broker.life.Uploads;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queue.ChunkBuilder;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Handouts;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.PublishRun;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queue.SharedBlock;
import io.tallymq.broker.queue.SharedBodies;
import io.tallymq.broker.routing.Resolved;
import io.tallymq.broker.routing.RoutedMessage;
import io.tallymq.broker.routing.Topology;
import io.tallymq.broker.spec.RoutingTarget;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * Carries out a run of publishes: routes every message, gathers what each queue gets into chunks, then hands out. Neighbours
 * that go to the same queues are placed together, and what several queues get is stored once when that is worth it: so a
 * fan-out costs its queues and its messages, not their product.
 *
 * <p>A run that makes more work than a slice is carried out in slices. Between two of them the caller
 * may commit, so that neither what the store gathers nor what memory must keep until then grows with the run.
 */
public final class Publishing {
    /** Units of work that a chunk is, beside its pieces and bytes. */
    public static final int CHUNK_WORK = 8;

    private static final int BYTES_PER_WORK = 512;
    /** Bindings that match are so many to a unit of work. */
    private static final int MATCHES_PER_WORK = 16;

    private static final RoutingTarget[] NOWHERE = {};
    private static final Reply.Rejected INCOMPLETE = new Reply.Rejected(
            541, Reply.Reason.INTERNAL, "the body did not arrive in all its parts; publish the message again");

    private final MessageStore store;
    private final Topology topology;
    private final Connections connections;
    private final Uploads uploads;
    private final SharedBodies sharedBodies;
    private final LongFunction<Holder> holders;
    private final LongSupplier newShared;
    private final Dirty dirty;
    private final Handouts handouts;
    private final MachineLimits limits;
    private final List<Queue> touched = new ArrayList<>();
    private final Runnable onDropped;

    /** The run in hand, null between two of them. */
    private PublishRun run;

    private final RoutedMessage message = new RoutedMessage();
    private Stamp entry;
    private Effects effects;
    private Resolved[] resolved;
    private int next;
    private SharedBlock block;
    private long work;

    /** Why the message looked at last is refused, or null. */
    private Reply.Rejected refusal;
    /** All of the run in hand was looked at before, and has room. */
    private boolean admitted;

    /** Neighbours with the same targets that are not placed yet: the first one, and where they go. */
    private int from;

    private RoutingTarget[] together = NOWHERE;

    public Publishing(
            MessageStore store,
            Topology topology,
            Connections connections,
            Uploads uploads,
            SharedBodies sharedBodies,
            LongFunction<Holder> holders,
            LongSupplier newShared,
            Runnable onDropped,
            Dirty dirty,
            Handouts handouts,
            MachineLimits limits) {
        this.limits = limits;
        this.sharedBodies = sharedBodies;
        this.store = store;
        this.topology = topology;
        this.connections = connections;
        this.uploads = uploads;
        this.newShared = newShared;
        this.holders = holders;
        this.onDropped = onDropped;
        this.dirty = dirty;
        this.handouts = handouts;
    }

    /** Carries out the next slice of a run; returns whether there is more, for which to call again with the same command. */
    public boolean publish(Stamp e, String node, Publish p, Effects effects) {
        if (run == null || !run.isOf(p)) {
            run = new PublishRun(p, e.time());
            resolved = new Resolved[run.table().length];
            next = 0;
        }
        entry = e;
        this.effects = effects;
        block = null;
        work = 0;
        from = next;
        while (next < run.count() && work < limits.work().slice()) {
            message(node, next++, effects);
        }
        place(next);
        sealAll();
        for (int i = 0; i < touched.size(); i++) {
            handouts.dispatch(touched.get(i), effects);
        }
        touched.clear();
        if (next < run.count()) {
            return true;
        }
        run = null;
        admitted = false;
        return false;
    }

    /** Why not all publishes of a transaction can be carried out, together and behind what it settles; null when they can. */
    public Reply.Rejected check(Stamp e, String node, CommitTx tx) {
        entry = e;
        run = new PublishRun(tx.publishes(), e.time());
        resolved = new Resolved[run.table().length];
        next = 0;
        TxRoom room = new TxRoom(tx.settles(), holders);
        for (int i = 0; i < run.count(); i++) {
            RoutingTarget[] targets = decide(i);
            if (refusal == null && isIncomplete(node, i)) {
                refusal = INCOMPLETE;
            }
            if (refusal == null && mayBeFull(targets)) {
                refusal = room.take(targets, MessageRecord.bodyLength(run.bytes(), run.at(i)));
            }
            if (refusal != null) {
                run = null;
                return refusal;
            }
        }
        admitted = true;
        return null;
    }

    /** The run that follows was admitted before a crash: it goes on as it would have without one. */
    public void resumeAdmitted() {
        admitted = true;
    }

    private boolean isIncomplete(String node, int i) {
        byte[] bytes = run.bytes();
        int at = run.at(i);
        if (!MessageRecord.isExternal(bytes, at)) {
            return false;
        }
        Uploads.Upload u = uploads.find(node, MessageRecord.externalId(bytes, at));
        return u == null || u.bytes() != MessageRecord.bodyLength(bytes, at);
    }

    /** Nothing of these publishes happens: the bodies that came before them go. */
    public void dropUploads(String node, Publish p) {
        byte[] bytes = p.bytes();
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(bytes, at)) {
            Uploads.Upload u = MessageRecord.isExternal(bytes, at)
                    ? uploads.take(node, MessageRecord.externalId(bytes, at))
                    : null;
            if (u != null) {
                uploads.drop(u);
            }
        }
    }

    /** Where the run in hand goes on: the offset of a message in the command's bytes. */
    public int nextOffset() {
        return run.at(next);
    }

    /** The ordinal of the message at {@link #nextOffset}. */
    public int nextOrdinal() {
        return run.ordinal(next);
    }

    /** Units of the slice carried out last. */
    public long work() {
        return work;
    }

    private void message(String node, int i, Effects effects) {
        if (connections.haveEnded() && isVoid(i)) {
            place(i);
            from = i + 1;
            drop(node, i);
            return;
        }
        RoutingTarget[] targets = decide(i);
        if (refusal == null && !admitted && mayBeFull(targets)) {
            place(i); // so that the queues know what comes before it
            refusal = full(targets, MessageRecord.bodyLength(run.bytes(), run.at(i)));
            targets = refusal != null ? NOWHERE : targets;
        }
        if (MessageRecord.isExternal(run.bytes(), run.at(i))) {
            place(i);
            from = i + 1;
            if (!upload(node, i, targets, effects)) {
                return;
            }
        } else if (!sameTargets(targets) || i - from >= limits.sharedMessages()) {
            place(i);
            together = targets;
        }
        if (refusal != null) {
            refuse(run.ordinal(i), refusal, effects);
        } else if (targets.length == 0) {
            if (MessageRecord.isMandatory(run.bytes(), run.at(i))) {
                effects.unroutable(run.ordinal(i));
            } else {
                onDropped.run();
            }
        }
    }

    /** Where the message goes, as far as routes alone decide; {@link #refusal} tells whether it is refused. */
    private RoutingTarget[] decide(int i) {
        int route = run.route(i);
        if (resolved[route] == null) {
            resolved[route] = topology.resolve(run.table()[route]);
        }
        refusal = resolved[route].refusal();
        if (refusal != null) {
            return NOWHERE;
        }
        boolean extended = MessageRecord.extensionLength(run.bytes(), run.at(i)) > 0;
        RoutingTarget[] targets = targets(i, resolved[route], extended);
        if (extended && targets.length < message.minQueues()) {
            refusal = tooFew(targets.length);
            return NOWHERE;
        }
        return targets;
    }

    /** Its client sent it behind an error that has ended the channel. */
    private boolean isVoid(int i) {
        Origins origins = run.origins();
        int origin = origins.of(run.ordinal(i));
        return origin >= 0 && connections.hasEnded(origins.connection(origin), origins.channel(origin));
    }

    /** The message is void: so is the body that came before it. */
    private void drop(String node, int i) {
        if (MessageRecord.isExternal(run.bytes(), run.at(i))) {
            Uploads.Upload u = uploads.take(node, MessageRecord.externalId(run.bytes(), run.at(i)));
            if (u != null) {
                uploads.drop(u);
            }
        }
    }

    private void refuse(int ordinal, Reply.Rejected why, Effects effects) {
        Origins origins = run.origins();
        int origin = why.reason().endsPublisher() ? origins.of(ordinal) : -1;
        if (origin >= 0) {
            connections.end(origins.connection(origin), origins.channel(origin));
        }
        effects.publishRefused(ordinal, why);
    }

    private static boolean mayBeFull(RoutingTarget[] targets) {
        for (RoutingTarget t : targets) {
            if (((Queue) t).limit().refuses()) {
                return true;
            }
        }
        return false;
    }

    /** Of several queues one without room is enough: a fan-out is in all of them or in none. */
    private static Reply.Rejected full(RoutingTarget[] targets, long bodyBytes) {
        for (RoutingTarget t : targets) {
            Reply.Rejected full = ((Queue) t).limit().refusal(bodyBytes);
            if (full != null) {
                return full;
            }
        }
        return null;
    }

    private boolean sameTargets(RoutingTarget[] targets) {
        return targets == together || Arrays.equals(targets, together);
    }

    private RoutingTarget[] targets(int i, Resolved to, boolean extended) {
        if (!to.needsMessage() && !extended) {
            return to.targets();
        }
        RoutedMessage m = message.of(run.bytes(), run.at(i), entry.index() << Integer.SIZE | run.ordinal(i));
        work += m.keys().size();
        boolean byRoute = !to.needsMessage() && m.keys().isEmpty();
        if (byRoute) {
            return to.targets();
        }
        long before = topology.matched();
        RoutingTarget[] targets = topology.match(run.table()[run.route(i)], m);
        work += (topology.matched() - before) / MATCHES_PER_WORK;
        return targets;
    }

    private Reply.Rejected tooFew(int queues) {
        return new Reply.Rejected(
                312,
                Reply.Reason.UNROUTABLE,
                "the message reaches " + queues + " queues, and its header x-min-queues asks for "
                        + message.minQueues());
    }

    /** The messages up to {@code end}, exclusive, go to their queues. */
    private void place(int end) {
        if (end > from && together.length > 0) {
            long length = run.at(end) - run.at(from);
            tell(end);
            boolean share = length * (together.length - 1) >= limits.sharedFrom() && together.length > 1;
            int at = share ? block().add(from, end) : 0;
            for (RoutingTarget t : together) {
                if (share) {
                    addShared((Queue) t, end, at);
                } else {
                    addInline((Queue) t, end);
                }
            }
            work += together.length;
        }
        from = end;
        together = NOWHERE;
    }

    private void tell(int end) {
        for (RoutingTarget t : together) {
            effects.publishing(run.ordinal(from), run.ordinal(end), (Queue) t);
        }
    }

    private SharedBlock block() {
        if (block == null) {
            block = new SharedBlock(newShared.getAsLong(), run);
            sharedBodies.add(block.id(), 1);
        }
        return block;
    }

    private void addShared(Queue q, int end, int place) {
        ChunkBuilder b = building(q);
        for (int at = from; at < end; ) {
            if (b.roomShared() <= 0) {
                seal(q);
            }
            int to = Math.min(end, at + b.roomShared());
            b.addShared(run, at, to, place + at - from);
            at = to;
        }
    }

    private void addInline(Queue q, int end) {
        ChunkBuilder b = building(q);
        for (int at = from; at < end; ) {
            if (b.roomInline() <= 0) {
                seal(q);
            }
            int to = lastWithin(at, Math.min(end, at + b.roomInline()), b.roomBytes());
            int bytes = run.at(to) - run.at(at);
            b.addInline(run, at, to, bytes);
            work += bytes / BYTES_PER_WORK;
            at = to;
        }
    }

    /** The fewest messages from {@code at} on that have so many bytes, or all up to {@code end}. Returns the one after them. */
    private int lastWithin(int at, int end, int bytes) {
        int enough = run.at(at) + bytes;
        int low = at + 1;
        int high = end;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (run.at(middle) >= enough) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private ChunkBuilder building(Queue q) {
        if (!q.isBuilding()) {
            touched.add(q);
        }
        return q.building();
    }

    /** A message whose body came before it, in parts: a chunk of its own in each queue. */
    private boolean upload(String node, int i, RoutingTarget[] targets, Effects effects) {
        byte[] bytes = run.bytes();
        int at = run.at(i);
        long number = MessageRecord.externalId(bytes, at);
        Uploads.Upload u = uploads.find(node, number);
        if (u == null || u.bytes() != MessageRecord.bodyLength(bytes, at)) {
            refuse(run.ordinal(i), INCOMPLETE, effects);
            return false;
        }
        if (targets.length == 0) {
            boolean back = refusal == null
                    ? MessageRecord.isMandatory(bytes, at)
                    : !refusal.reason().endsPublisher() && MessageRecord.comesBack(bytes, at);
            if (!back) {
                uploads.drop(uploads.take(node, number));
            } // else its node sends the body back and drops the upload then
            return true;
        }
        uploads.take(node, number);
        sharedBodies.add(u.shared(), u.parts());
        byte[] record = external(at, u.shared(), u.bytes());
        Records alone = new Records(record, new int[1], run.table(), entry.time());
        for (RoutingTarget t : targets) {
            Queue q = (Queue) t;
            if (q.isBuilding()) {
                seal(q);
            } else {
                touched.add(q);
            }
            append(q, uploaded(q, run.route(i), u, alone));
        }
        return true;
    }

    /** The record of a message whose body stands elsewhere, with its extension and properties. */
    private byte[] external(int at, long id, long length) {
        byte[] bytes = run.bytes();
        int extension = MessageRecord.extensionLength(bytes, at);
        int properties = MessageRecord.propertiesLength(bytes, at);
        ByteWriter w = new ByteWriter(MessageRecord.HEADER + extension + properties + MessageRecord.EXTERNAL_LENGTH);
        int flags = MessageRecord.flags(bytes, at) | MessageRecord.EXTERNAL_BODY;
        int route = MessageRecord.route(bytes, at);
        MessageRecord.writeHeader(w, flags, route, extension, properties, MessageRecord.EXTERNAL_LENGTH);
        w.raw(bytes, at + MessageRecord.HEADER, extension + properties);
        return w.int64(id).int64(0).int64(length).toBytes();
    }

    private Chunk uploaded(Queue q, int route, Uploads.Upload u, Records record) {
        Chunk chunk = new Chunk(q.number(), q.tail(), 1, u.bytes(), u.shared());
        chunk.body(ChunkBody.of(record));
        ByteWriter header = new ByteWriter(128);
        ChunkCodec.writeHeader(header, chunk, entry, List.of(new ChunkCodec.NumberedRoute(route, run.table()[route])));
        ChunkCodec.writeInline(header.varint(1), 1);
        store.putChunk(
                chunk,
                List.of(
                        new MessageStore.Slice(header.array(), 0, header.size()),
                        new MessageStore.Slice(record.bytes(), 0, record.bytes().length)));
        return chunk;
    }

    private void sealAll() {
        for (int i = 0; i < touched.size(); i++) {
            Queue q = touched.get(i);
            if (q.isBuilding()) {
                seal(q);
            }
        }
        if (block != null) {
            block.put(entry, store);
        }
    }

    private void seal(Queue q) {
        append(q, q.building().seal(q, entry, run, block == null ? 0 : block.id(), store));
    }

    private void append(Queue q, Chunk c) {
        work += CHUNK_WORK;
        q.append(c);
        dirty.touched(q);
    }
}
