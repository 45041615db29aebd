package io.tallymq.raft;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.raft.anatomy.ClusterAnatomy;
import io.tallymq.raft.trace.TraceBook;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a node's report tells of confirms, behind what {@code ClusterVitals} writes: where the time goes, of all and of traced messages. Who
 * does not know these fields passes them over; 3 was told by versions before link version 3.
 */
final class ConfirmTimes {
    private static final int ANATOMY = TaggedFields.OPTIONAL + 1;
    private static final int TRACES = TaggedFields.OPTIONAL + 2;

    private final ClusterAnatomy anatomy;
    private BrokerRuntime runtime;

    /** @param nanoTime as {@link System#nanoTime} */
    ConfirmTimes(LongSupplier nanoTime) {
        anatomy = new ClusterAnatomy(nanoTime);
    }

    /** Before anything else. */
    void connect(BrokerRuntime broker) {
        runtime = broker;
    }

    private TraceBook traces() {
        return runtime.tracing().book();
    }

    /** A field of another node's report. Returns whether it is one of these. Any thread. */
    boolean read(String fromNode, int tag, ByteReader r) {
        if (tag == ANATOMY) {
            anatomy.read(fromNode, r);
        } else if (tag == TRACES) {
            traces().read(fromNode, r);
        }
        return tag == ANATOMY || tag == TRACES;
    }

    /** What all nodes are told. The reporting thread. */
    void write(ByteWriter w) {
        ByteWriter measured = new ByteWriter(256);
        ClusterAnatomy.write(measured, runtime.metrics().phases());
        TaggedFields.write(w, ANATOMY, measured.toBytes());
        runtime.tracing().complete();
    }

    /**
     * A report goes out, with the traced messages of which this node was not told. The reporting thread.
     *
     * @param way returns whether it took the bytes
     * @return whether there are more to tell it
     */
    boolean send(String other, byte[] report, Predicate<byte[]> way) {
        ByteWriter its = new ByteWriter(256);
        long upTo = traces().write(other, its);
        byte[] bytes = report;
        if (upTo > 0) {
            ByteWriter more = new ByteWriter(report.length + its.size()).raw(report, 0, report.length);
            TaggedFields.write(more, TRACES, its.toBytes());
            bytes = more.toBytes();
        }
        return way.test(bytes) && upTo > 0 && traces().told(other, upTo);
    }

    /** Nothing is heard of the node any more. Any thread. */
    void forget(String node) {
        anatomy.lost(node);
    }

    /** The link to the node is down: it is told all again when it is back. Any thread. */
    void lost(String node) {
        traces().lost(node);
    }

    /** What a node last told of the phases; null for nothing. Any thread. */
    ClusterAnatomy.Told of(String node) {
        return anatomy.of(node);
    }
}
