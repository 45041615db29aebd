package io.tallymq.raft.log.state;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.List;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotInfo;

/** What the store holds durably, as Ratis asks for it: three times an entry, and the store has to be read for it; an older position only makes it look into the log. */
final class LatestSnapshot {
    private static final long ASKED_NANOS = 100_000_000;

    private final ReplicatedState state;
    /** What Ratis was last told, null: the store has to be asked. */
    private volatile Durable last;

    LatestSnapshot(ReplicatedState state) {
        this.state = state;
    }

    /** Null when the store is empty. */
    SnapshotInfo get() {
        Durable told = last;
        return told != null && System.nanoTime() - told.askedAt < ASKED_NANOS ? told.orNull() : ask();
    }

    private SnapshotInfo ask() {
        Position durable = state.durable();
        Durable now =
                new Durable(durable.index(), TermIndex.valueOf(durable.term(), durable.index()), System.nanoTime());
        last = now;
        return now.orNull();
    }

    /** The store is asked the next time. */
    void forget() {
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
