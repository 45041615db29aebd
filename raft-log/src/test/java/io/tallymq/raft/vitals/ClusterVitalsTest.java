package io.tallymq.raft.vitals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who knows of whose disk, without a network: what one writes the other reads. */
class ClusterVitalsTest {
    private final ClusterVitals leader = new ClusterVitals("leader", name -> name);
    private final ClusterVitals low = new ClusterVitals("low", name -> name);
    private final ClusterVitals cutOff = new ClusterVitals("cut-off", name -> name);

    private static NodeVitals vitals(boolean low) {
        return new NodeVitals(2, 3, 4, NodeVitals.Memory.used(5), 6, 7, new NodeVitals.Disk(8, 9, low));
    }

    private static void tell(ClusterVitals from, String name, boolean leads, ClusterVitals to) {
        ByteWriter w = new ByteWriter(64);
        from.write(w, leads);
        ByteReader r = new ByteReader(w.toBytes());
        to.read(name, r, (tag, value) -> false);
        assertEquals(0, r.remaining());
    }

    @Test
    void theLeaderTellsOfANodeThatOthersDoNotReach() {
        low.own(vitals(true));
        tell(low, "low", false, leader);
        assertEquals(vitals(true), leader.known().get("low"));
        tell(leader, "leader", true, cutOff);
        assertTrue(cutOff.alarm().startsWith("low on disk: node 'low' has 8 bytes free"), cutOff.alarm());
        low.own(vitals(false));
        tell(low, "low", false, leader);
        tell(leader, "leader", true, cutOff);
        assertNull(cutOff.alarm());
    }

    @Test
    void whoDoesNotLeadTellsOfItselfOnly() {
        low.own(vitals(true));
        tell(low, "low", false, leader);
        leader.own(vitals(false));
        tell(leader, "leader", false, cutOff);
        assertEquals(Set.of("leader"), cutOff.known().keySet());
    }

    @Test
    void whoIsLostHasNoAlarmAndRelaysNone() {
        low.own(vitals(true));
        tell(low, "low", false, leader);
        tell(leader, "leader", true, cutOff);
        cutOff.lost("leader");
        assertNull(cutOff.alarm());
        leader.lost("low");
        assertNull(leader.alarm());
    }

    @Test
    void memoryTravelsBehindWhatOlderNodesRead() {
        NodeVitals full = vitals(false).with(new NodeVitals.Memory(200, 100, true));
        assertTrue(low.own(full));
        assertFalse(low.own(full));
        ByteWriter w = new ByteWriter(64);
        low.write(w, false);
        byte[] bytes = w.toBytes();
        ByteReader older = new ByteReader(bytes);
        assertEquals(1, older.uint16());
        older.string();
        assertEquals(full.with(NodeVitals.Memory.used(200)), NodeVitals.read(older));
        assertTrue(older.hasRemaining());
        tell(low, "low", false, leader);
        assertEquals(full, leader.known().get("low"));
        assertEquals("low on memory: node 'low' has 200 bytes resident, its memory.limit is 100", leader.alarm());
        tell(leader, "leader", true, cutOff);
        assertEquals(leader.alarm(), cutOff.alarm());
    }

    @Test
    void whatClientsDidTravelsBehindThem() {
        NodeVitals busy = vitals(false).with(new NodeVitals.Clients(1, 2, 3, 4, 5));
        low.own(busy);
        tell(low, "low", false, leader);
        assertEquals(busy, leader.known().get("low"));
        tell(leader, "leader", true, cutOff);
        assertEquals(busy, cutOff.known().get("low"));
        low.own(vitals(false));
        tell(low, "low", false, leader);
        assertNull(leader.known().get("low").clients());
    }

    @Test
    void theEndOfACertificateTravelsBehindThem() {
        NodeVitals shows = vitals(false).endingAt(1_900_000_000_000L);
        low.own(shows);
        tell(low, "low", false, leader);
        assertEquals(shows, leader.known().get("low"));
        leader.own(vitals(false).with(new NodeVitals.Clients(1, 2, 3, 4, 5)));
        tell(leader, "leader", true, cutOff);
        assertEquals(shows, cutOff.known().get("low"));
        assertEquals(0, cutOff.known().get("leader").certificateEnd());
    }

    @Test
    void aFullHeapTravelsBehindThem() {
        NodeVitals full = vitals(false).with(new NodeVitals.Heap(80, 75, true));
        assertTrue(low.own(full));
        assertFalse(low.own(full));
        tell(low, "low", false, leader);
        assertEquals(full, leader.known().get("low"));
        tell(leader, "leader", true, cutOff);
        assertEquals(full, cutOff.known().get("low"));
        assertEquals("low on memory: node 'low' keeps 80 bytes in its heap, 75 are allowed", cutOff.alarm());
        assertEquals("node 'low' keeps 80 bytes in its heap, 75 are allowed", cutOff.fullHeap());
        low.own(full.with(new NodeVitals.Heap(60, 75, false)));
        tell(low, "low", false, leader);
        tell(leader, "leader", true, cutOff);
        assertNull(cutOff.alarm());
        assertNull(cutOff.fullHeap());
    }

    /** An older node's report, and one that has a field of later: both are read. */
    @Test
    void whatAnOlderOrALaterNodeTellsIsRead() {
        ByteWriter w = new ByteWriter(64).uint16(1);
        vitals(true).write(w.string("low"));
        leader.read("low", new ByteReader(w.toBytes()), (tag, value) -> false);
        assertEquals(vitals(true), leader.known().get("low"));
        TaggedFields.write(w, 200, new byte[] {1, 2, 3});
        ByteReader later = new ByteReader(w.toBytes());
        leader.read("low", later, (tag, value) -> false);
        assertEquals(0, later.remaining());
        assertEquals(vitals(true), leader.known().get("low"));
    }

    @Test
    void theReasonFitsIntoAShortString() {
        leader.own(vitals(false));
        ClusterVitals other = new ClusterVitals("x".repeat(255), name -> name);
        other.own(new NodeVitals(
                1,
                1,
                1,
                new NodeVitals.Memory(Long.MAX_VALUE, Long.MAX_VALUE, true),
                1,
                1,
                new NodeVitals.Disk(Long.MAX_VALUE, Long.MAX_VALUE, true)));
        tell(other, "x".repeat(255), false, leader);
        tell(low, "low", false, leader);
        assertTrue(leader.alarm().length() < 255, leader.alarm());
    }
}
