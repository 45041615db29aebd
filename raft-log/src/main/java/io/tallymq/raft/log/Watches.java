package io.tallymq.raft.log;

import io.tallymq.raft.log.checkpoint.Checkpoints;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.election.LeadWatch;
import io.tallymq.raft.log.election.QuickElection;
import io.tallymq.raft.log.files.CommittedMark;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.ratis.RaftCalls;
import io.tallymq.raft.log.state.LogStateMachine;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.timer.Rhythm;
import io.tallymq.timer.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What looks after a node by the clock from its start to its stop: at Ratis, at who leads and whether it should, and at the log's
 * length. Looks have a thread, and what may block on the disk has another.
 */
final class Watches {
    private static final Logger LOG = LoggerFactory.getLogger(Watches.class);

    /** Between two looks at Ratis while there may have to be an election, and else; what changes is told in between. */
    private static final Duration LOOK_OFTEN = Duration.ofMillis(50);

    private static final Duration LOOK_SELDOM = Duration.ofMillis(500);

    private final RaftNode node;
    private final RaftNodeConfig config;
    private final ReplicatedState state;
    private final LogStateMachine machine;
    private final RaftDivision division;
    private final Checkpoints checkpoints;
    private final LeaderNews leaderNews;
    private final RaftCalls calls;
    private final NodeLink link;
    private final Timers timers;
    private final Executor background;
    private final ScheduledExecutorService scheduler;
    private final ScheduledExecutorService tidier;

    private volatile QuickElection quickElection;
    private volatile RaftWatch raftWatch;
    private volatile Rhythm watching;

    Watches(
            RaftNode node,
            RaftNodeConfig config,
            ReplicatedState state,
            LogStateMachine machine,
            RaftDivision division,
            Checkpoints checkpoints,
            LeaderNews leaderNews,
            RaftCalls calls,
            NodeLink link,
            Timers timers,
            Executor background) {
        this.node = node;
        this.config = config;
        this.state = state;
        this.machine = machine;
        this.division = division;
        this.checkpoints = checkpoints;
        this.leaderNews = leaderNews;
        this.calls = calls;
        this.link = link;
        this.timers = timers;
        this.background = background;
        this.scheduler = Executors.newSingleThreadScheduledExecutor(node.threads("raft-watch-"));
        this.tidier = Executors.newSingleThreadScheduledExecutor(node.threads("raft-tidy-"));
    }

    /** Ratis has started. Once. */
    void start(CommittedMark committed) {
        RaftServer.Division its = division.get();
        QuickElection election =
                new QuickElection(config, its, calls.turns(), link, node.fitness::rank, scheduler, timers);
        LeadWatch lead = new LeadWatch(its, node.fitness, node.handOver(), background);
        quickElection = election;
        RaftWatch.Events events = new RaftWatch.Events() {
            @Override
            public void leader(String idOrNull) {
                leaderNews.leaderIs(idOrNull, node.term());
            }

            @Override
            public void failed(String reason, Throwable cause) {
                node.fail(reason, cause);
            }
        };
        LogRetention retention =
                new LogRetention(its.getRaftLog(), machine, state, config.tuning(), checkpoints.holds());
        RaftWatch watch = new RaftWatch(its, machine, retention, committed, events, background);
        watch.startTidying(timers, tidier);
        raftWatch = watch;
        watching = new Rhythm(timers, scheduler, LOOK_OFTEN, LOOK_SELDOM, "looking at Ratis", () -> {
            watch.look();
            boolean near = election.look();
            lead.look();
            return near;
        });
        watching.start();
    }

    /** Null before the start. */
    QuickElection election() {
        return quickElection;
    }

    /** Null before the start. */
    RaftWatch watch() {
        return raftWatch;
    }

    /** Something has happened that an election may follow. */
    void lookSoon() {
        Rhythm looks = watching;
        if (looks != null) {
            looks.hurry();
        }
    }

    /** Nothing is looked at any more but what is being tidied. Does not wait for it. */
    void stop() {
        scheduler.shutdownNow();
        tidier.shutdown(); // no interrupt: it would close the file of the mark
    }

    /** After the stop: the tidying thread writes the mark no more. */
    void closeMark(CommittedMark committed, Duration most) {
        try {
            if (!tidier.awaitTermination(most.toNanos(), TimeUnit.NANOSECONDS)) {
                return; // the disk hangs
            }
            if (division.get() != null) {
                committed.write(division.commitIndex());
            }
            committed.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("The mark of what is committed did not close: {}", e.toString());
        }
    }
}
