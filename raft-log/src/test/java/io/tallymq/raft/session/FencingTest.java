package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.cluster.Fencing;
import io.tallymq.raft.cluster.LostNodes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A node that is cut off hands out nothing and has reset its sockets before the leader gives away what it held. */
class FencingTest {
    private long now;

    static Stream<Duration> graces() {
        return Stream.of(
                Fencing.SHORTEST_GRACE,
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofHours(1));
    }

    @ParameterizedTest
    @MethodSource("graces")
    void theSumLeavesTheMargin(Duration grace) {
        Fencing f = Fencing.of(grace);
        Duration quiet = f.lease().plus(f.reset()).plus(Fencing.MARGIN);
        assertTrue(quiet.compareTo(f.giveAway()) <= 0, f.toString());
    }

    /** Both sides' own code, a tick every 50 ms on the same clock. */
    @ParameterizedTest
    @MethodSource("graces")
    void theCutOffNodeIsQuietBeforeTheLeaderSpeaks(Duration grace) {
        Fencing f = Fencing.of(grace);
        RuntimeTuning tuning = RuntimeTuning.DEFAULTS;
        List<Long> reset = new ArrayList<>();
        List<Long> given = new ArrayList<>();
        Outbox outbox = new Outbox("n2", tuning, () -> now, () -> false);
        outbox.register(1);
        outbox.connect(
                new Deaf() {
                    @Override
                    public void leftBehind() {
                        reset.add(now);
                    }
                },
                Runnable::run,
                any -> true);
        Withholding cutOff = new Withholding(
                view(false, f.lease().toNanos()),
                outbox,
                new RuntimeMetrics(),
                f.reset().toNanos(),
                () -> now);
        LostNodes leader = new LostNodes(
                view(true, Long.MAX_VALUE),
                () -> Map.of("n2", 1L),
                c -> {
                    given.add(now);
                    return CompletableFuture.completedFuture(io.tallymq.broker.effect.Reply.OK);
                },
                f.giveAway().toNanos(),
                () -> now);
        for (; given.isEmpty(); now += tuning.timing().tick().toNanos()) {
            cutOff.tick();
            leader.tick();
        }
        long early = given.get(0) - reset.get(0);
        assertTrue(
                early >= Fencing.MARGIN.toNanos() - 2 * tuning.timing().tick().toNanos(), early + " ns");
    }

    private ClusterView view(boolean leads, long leaseUntil) {
        return new ClusterView() {
            @Override
            public ClusterStatus status() {
                throw new AssertionError();
            }

            @Override
            public long leadingTerm() {
                return leads ? 3 : NOT_LEADING;
            }

            @Override
            public boolean holdsLease() {
                return now < leaseUntil;
            }

            @Override
            public Collection<String> others() {
                return List.of("n2");
            }

            @Override
            public boolean reachable(String node) {
                return false;
            }

            @Override
            public boolean ended(String node) {
                return false;
            }
        };
    }
}
