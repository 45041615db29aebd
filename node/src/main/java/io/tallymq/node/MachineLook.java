package io.tallymq.node;

import io.tallymq.admin.request.NodeStats.Machine;
import io.tallymq.raft.vitals.NodeVitals;
import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells how this node is at each look at its disk, and looks at its memory then. The rest of the machine is looked at every fifth time: counting open files
 * costs a millisecond, and is for people to look at. One thread at a time.
 */
final class MachineLook implements Consumer<Disk> {
    static final int EVERY = 5;

    private final Supplier<Machine> machine;
    private final Supplier<Memory> memory;
    private final Consumer<NodeVitals> listener;
    private Machine last;
    private int looks;

    MachineLook(Supplier<Machine> machine, Supplier<Memory> memory, Consumer<NodeVitals> listener) {
        this.machine = machine;
        this.memory = memory;
        this.listener = listener;
    }

    @Override
    public void accept(Disk disk) {
        if (looks++ % EVERY == 0) {
            last = machine.get();
        }
        listener.accept(ClusterNodeStats.vitals(last, memory.get(), disk));
    }
}
