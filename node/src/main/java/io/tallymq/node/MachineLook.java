package io.tallymq.node;

import io.tallymq.admin.request.NodeStats.Machine;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.raft.vitals.NodeVitals.Clients;
import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells how this node is at each look at its disk, and looks at its memory and its heap then. The rest of the machine and its clients are looked at every fifth time: counting
 * open files costs a millisecond, going through all clients as much, and both are for people to look at. One thread at a time.
 */
final class MachineLook implements Consumer<Disk> {
    static final int EVERY = 5;

    private final Supplier<Machine> machine;
    private final Supplier<Memory> memory;
    private final Supplier<Heap> heap;
    private final Supplier<Clients> clients;
    private final LongSupplier certificateEnd;
    private final Consumer<NodeVitals> listener;
    private Machine last;
    private Clients lastClients;
    private int looks;

    /**
     * @param clients what they did, null where that is not known
     * @param certificateEnd of the first one, milliseconds since the epoch; 0 for none
     */
    MachineLook(
            Supplier<Machine> machine,
            Supplier<Memory> memory,
            Supplier<Heap> heap,
            Supplier<Clients> clients,
            LongSupplier certificateEnd,
            Consumer<NodeVitals> listener) {
        this.clients = clients;
        this.certificateEnd = certificateEnd;
        this.machine = machine;
        this.memory = memory;
        this.heap = heap;
        this.listener = listener;
    }

    @Override
    public void accept(Disk disk) {
        if (looks++ % EVERY == 0) {
            last = machine.get();
            lastClients = clients.get();
        }
        listener.accept(ClusterNodeStats.vitals(last, memory.get(), disk)
                .with(lastClients)
                .with(heap.get())
                .endingAt(certificateEnd.getAsLong()));
    }
}
