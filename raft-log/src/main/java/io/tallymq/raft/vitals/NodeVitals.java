package io.tallymq.raft.vitals;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * How a node's process and machine are, as the node itself sees it. Numbers are -1 where it can't know them.
 *
 * @param pid of the process
 * @param uptime milliseconds
 * @param processors that the process may use
 * @param memory of the process
 * @param filesOpen file descriptors in use
 * @param filesLimit file descriptors that the process may have
 * @param disk where the node's data is
 * @param clients what came and went; null for a node that does not tell
 * @param heap of the process
 * @param certificateEnd when the first of its certificates ends, milliseconds since the epoch; 0 for a node that shows or tells none
 */
public record NodeVitals(
        long pid,
        long uptime,
        int processors,
        Memory memory,
        long filesOpen,
        long filesLimit,
        Disk disk,
        Clients clients,
        long certificateEnd,
        Heap heap) {
    /** Of a node that tells nothing of its clients and its heap. */
    public NodeVitals(
            long pid, long uptime, int processors, Memory memory, long filesOpen, long filesLimit, Disk disk) {
        this(pid, uptime, processors, memory, filesOpen, filesLimit, disk, null, 0, Heap.UNKNOWN);
    }

    /**
     * What a node's clients did since its start.
     *
     * @param confirmed messages that were confirmed to them
     */
    public record Clients(
            long connectionsCreated,
            long connectionsClosed,
            long channelsCreated,
            long channelsClosed,
            long confirmed) {
        void write(ByteWriter w) {
            w.int64(connectionsCreated)
                    .int64(connectionsClosed)
                    .int64(channelsCreated)
                    .int64(channelsClosed)
                    .int64(confirmed);
        }

        static Clients read(ByteReader r) {
            return new Clients(r.int64(), r.int64(), r.int64(), r.int64(), r.int64());
        }
    }

    /**
     * The disk of a node.
     *
     * @param free bytes
     * @param limit bytes: with fewer the alarm goes off; 0: there is no alarm
     * @param low the alarm is on; it stays on until there is clearly more room than the limit
     */
    public record Disk(long free, long limit, boolean low) {}

    /**
     * The memory of a node.
     *
     * @param used bytes resident
     * @param limit bytes: with more the alarm goes off; 0: there is no alarm, or nothing is known of it
     * @param low the alarm is on; it stays on until there is clearly less resident than the limit
     */
    public record Memory(long used, long limit, boolean low) {
        /** Of a node that has no alarm of memory, or tells nothing of it. */
        public static Memory used(long bytes) {
            return new Memory(bytes, 0, false);
        }
    }

    /**
     * What of the heap is in use for good, which is mostly the replicated state. What is resident does not tell it: a heap can be full of what lives, or of what
     * nobody needs any more.
     *
     * @param kept bytes that a collection does not free
     * @param limit bytes kept: with more the alarm goes off; 0: there is no alarm, or nothing is known of it
     * @param low the alarm is on; it stays on until clearly less is kept than the limit
     */
    public record Heap(long kept, long limit, boolean low) {
        /** Of a node that has no such alarm, or tells nothing of it. */
        public static final Heap UNKNOWN = new Heap(0, 0, false);
    }

    /** Whether any of its alarms is on, so that publishers are blocked. */
    boolean isLow() {
        return disk.low || isLowOnMemory();
    }

    /** Whether too much is resident, or too much of the heap is kept. */
    public boolean isLowOnMemory() {
        return memory.low || heap.low;
    }

    NodeVitals with(Memory other) {
        return new NodeVitals(
                pid, uptime, processors, other, filesOpen, filesLimit, disk, clients, certificateEnd, heap);
    }

    /** The same with what its clients did. */
    public NodeVitals with(Clients its) {
        return new NodeVitals(pid, uptime, processors, memory, filesOpen, filesLimit, disk, its, certificateEnd, heap);
    }

    /** The same with the end of its first certificate; 0 for none. */
    public NodeVitals endingAt(long millis) {
        return new NodeVitals(pid, uptime, processors, memory, filesOpen, filesLimit, disk, clients, millis, heap);
    }

    /** The same with what its heap keeps. */
    public NodeVitals with(Heap its) {
        return new NodeVitals(
                pid, uptime, processors, memory, filesOpen, filesLimit, disk, clients, certificateEnd, its);
    }

    /** All but the limit and the alarm of the memory, the clients, the certificate and the heap, which {@link ClusterVitals} writes behind the vitals of all nodes. */
    public void write(ByteWriter w) {
        w.int64(pid)
                .int64(uptime)
                .int32(processors)
                .int64(memory.used)
                .int64(filesOpen)
                .int64(filesLimit);
        w.int64(disk.free).int64(disk.limit).bool(disk.low);
    }

    public static NodeVitals read(ByteReader r) {
        return new NodeVitals(
                r.int64(),
                r.int64(),
                r.int32(),
                Memory.used(r.int64()),
                r.int64(),
                r.int64(),
                new Disk(r.int64(), r.int64(), r.bool()));
    }
}
