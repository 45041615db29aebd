package io.tallymq.raft.anatomy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterAnatomyTest {
    private long now;
    private final ClusterAnatomy all = new ClusterAnatomy(() -> now);
    private final ConfirmPhases its = new ConfirmPhases(() -> now);

    @Test
    void whatANodeToldIsKnownUntilItIsLost() {
        its.of(Phase.FLUSH).add(5_000_000);
        its.of(Phase.FLUSH).add(9_000_000);
        ByteWriter w = new ByteWriter();
        ClusterAnatomy.write(w, its);
        assertNull(all.of("n2"));
        all.read("n2", new ByteReader(w.toBytes()));
        now = 700;
        Map<Phase, Times.Recent> same = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            same.put(phase, its.of(phase).recent());
        }
        assertEquals(new ClusterAnatomy.Told(same, 700), all.of("n2"));
        Times.Recent flushes = all.of("n2").phases().get(Phase.FLUSH);
        assertEquals(2, flushes.count());
        assertEquals(
                List.of(1L, 1L),
                flushes.buckets().stream().map(Times.Bucket::count).toList());
        all.lost("n2");
        assertNull(all.of("n2"));
    }

    @Test
    void aPhaseOfALaterVersionIsPassedOver() {
        ByteWriter w = new ByteWriter().varint(2).string("SWEEP");
        w.varint(1).varint(2).varint(3).varint(4).varint(5).varint(6);
        w.string("WRITE").varint(1).varint(2).varint(3).varint(4).varint(5).varint(6);
        all.read("n2", new ByteReader(w.toBytes()));
        assertEquals(
                Map.of(Phase.WRITE, new Times.Recent(1, 2, 3, 4, 5, 6, List.of())),
                all.of("n2").phases(),
                "as a version without buckets tells it");
        w.varint(1).varint(9).varint(9).varint(2).varint(7).varint(1).varint(8).varint(2);
        all.read("n2", new ByteReader(w.toBytes()));
        assertEquals(
                List.of(new Times.Bucket(7, 1), new Times.Bucket(8, 2)),
                all.of("n2").phases().get(Phase.WRITE).buckets());
    }
}
