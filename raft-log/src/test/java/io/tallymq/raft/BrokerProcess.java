package io.tallymq.raft;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.session.RuntimeTuning;
import java.util.concurrent.TimeUnit;

/** A node's broker as it runs in a {@link VirtualProcess}: all of it, but for the log and the link. */
final class BrokerProcess {
    private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(30);

    private final VirtualProcess process;
    private final LossyStores stores;
    private final RaftBroker broker;
    private ModelLog log;
    private long registrations;

    BrokerProcess(
            VirtualProcess process,
            ModelNetwork network,
            ModelDisk disk,
            LossyStores stores,
            ModelLog.World world,
            RaftNodeConfig config,
            RuntimeTuning tuning) {
        this.process = process;
        this.stores = stores;
        stores.whileReplaced(this::report);
        RaftBroker.Parts parts = new RaftBroker.Parts(config, stores, tuning, (reason, cause) -> {
            if (process.isAlive()) {
                throw new AssertionError(config.nodeId() + " gave up: " + reason, cause);
            }
        });
        broker = new RaftBroker(parts, BrokerMachine.LEVELS, process, (its, state, forwards, fatal) -> {
            log = new ModelLog(new ModelLog.Parts(process, network, disk, stores, world), its, state, forwards, fatal);
            return log;
        });
        process.failures(broker::failedTasks);
        try {
            broker.start();
        } catch (RaftStartException e) {
            throw new AssertionError(e);
        }
    }

    VirtualProcess process() {
        return process;
    }

    RaftBroker broker() {
        return broker;
    }

    ModelLog log() {
        return log;
    }

    /** The reporter's thread gets its turn while the applying one is in the middle of something. */
    private void report() {
        Thread reporter = new Thread(() -> process.runOutOfTurn(broker.node() + "-report"), "reporter");
        reporter.start();
        try {
            reporter.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Ledger.check(!reporter.isAlive(), "%s does not report while its store is replaced", broker.node());
    }

    /** How often a registration has ended since this was asked last. */
    long endedRegistrations() {
        long now = broker.runtime().metrics().registrations();
        long ended = now - registrations;
        registrations = now;
        return ended;
    }

    /** Ends at once, with what is durable. */
    void kill() {
        process.kill();
        broker.close();
        stores.crash();
    }

    /** Ends in order. */
    void stop() {
        broker.close();
        process.kill();
    }
}
