package io.tallymq.raft.log;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.CommittedMark;
import io.tallymq.raft.log.files.LogScan;
import io.tallymq.raft.log.files.NodeIdentity;
import io.tallymq.raft.log.files.RaftMetaFiles;
import io.tallymq.raft.log.ratis.RatisSettings;
import io.tallymq.raft.log.state.ReplicatedState;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.apache.ratis.util.PureJavaCrc32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node looks at before it starts: it must not start on what is damaged, nor on what is another's. */
final class StartChecks {
    private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);

    private final RaftNodeConfig config;
    private final ReplicatedState state;

    StartChecks(RaftNodeConfig config, ReplicatedState state) {
        this.config = config;
        this.state = state;
    }

    /** Ratis' own costs a lot. */
    void checksum() {
        if (!Modifier.isFinal(PureJavaCrc32C.class.getModifiers())) {
            LOG.warn("Ratis' own checksum is in use, which costs a lot of CPU: put the raft-log jar before the"
                    + " ratis-common jar on the class path.");
        }
    }

    /** A store without the log that it came from is damage. Before the directory is claimed: the next start would not find it new. */
    void store() throws RaftStartException {
        if (NodeIdentity.isUnclaimed(config.raftDir()) && state.durable().index() >= 0) {
            throw RaftStartException.damage("The directory " + config.raftDir() + " is new but the store already holds "
                    + "entries up to " + state.durable().index() + ": the log they came from is missing. "
                    + LogScan.ADVICE);
        }
    }

    /**
     * Reads all of the log.
     *
     * @param logged hears what each entry is
     */
    void log(CommittedMark committed, LogScan.Found logged) throws IOException, RaftStartException {
        RaftMetaFiles.check(RatisSettings.logDir(config), state.durable().index());
        LogScan.Result log = new LogScan(
                        RatisSettings.logDir(config),
                        config.tuning().log().appendBytes(),
                        committed.index(),
                        state.durable().index(),
                        state.durable().term(),
                        config.tuning().snapshot().keep(),
                        logged)
                .run();
        if (log.last() < 0) {
            LOG.info("The log is empty");
        } else {
            LOG.info(
                    "The log holds entries {} to {}, the store all up to {}",
                    log.first(),
                    log.last(),
                    state.durable().index());
        }
    }

    /** Ratis ends the process if its port is taken. */
    void port() throws RaftStartException {
        String host = config.bind().host();
        int port = config.bind().raftPort();
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new RaftStartException(
                    "The Raft port " + host + ":" + port + " can not be used: " + e.getMessage()
                            + ". Stop the program that uses it or configure another port.",
                    e);
        }
    }
}
