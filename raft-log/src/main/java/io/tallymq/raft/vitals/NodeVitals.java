package io.tallymq.raft.vitals;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;

/**
 * How a node's process and machine are, as the node itself sees it. Numbers are -1 where it can't know them.
 *
 * @param pid of the process
 * @param uptime milliseconds
 * @param processors that the process may use
 * @param memoryUsed bytes resident
 * @param filesOpen file descriptors in use
 * @param filesLimit file descriptors that the process may have
 * @param disk where the node's data is
 */
public record NodeVitals(
        long pid, long uptime, int processors, long memoryUsed, long filesOpen, long filesLimit, Disk disk) {
    /**
     * The disk of a node.
     *
     * @param free bytes
     * @param limit bytes: with fewer the alarm goes off; 0: there is no alarm
     * @param low the alarm is on; it stays on until there is clearly more room than the limit
     */
    public record Disk(long free, long limit, boolean low) {}

    public void write(ByteWriter w) {
        w.int64(pid)
                .int64(uptime)
                .int32(processors)
                .int64(memoryUsed)
                .int64(filesOpen)
                .int64(filesLimit);
        w.int64(disk.free).int64(disk.limit).bool(disk.low);
    }

    public static NodeVitals read(ByteReader r) {
        return new NodeVitals(
                r.int64(),
                r.int64(),
                r.int32(),
                r.int64(),
                r.int64(),
                r.int64(),
                new Disk(r.int64(), r.int64(), r.bool()));
    }
}
