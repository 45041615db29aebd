package io.tallymq.node.config;

import io.tallymq.node.config.value.Compression;
import io.tallymq.node.config.value.MemoryLimit;
import io.tallymq.node.config.value.ValueTypes;
import java.util.List;

/** What is kept on the disk and in memory. */
final class StoreKeys {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;

    static final Key<Long> STORE_MEMTABLE_SIZE = new Key<>(
            "store.memtable-size",
            ValueTypes.size(MIB, GIB),
            "16MiB",
            "128MiB",
            "Native memory of one memtable; messages gone before it is full never reach the store's files.");
    static final Key<Integer> STORE_MEMTABLE_COUNT = new Key<>(
            "store.memtable-count",
            ValueTypes.integer("memtables", 3, 32),
            "4",
            "6",
            "Memtables at one time; above it, writing waits for the disk.");
    static final Key<Long> STORE_BLOCK_CACHE = new Key<>(
            "store.block-cache",
            ValueTypes.size(MIB, 64 * GIB),
            "64MiB",
            "512MiB",
            "Native memory for blocks read from the store's files.");
    static final Key<Long> STORE_BODY_CACHE = new Key<>(
            "store.body-cache",
            ValueTypes.size(MIB, 16 * GIB),
            "16MiB",
            "64MiB",
            "Heap for bodies just applied, so that delivering them needs no read.");
    static final Key<Compression> STORE_COMPRESSION = new Key<>(
            "store.compression",
            ValueTypes.choice(Compression.class),
            "none",
            "lz4",
            "How the store's files are packed; a change holds for new files.");

    static final Key<Long> DISK_FREE_LIMIT = new Key<>(
            "disk.free-limit",
            ValueTypes.size(0, 64 * TIB),
            "2GiB",
            "5GiB",
            "With less free space in data.dir on any node, all publishers are blocked; see the README for what it is for.");

    static final Key<MemoryLimit> MEMORY_LIMIT = new Key<>(
            "memory.limit",
            ValueTypes.memoryLimit(),
            "0.8",
            "3GiB",
            "With more memory resident on any node, all publishers are blocked; bytes, or a part of what there is.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            STORE_MEMTABLE_SIZE,
            STORE_MEMTABLE_COUNT,
            STORE_BLOCK_CACHE,
            STORE_BODY_CACHE,
            STORE_COMPRESSION,
            DISK_FREE_LIMIT,
            MEMORY_LIMIT);

    private StoreKeys() {}
}
