package io.tallymq.broker.logs;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Stands between a machine and its store, and notes which messages come into queues and into the schedule. */
final class Watch implements MessageStore {
    /** A message that came into a queue. */
    record Arrival(long queue, long seq, StoredMessage message) {}

    /**
     * A message that waits for its time.
     *
     * @param sid its publisher's name for it, empty for none
     */
    record Waiting(long number, String sid, Route route, StoredMessage message) {}

    private final MessageStore store;
    /** What the last entries brought, since it was taken. */
    private final List<Arrival> arrivals = new ArrayList<>();

    private final List<Waiting> scheduled = new ArrayList<>();
    /** By queue and number. */
    private final Map<Long, TreeMap<Long, StoredMessage>> all;

    /** @param all where the messages of all chunks are noted, for ever */
    Watch(MessageStore store, Map<Long, TreeMap<Long, StoredMessage>> all) {
        this.store = store;
        this.all = all;
    }

    List<Arrival> takeArrivals() {
        List<Arrival> some = new ArrayList<>(arrivals);
        arrivals.clear();
        return some;
    }

    List<Waiting> takeScheduled() {
        List<Waiting> some = new ArrayList<>(scheduled);
        scheduled.clear();
        return some;
    }

    @Override
    public void putChunk(Chunk chunk, List<Slice> parts) {
        ChunkBody body = chunk.body();
        for (int i = 0; i < chunk.count(); i++) {
            StoredMessage m = StoredMessage.of(store, body.bytes(), body.at(i), body.publishedAt());
            arrivals.add(new Arrival(chunk.queue(), chunk.firstSeq() + i, m));
            all.computeIfAbsent(chunk.queue(), q -> new TreeMap<>()).put(chunk.firstSeq() + i, m);
        }
        store.putChunk(chunk, parts);
    }

    @Override
    public void put(byte[] key, byte[] value) {
        if (key[0] == Keys.SCHEDULED) {
            scheduled.add(waiting(store, ByteReader.int64(key, 1), value));
        }
        store.put(key, value);
    }

    /** As it stands in the store. */
    static Waiting waiting(MessageStore store, long number, byte[] value) {
        ByteReader r = new ByteReader(value);
        Route route = new Route(r.string(), r.string(), r.string());
        String sid = r.string();
        byte[] record = r.bytes();
        return new Waiting(number, sid, route, StoredMessage.of(store, record, 0, 0));
    }

    @Override
    public void delete(byte[] key) {
        store.delete(key);
    }

    @Override
    public void deleteChunk(Chunk chunk) {
        store.deleteChunk(chunk);
    }

    @Override
    public void deleteChunks(long queue, long fromSeq, long toSeq) {
        store.deleteChunks(queue, fromSeq, toSeq);
    }

    @Override
    public void putShared(long id, int part, List<Slice> bytes) {
        store.putShared(id, part, bytes);
    }

    @Override
    public void deleteShared(long id, int parts) {
        store.deleteShared(id, parts);
    }

    @Override
    public boolean commit(Applied to) {
        return store.commit(to);
    }

    @Override
    public Applied applied() {
        return store.applied();
    }

    @Override
    public byte[] get(byte[] key) {
        return store.get(key);
    }

    @Override
    public NavigableSet<Long> numbersWith(byte type) {
        return store.numbersWith(type);
    }

    @Override
    public void scan(byte[] prefix, BiConsumer<byte[], byte[]> visitor) {
        store.scan(prefix, visitor);
    }

    @Override
    public Chunk chunkAt(long queue, long firstSeq) {
        return store.chunkAt(queue, firstSeq);
    }

    @Override
    public Chunk chunkNear(long queue, long seq) {
        return store.chunkNear(queue, seq);
    }

    @Override
    public List<Chunk> chunks(long queue, long fromSeq, long toSeq) {
        return store.chunks(queue, fromSeq, toSeq);
    }

    @Override
    public ChunkBody load(Chunk chunk) {
        return store.load(chunk);
    }

    @Override
    public byte[] loadShared(long id, int part) {
        return store.loadShared(id, part);
    }

    @Override
    public void close() {
        store.close();
    }
}
