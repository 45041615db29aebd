package io.tallymq.node.config;

import io.tallymq.node.config.value.Compression;
import io.tallymq.node.config.value.ValueTypes;
import java.time.Duration;
import java.util.List;

/** The replicated log, and the batches that go into it. */
final class RaftKeys {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    static final Key<Duration> RAFT_ELECTION_TIMEOUT_MIN = new Key<>(
            "raft.election-timeout-min",
            ValueTypes.duration(Duration.ofMillis(50), Duration.ofSeconds(60)),
            "2500ms",
            "1s",
            "A follower that hears no leader for a random time from this to the next asks for votes.");
    static final Key<Duration> RAFT_ELECTION_TIMEOUT_MAX = new Key<>(
            "raft.election-timeout-max",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofSeconds(120)),
            "4s",
            "2s",
            "The longest time without a leader before a follower asks for votes; above the minimum.");
    static final Key<Long> RAFT_SEGMENT_SIZE = new Key<>(
            "raft.segment-size",
            ValueTypes.size(MIB, GIB),
            "16MiB",
            "64MiB",
            "Size of one file of the log; the log is deleted in whole files.");
    static final Key<Long> RAFT_SNAPSHOT_BYTES = new Key<>(
            "raft.snapshot-bytes",
            ValueTypes.size(MIB, 64 * GIB),
            "128MiB",
            "1GiB",
            "The log is cut at what the store holds durably after this many bytes (or 8000 entries) ...");
    static final Key<Duration> RAFT_SNAPSHOT_INTERVAL = new Key<>(
            "raft.snapshot-interval",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            "5m",
            "1m",
            "... and after this time, if anything changed.");
    static final Key<Long> RAFT_KEEP_BYTES = new Key<>(
            "raft.keep-bytes",
            ValueTypes.size(MIB, 64 * GIB),
            "64MiB",
            "256MiB",
            "So much of the log stays for nodes that were away; a node that missed more copies the whole store ...");
    static final Key<Integer> RAFT_KEEP_ENTRIES = new Key<>(
            "raft.keep-entries",
            ValueTypes.integer("entries", 1_000, 10_000_000),
            "20000",
            "100000",
            "... or so many entries, if that is less: each takes 250 bytes of the heap, and a start takes longer.");
    static final Key<Duration> RAFT_NODE_LOST_GRACE = new Key<>(
            "raft.node-lost-grace",
            ValueTypes.duration(Duration.ofSeconds(5), Duration.ofHours(1)),
            "10s",
            "30s",
            "A node silent for longer loses its consumers and exclusive queues; an ended process loses them at once.");
    static final Key<Long> RAFT_SKIP_ENTRY = new Key<>(
            "raft.skip-entry",
            ValueTypes.index(),
            "none",
            "none",
            "Entry at which all nodes end because none can read it: it is passed over. Set it on all; see decision 016.");

    static final Key<Long> BATCH_MAX_BYTES = new Key<>(
            "batch.max-bytes",
            ValueTypes.size(16 * KIB, MIB),
            "256KiB",
            "512KiB",
            "A batch of publishes and acks is closed at this size; one larger command still goes alone.");
    static final Key<Integer> BATCH_IN_FLIGHT = new Key<>(
            "batch.in-flight",
            ValueTypes.integer("batches", 1, 1_024),
            "1",
            "8",
            "Batches of this node on their way; while so many are, the next one gathers.");
    static final Key<Long> BATCH_PENDING_BYTES = new Key<>(
            "batch.pending-bytes",
            ValueTypes.size(2 * MIB, GIB),
            "64MiB",
            "128MiB",
            "Commands of this node waiting in memory; above it, publishers are not read.");
    static final Key<Duration> BATCH_LINGER = new Key<>(
            "batch.linger",
            ValueTypes.duration(Duration.ZERO, Duration.ofSeconds(1)),
            "8ms",
            "0ms",
            "Under load a batch waits for more, and where many send rarely an entry for other nodes: so long at most.");
    static final Key<Compression> BATCH_COMPRESSION = new Key<>(
            "batch.compression",
            ValueTypes.choice(Compression.class),
            "lz4",
            "none",
            "How batches are packed on their way to the other nodes and in the log, if that makes them smaller.");

    static final Key<Integer> TRACE_MESSAGES = new Key<>(
            "trace.messages",
            ValueTypes.integer("messages", 0, 10_000),
            "256",
            "1000",
            "Messages published with x-trace whose times this node keeps, the last ones; 0: it traces none.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            RAFT_ELECTION_TIMEOUT_MIN,
            RAFT_ELECTION_TIMEOUT_MAX,
            RAFT_SEGMENT_SIZE,
            RAFT_SNAPSHOT_BYTES,
            RAFT_SNAPSHOT_INTERVAL,
            RAFT_KEEP_BYTES,
            RAFT_KEEP_ENTRIES,
            RAFT_NODE_LOST_GRACE,
            RAFT_SKIP_ENTRY,
            BATCH_MAX_BYTES,
            BATCH_IN_FLIGHT,
            BATCH_PENDING_BYTES,
            BATCH_LINGER,
            BATCH_COMPRESSION,
            TRACE_MESSAGES);

    private RaftKeys() {}
}
