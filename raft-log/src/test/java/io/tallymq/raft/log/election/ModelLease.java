package io.tallymq.raft.log.election;

import io.tallymq.raft.log.link.LinkPong;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The product's {@link Lease}, for a link and a log that are models. */
public final class ModelLease {
    private final Lease lease;

    /** @param nanoTime of the process */
    public ModelLease(
            Duration length,
            int nodes,
            BooleanSupplier leads,
            LongSupplier term,
            Supplier<Position> applied,
            Supplier<Position> committed,
            LongSupplier nanoTime) {
        Lease.Self self = new Lease.Self() {
            @Override
            public boolean leads() {
                return leads.getAsBoolean();
            }

            @Override
            public long term() {
                return term.getAsLong();
            }

            @Override
            public Position told() {
                return applied.get();
            }

            @Override
            public Position committed() {
                return committed.get();
            }
        };
        lease = new Lease(length, nodes, self, nanoTime);
    }

    public boolean holds() {
        return lease.holds();
    }

    public long gaps() {
        return lease.gaps();
    }

    /** Milliseconds. */
    public int left() {
        return lease.leftMillis();
    }

    /** @param asked when the ping was sent, by this process' clock */
    public void answered(String peer, Position lastEntry, int leaseMillis, long asked) {
        lease.answered(peer, new LinkPong(lastEntry, false, leaseMillis, asked, -1, -1));
    }
}
