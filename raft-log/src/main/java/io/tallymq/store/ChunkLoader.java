package io.tallymq.store;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Loads chunks for readers. Who loads a queue's chunks one after the other gets a {@link ChunkCursor}; everything else is a
 * point read. Any thread; the caller sees to it that the database stays open meanwhile.
 */
final class ChunkLoader implements AutoCloseable {
    /** Queues read through a cursor at the same time; each may hold {@link ChunkCursor#READAHEAD_BYTES} and more. */
    static final int MAX_CURSORS = 32;
    /** Queues whose last load is remembered. */
    static final int MAX_TRACKS = 1_024;
    /** Loads in a row before a cursor pays. */
    private static final int RUN = 2;
    /** A cursor older than this is closed, for the files it keeps from being removed. */
    private static final long MAX_AGE_NANOS = 10_000_000_000L;

    private static final long MAX_IDLE_NANOS = 2_000_000_000L;

    /** What is known of the loads of one queue. Used by the thread that made it busy. */
    private static final class Track {
        boolean busy;
        long next;
        int run;
        long used;
        ChunkCursor cursor;
    }

    private final RocksDB db;
    private final StoreReader reader;
    private final Map<Long, Track> tracks = new LinkedHashMap<>(16, 0.75f, true);
    private int cursors;

    ChunkLoader(RocksDB db, StoreReader reader) {
        this.db = db;
        this.reader = reader;
    }

    /** The stored value, or null when the chunk was removed. */
    byte[] load(Chunk chunk) throws RocksDBException {
        Track track = enter(chunk.queue());
        if (track == null) {
            return reader.get(Keys.chunk(chunk.queue(), chunk.firstSeq()));
        }
        try {
            return load(track, chunk);
        } finally {
            leave(track);
        }
    }

    private byte[] load(Track track, Chunk chunk) throws RocksDBException {
        long now = System.nanoTime();
        track.run = chunk.firstSeq() >= track.next ? track.run + 1 : 0;
        track.next = chunk.endSeq();
        track.used = now;
        if (track.cursor == null && track.run > RUN && reserve()) {
            track.cursor = new ChunkCursor(db, chunk.queue(), now);
        }
        if (track.cursor != null && track.run > 0) {
            byte[] value = track.cursor.at(chunk.firstSeq());
            if (value != null) {
                return value;
            }
            // Put after the cursor was made, or removed before: a new cursor knows.
            drop(track);
        }
        return reader.get(Keys.chunk(chunk.queue(), chunk.firstSeq()));
    }

    /** The track of a queue, or null when another thread is loading from it. */
    private synchronized Track enter(long queue) {
        Track track = tracks.get(queue);
        if (track == null) {
            track = new Track();
            track.next = Long.MAX_VALUE;
            tracks.put(queue, track);
            forgetOldest();
        } else if (track.busy) {
            return null;
        }
        track.busy = true;
        return track;
    }

    private void forgetOldest() {
        if (tracks.size() > MAX_TRACKS) {
            Iterator<Track> oldest = tracks.values().iterator();
            Track track = oldest.next();
            if (!track.busy) {
                drop(track);
                oldest.remove();
            }
        }
    }

    private synchronized void leave(Track track) {
        track.busy = false;
    }

    private synchronized boolean reserve() {
        if (cursors >= MAX_CURSORS) {
            return false;
        }
        cursors++;
        return true;
    }

    private synchronized void drop(Track track) {
        if (track.cursor != null) {
            track.cursor.close();
            track.cursor = null;
            cursors--;
        }
    }

    /** Closes what is old or idle. */
    synchronized void expire() {
        long now = System.nanoTime();
        for (Track track : tracks.values()) {
            if (track.cursor != null
                    && !track.busy
                    && (now - track.used > MAX_IDLE_NANOS || now - track.cursor.opened() > MAX_AGE_NANOS)) {
                drop(track);
            }
        }
    }

    /** Open cursors, for tests. */
    synchronized int cursors() {
        return cursors;
    }

    @Override
    public synchronized void close() {
        tracks.values().forEach(this::drop);
        tracks.clear();
    }
}
