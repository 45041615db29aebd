package io.tallymq.raft.anatomy;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What the other nodes last told of the phases of the confirms that they had a part in. Any thread. */
public final class ClusterAnatomy {
    /**
     * What a node told.
     *
     * @param age nanoseconds since it was heard
     */
    public record Told(Map<Phase, Times.Recent> phases, long age) {}

    private record Heard(Map<Phase, Times.Recent> phases, long at) {}

    private final LongSupplier nanoTime;
    private final Map<String, Heard> heard = new HashMap<>();

    /** @param nanoTime as {@link System#nanoTime} */
    public ClusterAnatomy(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Writes what a node has to tell of itself: the figures of each phase, and behind them, since later, its buckets. */
    public static void write(ByteWriter w, ConfirmPhases phases) {
        ByteWriter buckets = new ByteWriter(256);
        w.varint(Phase.values().length);
        for (Phase phase : Phase.values()) {
            Times.Recent r = phases.of(phase).recent();
            w.string(phase.name()).varint(r.count()).varint(r.mean()).varint(r.p50());
            w.varint(r.p90()).varint(r.p99()).varint(r.max());
            buckets.varint(r.buckets().size());
            r.buckets().forEach(b -> buckets.varint(b.below()).varint(b.count()));
        }
        byte[] behind = buckets.toBytes();
        w.raw(behind, 0, behind.length);
    }

    /** Reads what {@code from} wrote; phases that this program does not know are passed over. */
    public void read(String from, ByteReader r) {
        List<Phase> told = new ArrayList<>();
        Map<Phase, Times.Recent> phases = new EnumMap<>(Phase.class);
        for (long n = r.varint(); n > 0; n--) {
            Phase phase = Phase.named(r.string());
            told.add(phase);
            Times.Recent recent =
                    new Times.Recent(r.varint(), r.varint(), r.varint(), r.varint(), r.varint(), r.varint(), List.of());
            if (phase != null) {
                phases.put(phase, recent);
            }
        }
        for (int i = 0; i < told.size() && r.remaining() > 0; i++) {
            List<Times.Bucket> buckets = buckets(r);
            phases.computeIfPresent(told.get(i), (phase, recent) -> recent.with(buckets));
        }
        synchronized (heard) {
            heard.put(from, new Heard(phases, nanoTime.getAsLong()));
        }
    }

    private static List<Times.Bucket> buckets(ByteReader r) {
        List<Times.Bucket> all = new ArrayList<>();
        for (long n = r.varint(); n > 0; n--) {
            all.add(new Times.Bucket(r.varint(), r.varint()));
        }
        return all;
    }

    /** Nothing is heard of that node any more. */
    public void lost(String node) {
        synchronized (heard) {
            heard.remove(node);
        }
    }

    /** Of a node by its id; null when it told nothing, or is not heard of. */
    public Told of(String node) {
        synchronized (heard) {
            Heard h = heard.get(node);
            return h == null ? null : new Told(h.phases, nanoTime.getAsLong() - h.at);
        }
    }
}
