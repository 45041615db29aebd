package io.tallymq.raft.entry;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Packs batches before they are sent: what is smaller costs less at every later step, on three disks and two connections. Small batches
 * are left alone, and after some that did not get smaller it tries ever fewer. The submitter's thread only.
 */
public final class Packer {
    /** Below this many bytes a batch costs about the same either way. */
    private static final int LEAST = 4 << 10;
    /** At least one batch of so many is tried. */
    private static final int MAX_PAUSE = 64;

    private final LZ4Compressor lz4 = LZ4Factory.fastestInstance().fastCompressor();
    private final boolean enabled;
    private int pause;
    private int skip;

    /** @param enabled whether anything is packed at all */
    public Packer(boolean enabled) {
        this.enabled = enabled;
    }

    /** The batch as it should be sent: smaller, or as it is, and then the same array. One thread. */
    public byte[] pack(byte[] batch) {
        if (!enabled || batch.length < LEAST) {
            return batch;
        }
        if (skip > 0) {
            skip--;
            return batch;
        }
        byte[] packed = BatchCodec.pack(batch, lz4);
        pause = packed != null ? 0 : Math.min(MAX_PAUSE - 1, 2 * pause + 1);
        skip = pause;
        return packed != null ? packed : batch;
    }
}
