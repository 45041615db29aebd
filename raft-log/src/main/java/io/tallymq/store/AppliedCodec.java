package io.tallymq.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.store.MessageStore.Applied;
import java.nio.ByteBuffer;

/** The stored position, big-endian: u32 level, u64 term, u64 index, u64 clock. The level stands first for ever. */
final class AppliedCodec {
    static final int LENGTH = 28;
    static final int LEVEL_LENGTH = 4;

    private AppliedCodec() {}

    static void write(ByteBuffer to, Applied applied) {
        to.putInt(applied.level()).putLong(applied.term()).putLong(applied.index());
        to.putLong(applied.clock());
    }

    /** The level alone: the rest may be another one's. */
    static int level(byte[] value) {
        return ByteReader.int32(value, 0);
    }

    static Applied read(byte[] value) {
        ByteReader r = new ByteReader(value);
        int level = r.int32();
        long term = r.int64();
        long index = r.int64();
        return new Applied(term, index, r.int64(), level);
    }
}
