package io.tallymq.raft.log.checkpoint;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps a copy of another node's store from taking the room that the log needs: a node whose log finds none ends, and after its next
 * start would fetch the copy again. One thread at a time.
 */
final class CopyRoom {
    /** The other node may have lost much of its store since, and tells nobody before it is asked for a copy. */
    private static final long NEWS_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final LongSupplier free;
    private final long reserve;
    private final LongSupplier nanos;
    /** Of the last copy that found no room, null when it found some. */
    private Wanted wanted;
    /** Whose store is being copied. */
    private String from;

    /** What the copy of a node's store was known to take, and when. */
    private record Wanted(String from, long bytes, long atNanos) {}

    /**
     * @param free bytes free where copies are kept
     * @param reserve bytes that a copy leaves free
     * @param nanos a clock that only goes on
     */
    CopyRoom(LongSupplier free, long reserve, LongSupplier nanos) {
        this.free = free;
        this.reserve = reserve;
        this.nanos = nanos;
    }

    /**
     * Before a copy: one that found no room is not begun again before there is some for what is known of it, or that is old.
     *
     * @param node whose store it is
     * @throws IOException there is not
     */
    void begin(String node) throws IOException {
        if (wanted != null && wanted.from.equals(node) && nanos.getAsLong() - wanted.atNanos < NEWS_NANOS) {
            requireFree(wanted.bytes);
        }
        wanted = null;
        from = node;
    }

    /**
     * Before a file of a copy.
     *
     * @param received bytes of the copy that are on the disk
     * @param size bytes of the file
     * @throws IOException it would take what the log needs
     */
    void require(long received, long size) throws IOException {
        try {
            requireFree(size);
        } catch (IOException e) {
            wanted = new Wanted(from, received + size, nanos.getAsLong());
            throw e;
        }
    }

    private void requireFree(long size) throws IOException {
        long now = free.getAsLong();
        if (now - size < reserve) {
            throw new IOException("the disk of the log has " + now + " bytes free, " + size + " more of the copy and "
                    + reserve + " for the log do not fit: free space there, the copy is fetched then");
        }
    }
}
