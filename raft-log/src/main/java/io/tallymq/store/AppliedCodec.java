package io.tallymq.store;

import io.tallymq.broker.ByteReader;
import io.tallymq.broker.MessageStore.Applied;
import java.nio.ByteBuffer;

/** The stored position, big-endian: u32 format, u64 term, u64 index, u64 clock. The format stands first in every version. */
final class AppliedCodec {
    static final int LENGTH = 28;
    static final int FORMAT_LENGTH = 4;

    private AppliedCodec() {}

    static void write(ByteBuffer to, Applied applied) {
        to.putInt(applied.format()).putLong(applied.term()).putLong(applied.index());
        to.putLong(applied.clock());
    }

    /** The format alone: the rest may be another version's. */
    static int format(byte[] value) {
        return ByteReader.int32(value, 0);
    }

    static Applied read(byte[] value) {
        ByteReader r = new ByteReader(value);
        int format = r.int32();
        long term = r.int64();
        long index = r.int64();
        return new Applied(term, index, r.int64(), format);
    }
}
