package io.tallymq.raft.session;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.PolicyWork;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The machine and who may look at it when. The applying thread competes with one reader at most, and the lock is fair: a
 * flood of readers delays an entry by one of them.
 */
public final class Replica {
    private final ReentrantLock readers = new ReentrantLock(true);
    private final ReentrantLock state = new ReentrantLock(true);
    private final Runnable awaitRoom;
    private BrokerMachine machine;
    /** The machine's, for who must not wait. */
    private volatile int level;

    private volatile AccessView access;

    private volatile PolicyWork policyWork;

    private volatile boolean waitsForRoom;

    /**
     * Nobody looks at the machine any more but through this.
     *
     * @param awaitRoom waits before what the store has no room for is written again, or throws
     */
    public Replica(BrokerMachine machine, Runnable awaitRoom) {
        this.awaitRoom = awaitRoom;
        this.machine = machine;
        this.level = machine.level();
        this.access = machine.access();
        this.policyWork = machine.policyWork();
    }

    /** The machine's, which is for any thread. */
    public AccessView access() {
        return access;
    }

    /** The machine's, without waiting for an entry. Any thread. */
    public PolicyWork policyWork() {
        return policyWork;
    }

    /** The machine's level as it was last unlocked. Any thread. */
    public int level() {
        return level;
    }

    /** Looks at the state between two entries, for moments: entries wait so long. Any thread. */
    public <T> T read(Function<BrokerView, T> look) {
        readers.lock();
        try {
            state.lock();
            try {
                return look.apply(machine);
            } finally {
                state.unlock();
            }
        } finally {
            readers.unlock();
        }
    }

    /** Whether a part of the entry is in the store. */
    public boolean hasBegun(long index) {
        state.lock();
        try {
            return machine.progress(index) != null;
        } finally {
            state.unlock();
        }
    }

    /** Takes the machine for changing it; {@link #unlock} afterwards. */
    public BrokerMachine lock() {
        state.lock();
        return machine;
    }

    /** Gives the machine back; the thread that took it. */
    public void unlock() {
        if (level != machine.level()) {
            level = machine.level();
        }
        state.unlock();
    }

    /**
     * Writes what was applied. While the store has no room for it others may look at the machine, which nobody changes meanwhile. The
     * applying thread, which holds the machine once.
     *
     * @param commit tells whether there was room
     * @throws IllegalStateException the thread was interrupted while it waited for room
     */
    void commit(Predicate<BrokerMachine> commit) {
        boolean written = commit.test(machine);
        while (!written) {
            waitsForRoom = true;
            unlock();
            try {
                awaitRoom.run();
            } finally {
                state.lock();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while the disk of the store was full");
            }
            written = machine.commitAgain();
            waitsForRoom = !written;
        }
    }

    /** Whether what was applied waits for room in the store. Any thread. */
    public boolean waitsForRoom() {
        return waitsForRoom;
    }

    /** Another state takes the place of this one. Who holds the lock. */
    public void replace(BrokerMachine other) {
        state.lock();
        try {
            machine = other;
            access = other.access();
            policyWork = other.policyWork();
        } finally {
            state.unlock();
        }
    }
}
