package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.admin.request.NodeStats.Machine;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.raft.vitals.NodeVitals.Clients;
import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MachineLookTest {
    @Test
    void theDiskIsToldEachTimeAndTheRestLookedAtSeldom() {
        AtomicInteger asked = new AtomicInteger();
        List<NodeVitals> told = new ArrayList<>();
        MachineLook look = new MachineLook(
                () -> new Machine(1, asked.incrementAndGet(), 2, 3, -1, 4, 5, 6, -1),
                () -> Memory.used(7),
                () -> new Heap(8, 9, true),
                () -> new Clients(asked.get(), 0, 0, 0, 0),
                () -> 1_900_000_000_000L,
                told::add);
        for (int i = 0; i <= MachineLook.EVERY; i++) {
            look.accept(new Disk(i, 0, false));
        }
        assertEquals(2, asked.get());
        assertEquals(
                List.of(1L, 1L, 1L, 1L, 1L, 2L),
                told.stream().map(NodeVitals::uptime).toList());
        assertEquals(
                List.of(0L, 1L, 2L, 3L, 4L, 5L),
                told.stream().map(v -> v.disk().free()).toList());
        assertEquals(
                List.of(1L, 1L, 1L, 1L, 1L, 2L),
                told.stream().map(v -> v.clients().connectionsCreated()).toList());
        assertEquals(new Heap(8, 9, true), told.get(0).heap());
        assertEquals(1_900_000_000_000L, told.get(0).certificateEnd());
    }
}
