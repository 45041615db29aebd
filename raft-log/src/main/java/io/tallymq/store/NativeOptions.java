package io.tallymq.store;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.Filter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/** RocksDB's options for a store, and the native objects that have to live as long as the database. */
final class NativeOptions implements AutoCloseable {
    private static final long BLOCK_BYTES = 16 << 10;
    /**
     * Level 1 is as large as what level 0 gathers before it is compacted: four files of two memtables. With small memtables for a
     * small disk all compactions are small, too.
     */
    private static final int LEVEL_1_MEMTABLES = 8;

    /** Compactions may have to wait for room: what they would have merged must not stop the writing that makes room. */
    private static final int FILES_TO_SLOW = 200;

    private static final int FILES_TO_STOP = 1_000;

    /** Written files are handed to the disk in steps, so that the log's fsync does not queue behind a whole table. */
    private static final long BYTES_PER_SYNC = 1 << 20;
    /** One flush and one compaction at a time: more would take the CPU from the apply thread. */
    private static final int BACKGROUND_JOBS = 2;

    /** A memtable with so many is flushed: each one slows all reads down. */
    private static final int RANGE_DELETIONS = 500;

    /** Of a filter by which most of what is not there is known not to be: ids are looked for with each publish, and most are new. */
    private static final double FILTER_BITS = 10;

    private static final long LOG_FILE_BYTES = 4L << 20;
    private static final int LOG_FILES = 4;

    private final Cache cache;
    private final Filter filter = new BloomFilter(FILTER_BITS, false);
    private final Options options;

    NativeOptions(RocksStoreConfig config, StoreRoom room) {
        this.cache = new LRUCache(config.blockCacheBytes());
        this.options = new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(config.memtableBytes())
                .setMaxWriteBufferNumber(config.memtables())
                .setMinWriteBufferNumberToMerge(config.memtablesToMerge())
                .setCompressionType(config.lz4() ? CompressionType.LZ4_COMPRESSION : CompressionType.NO_COMPRESSION)
                .setTargetFileSizeBase(Math.min(RocksStoreConfig.TABLE_FILE_BYTES, config.memtableBytes()))
                .setMaxBytesForLevelBase(LEVEL_1_MEMTABLES * config.memtableBytes())
                .setLevel0SlowdownWritesTrigger(FILES_TO_SLOW)
                .setLevel0StopWritesTrigger(FILES_TO_STOP)
                .setSstFileManager(room.files())
                // One thread writes: what lets several write at once only costs.
                .setAllowConcurrentMemtableWrite(false)
                .setEnableWriteThreadAdaptiveYield(false)
                .setMemtableMaxRangeDeletions(RANGE_DELETIONS)
                .setBytesPerSync(BYTES_PER_SYNC)
                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                .setMaxOpenFiles(config.maxOpenFiles())
                .setMaxLogFileSize(LOG_FILE_BYTES)
                .setKeepLogFileNum(LOG_FILES)
                .setInfoLogLevel(InfoLogLevel.INFO_LEVEL)
                .setStatsDumpPeriodSec(0)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockSize(BLOCK_BYTES)
                        .setBlockCache(cache)
                        .setFilterPolicy(filter)
                        // A backlog's indexes count against the cache instead of growing with the backlog.
                        .setCacheIndexAndFilterBlocks(true));
    }

    Options options() {
        return options;
    }

    /** After the database is closed. */
    @Override
    public void close() {
        options.close();
        cache.close();
        filter.close();
    }
}
