package io.tallymq.store;

import java.nio.file.Path;

/**
 * How a store on disk is kept. Native memory is at most about {@code memtableBytes * memtables + blockCacheBytes} plus
 * readers' buffers; the heap holds {@code bodyCacheBytes} of messages.
 *
 * @param directory the database's own directory; its parent must be on the same file system as downloaded checkpoints
 * @param memtableBytes size of a memtable. Messages that are settled before two memtables are full never reach the disk
 * @param memtables most memtables, the one being written included; when all are full, commits wait for the disk
 * @param memtablesToMerge how many full memtables are written to the disk together, less than {@code memtables}
 * @param blockCacheBytes blocks, indexes and filters read from the disk
 * @param bodyCacheBytes messages kept on the heap after their commit or load
 * @param maxOpenFiles table files held open; each is up to {@link #TABLE_FILE_BYTES}
 * @param logBytes what the log, on the same disk, may write before it is cut; compactions leave room for it
 * @param freeWanted bytes free on the disk below which the store gives back what removed messages still take, 0 for never
 * @param lz4 compresses what reaches the disk: less disk, more CPU in the background
 */
public record RocksStoreConfig(
        Path directory,
        long memtableBytes,
        int memtables,
        int memtablesToMerge,
        long blockCacheBytes,
        long bodyCacheBytes,
        int maxOpenFiles,
        long logBytes,
        long freeWanted,
        boolean lz4) {
    public static final long LOG_BYTES = 208L << 20;
    public static final long MEMTABLE_BYTES = 16L << 20;
    public static final int MEMTABLES = 4;
    public static final int MEMTABLES_TO_MERGE = 2;
    public static final long BLOCK_CACHE_BYTES = 64L << 20;
    public static final long BODY_CACHE_BYTES = 16L << 20;
    public static final int MAX_OPEN_FILES = 512;
    public static final long TABLE_FILE_BYTES = 64L << 20;

    public RocksStoreConfig {
        if (memtableBytes < 1 << 16 || blockCacheBytes < 0 || bodyCacheBytes < 0 || maxOpenFiles < 16) {
            throw new IllegalArgumentException("store sizes too small: memtable from 64 KiB, open files from 16");
        }
        if (memtablesToMerge < 1 || memtables <= memtablesToMerge) {
            throw new IllegalArgumentException("store memtables must be more than those merged: " + memtables
                    + " memtables, " + memtablesToMerge + " merged");
        }
    }

    /** The defaults, in this directory. */
    public static RocksStoreConfig in(Path directory) {
        return new RocksStoreConfig(
                directory,
                MEMTABLE_BYTES,
                MEMTABLES,
                MEMTABLES_TO_MERGE,
                BLOCK_CACHE_BYTES,
                BODY_CACHE_BYTES,
                MAX_OPEN_FILES,
                LOG_BYTES,
                0,
                false);
    }

    /** Bytes of the disk that compactions leave free: for all memtables and the log. */
    long reserveBytes() {
        return memtableBytes * memtables + logBytes;
    }

    public RocksStoreConfig withMemtables(long bytes, int count) {
        return new RocksStoreConfig(
                directory,
                bytes,
                count,
                memtablesToMerge,
                blockCacheBytes,
                bodyCacheBytes,
                maxOpenFiles,
                logBytes,
                freeWanted,
                lz4);
    }

    public RocksStoreConfig withCaches(long blockBytes, long bodyBytes) {
        return new RocksStoreConfig(
                directory,
                memtableBytes,
                memtables,
                memtablesToMerge,
                blockBytes,
                bodyBytes,
                maxOpenFiles,
                logBytes,
                freeWanted,
                lz4);
    }

    public RocksStoreConfig withFreeWanted(long bytes) {
        return new RocksStoreConfig(
                directory,
                memtableBytes,
                memtables,
                memtablesToMerge,
                blockCacheBytes,
                bodyCacheBytes,
                maxOpenFiles,
                logBytes,
                bytes,
                lz4);
    }
}
