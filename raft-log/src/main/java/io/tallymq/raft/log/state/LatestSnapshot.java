package io.tallymq.raft.log.state;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.List;
import java.util.function.Supplier;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotInfo;

/** What the store holds durably, as Ratis asks for it: three times an entry, and the store has to be read for it; an older position only makes it look into the log. */
final class LatestSnapshot {
    private static final long ASKED_NANOS = 100_000_000;

    private final Supplier<Position> durable;
    /** What Ratis was last told, null: the store has to be asked. */
    private volatile Durable last;
    /** How often it was {@link #forget forgotten}: what was asked before that is another store's, or too little. */
    private volatile long forgotten;

    /** @param durable reads it from the store */
    LatestSnapshot(Supplier<Position> durable) {
        this.durable = durable;
    }

    /** Null when the store is empty. */
    SnapshotInfo get() {
        Durable told = last;
        return told != null && System.nanoTime() - told.askedAt < ASKED_NANOS ? told.orNull() : ask();
    }

    private SnapshotInfo ask() {
        long before = forgotten;
        Position found = durable.get();
        Durable now = new Durable(found.index(), TermIndex.valueOf(found.term(), found.index()), System.nanoTime());
        return newer(now, before).orNull();
    }

    /** Others may have asked meanwhile, and know more. */
    private synchronized Durable newer(Durable now, long before) {
        if (before != forgotten) {
            return now;
        }
        Durable told = last;
        if (told != null && told.index > now.index) {
            return told;
        }
        last = now;
        return now;
    }

    /** The store is asked the next time. */
    synchronized void forget() {
        forgotten++;
        last = null;
    }

    /** Ratis' view of it; it has no files that Ratis could send. */
    private record Durable(long index, TermIndex position, long askedAt) implements SnapshotInfo {
        SnapshotInfo orNull() {
            return index < 0 ? null : this;
        }

        @Override
        public TermIndex getTermIndex() {
            return position;
        }

        @Override
        public List<FileInfo> getFiles() {
            return List.of();
        }
    }
}
