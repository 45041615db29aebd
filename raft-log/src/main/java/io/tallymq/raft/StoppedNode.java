package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.StoppedLog;
import io.tallymq.raft.session.Epochs;
import io.tallymq.raft.session.RuntimeTuning;

/**
 * Applies to a copy of a stopped node's store what its log has beyond it, also what this node does not know to be confirmed: of an entry that
 * only a lost node and this one had, nobody else can tell.
 */
public final class StoppedNode {
    /** Entries between two writes of the store. */
    private static final int RUN = 64;

    private StoppedNode() {}

    /**
     * Brings a store to the log's end. It stays open.
     *
     * @return how far that is, and what of the log can't be read
     * @throws RaftStartException the disk does not let anybody read the log, or has no room for what it has beyond the store
     */
    public static StoppedLog.Result catchUp(RaftNodeConfig config, MessageStore store, RuntimeTuning tuning)
            throws RaftStartException {
        Platform platform = new Impatient();
        // Nobody is connected, nothing is sent: a log that is never started.
        LocalLog nobody = new LocalLog(config.nodeId(), platform::currentTimeMillis, store.applied());
        try (BrokerRuntime runtime = new BrokerRuntime(
                new BrokerRuntime.Parts(
                        config.nodeId(), store, nobody, new Epochs(() -> 0, platform::randomInt), platform, tuning),
                new BrokerMachine(store),
                nobody)) {
            MessageStore.Applied applied = store.applied();
            Applying applying = new Applying(runtime);
            StoppedLog.Result result = new StoppedLog(
                            config,
                            applied == null ? -1 : applied.index(),
                            applied == null ? -1 : applied.term(),
                            applying)
                    .read();
            runtime.flush();
            return result;
        } catch (NoRoomForItException e) {
            throw new RaftStartException(
                    "The copy of the store finds no room on its disk for what the log has beyond it: free space there"
                            + " and try again.",
                    e);
        }
    }

    /** Nobody would see that this waits for room, and free some. */
    private static final class Impatient extends SystemPlatform {
        @Override
        public void awaitRoom() {
            throw new NoRoomForItException();
        }
    }

    private static final class NoRoomForItException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static final class Applying implements StoppedLog.Reader {
        private final BrokerRuntime runtime;
        private int gathered;

        Applying(BrokerRuntime runtime) {
            this.runtime = runtime;
        }

        @Override
        public void entry(long term, long index, byte[] bytes, int offset, int length) {
            runtime.apply(term, index, bytes, offset, length);
            gather();
        }

        @Override
        public void other(long term, long index) {
            runtime.advance(term, index);
            gather();
        }

        private void gather() {
            if (++gathered % RUN == 0) {
                runtime.flush();
            }
        }
    }
}
