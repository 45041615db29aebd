package io.tallymq.raft.log.files;

/**
 * Whether what can't be read at the end of the file that was being written is a write that a power cut tore apart.
 *
 * <p>That is the first bad record, with nothing valid after it, if the file ends in the
 * record or zeros are in the place of its end or of a sector (a record that is all there was damaged later); or with at most
 * {@link #GROUP_COMMIT} valid records after it if a whole block between is zeros, which is how a block that never reached
 * the disk looks (Ratis flushes up to so many records at once and blocks of one flush may arrive in any order).
 */
final class TornWrite {
    /** Ratis' {@code raft.server.log.force.sync.num}: so many records share a flush at most. */
    static final int GROUP_COMMIT = 128;

    private static final int BLOCK = 4096;

    /** So many zeros up to a block's end are taken for an unwritten rest of the block, not for one flipped bit. */
    private static final int ZERO_RUN = 64;

    private final SegmentFile file;
    private final int position;
    private final long lastGood;

    /**
     * @param position where the bad record is
     * @param lastGood index of the entry in front of it
     */
    TornWrite(SegmentFile file, int position, long lastGood) {
        this.file = file;
        this.position = position;
        this.lastGood = lastGood;
    }

    /** Why it is none, {@code null} if it is one. */
    String whyNot() {
        int next = nextValid(position + 1, lastGood);
        if (next >= 0 && !(holeBefore(next) && lastValid(next) <= lastGood + GROUP_COMMIT)) {
            return "entry " + (lastGood + 1) + " can not be read, entries after it can";
        }
        if (next < 0 && !file.tornAt(position)) {
            return "entry " + (lastGood + 1) + " can not be read although all of it was written, so it may have been"
                    + " confirmed";
        }
        return null;
    }

    /** Where the next valid record starts, -1 if there is none. */
    private int nextValid(int from, long last) {
        // A record takes more than 8 bytes, so no index can be further than this.
        return file.nextRecord(from, last + 1, last + file.size() / 8);
    }

    private long lastValid(int from) {
        long last = lastGood;
        for (int at = from; at >= 0; ) {
            int end = file.recordAt(at);
            last = Math.max(last, file.index());
            if (last > lastGood + GROUP_COMMIT) {
                return last;
            }
            at = nextValid(end, last);
        }
        return last;
    }

    /** Whether an unwritten block lies between the bad record and a place: zeros over a whole block, or from here to a block's end. */
    private boolean holeBefore(int to) {
        int boundary = (position + BLOCK - 1) / BLOCK * BLOCK;
        if (boundary <= to && boundary - position >= ZERO_RUN && file.zeros(position, boundary)) {
            return true;
        }
        for (int block = boundary; block + BLOCK <= to; block += BLOCK) {
            if (file.zeros(block, block + BLOCK)) {
                return true;
            }
        }
        return false;
    }
}
