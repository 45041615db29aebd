package io.tallymq.raft.log.checkpoint;

import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Keeps a copy of another node's store from taking the room that the log needs: a node whose log finds none ends, and after its next
 * start would fetch the copy again. One thread at a time.
 */
final class CopyRoom {
    private final LongSupplier free;
    private final long reserve;
    /** What the last copy that found no room was known to take, 0 when it found some. */
    private long wanted;

    /**
     * @param free bytes free where copies are kept
     * @param reserve bytes that a copy leaves free
     */
    CopyRoom(LongSupplier free, long reserve) {
        this.free = free;
        this.reserve = reserve;
    }

    /**
     * Before a copy: one that found no room is not begun again before there is some for what was known of it.
     *
     * @throws IOException there is not
     */
    void begin() throws IOException {
        require(0, wanted);
        wanted = 0;
    }

    /**
     * Before a file of a copy.
     *
     * @param received bytes of the copy that are on the disk
     * @param size bytes of the file
     * @throws IOException it would take what the log needs
     */
    void require(long received, long size) throws IOException {
        long now = free.getAsLong();
        if (now - size < reserve) {
            wanted = received + size;
            throw new IOException("the disk of the log has " + now + " bytes free, " + size + " more of the copy and "
                    + reserve + " for the log do not fit: free space there, the copy is fetched then");
        }
    }
}
