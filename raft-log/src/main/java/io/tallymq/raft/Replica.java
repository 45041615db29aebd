package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.BrokerView;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The machine and who may look at it when. The applying thread competes with one reader at most, and the lock is fair: a
 * flood of readers delays an entry by one of them.
 */
final class Replica {
    private final ReentrantLock readers = new ReentrantLock(true);
    private final ReentrantLock state = new ReentrantLock(true);
    private BrokerMachine machine;
    /** The machine's, for who must not wait. */
    private volatile int level;

    Replica(BrokerMachine machine) {
        this.machine = machine;
        this.level = machine.level();
    }

    /** The machine's level as it was last unlocked. Any thread. */
    int level() {
        return level;
    }

    <T> T read(Function<BrokerView, T> look) {
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

    /** Takes the machine for changing it; {@link #unlock} afterwards. */
    BrokerMachine lock() {
        state.lock();
        return machine;
    }

    void unlock() {
        if (level != machine.level()) {
            level = machine.level();
        }
        state.unlock();
    }

    /** Another state takes the place of this one. */
    void replace(BrokerMachine other) {
        state.lock();
        try {
            machine = other;
        } finally {
            state.unlock();
        }
    }
}
