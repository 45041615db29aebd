package io.tallymq.raft.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.effect.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LostNodesTest implements ClusterView {
    private long now = 1_000;
    private long term = 4;
    private boolean lease = true;
    private final Set<String> silent = new HashSet<>();
    private final Set<String> ended = new HashSet<>();
    private final Map<String, Long> epochs = new HashMap<>(Map.of("n2", 5L, "n3", 6L));
    private final List<Command> submitted = new ArrayList<>();
    private CompletableFuture<Reply> answer = CompletableFuture.completedFuture(Reply.OK);
    private final LostNodes lost = new LostNodes(
            this,
            () -> new TreeMap<>(epochs),
            c -> {
                submitted.add(c);
                return answer;
            },
            TimeUnit.SECONDS.toNanos(10),
            () -> now);

    private void seconds(int n) {
        for (int i = 0; i < n; i++) {
            now += TimeUnit.SECONDS.toNanos(1);
            lost.tick();
        }
    }

    @Test
    void aNodeIsLostAfterTheGraceAndOnlyOnce() {
        silent.add("n2");
        lost.tick();
        seconds(9);
        assertEquals(List.of(), submitted);
        seconds(60);
        assertEquals(List.of(new NodeLost("n2", 5, 4)), submitted);
    }

    @Test
    void anEndedProcessIsLostAtOnce() {
        silent.addAll(others());
        ended.add("n3");
        lost.tick();
        assertEquals(List.of(new NodeLost("n3", 6, 4)), submitted);
        seconds(9);
        assertEquals(1, submitted.size());
        seconds(1);
        assertEquals(new NodeLost("n2", 5, 4), submitted.get(1));
    }

    @Test
    void whoReachesNoMajorityDecidesNothing() {
        silent.addAll(others());
        ended.addAll(others());
        lease = false;
        seconds(60);
        assertEquals(List.of(), submitted);
        ended.clear();
        lease = true;
        seconds(10);
        assertEquals(List.of(), submitted);
        seconds(1);
        assertEquals(2, submitted.size());
    }

    @Test
    void anotherTermBeginsAnewAndItsWordIsItsOwn() {
        silent.add("n2");
        lost.tick();
        seconds(9);
        term = 6;
        seconds(10);
        assertEquals(List.of(), submitted);
        seconds(1);
        assertEquals(List.of(new NodeLost("n2", 5, 6)), submitted);
    }

    @Test
    void whoWasRemovedFromTheClusterIsLostAfterTheGrace() {
        epochs.put("n7", 3L);
        lost.tick();
        seconds(9);
        assertEquals(List.of(), submitted);
        seconds(20);
        assertEquals(List.of(new NodeLost("n7", 3, 4)), submitted);
    }

    @Test
    void aWordInBetweenBeginsAnew() {
        silent.add("n2");
        lost.tick();
        seconds(9);
        silent.clear();
        seconds(1);
        silent.add("n2");
        seconds(9);
        assertEquals(List.of(), submitted);
    }

    @Test
    void onlyTheLeaderSpeaksAndItCountsFromItsElection() {
        term = NOT_LEADING;
        silent.add("n2");
        lost.tick();
        seconds(20);
        assertEquals(List.of(), submitted);
        term = 4;
        lost.tick();
        seconds(9);
        assertEquals(List.of(), submitted);
        seconds(1);
        assertEquals(1, submitted.size());
    }

    @Test
    void whoIsNoLeaderInBetweenBeginsAnew() {
        silent.add("n2");
        lost.tick();
        seconds(9);
        term = NOT_LEADING;
        seconds(1);
        term = 4;
        seconds(10);
        assertEquals(List.of(), submitted);
        seconds(1);
        assertEquals(1, submitted.size());
    }

    @Test
    void aNewEpochCanBeLostAgain() {
        silent.add("n2");
        lost.tick();
        seconds(11);
        epochs.put("n2", 8L);
        seconds(1);
        assertEquals(List.of(new NodeLost("n2", 5, 4), new NodeLost("n2", 8, 4)), submitted);
    }

    @Test
    void aRefusedWordIsRepeated() {
        answer = CompletableFuture.completedFuture(new Reply.Rejected(541, Reply.Reason.FENCED, "cut off"));
        silent.add("n3");
        lost.tick();
        seconds(10);
        answer = CompletableFuture.completedFuture(Reply.OK);
        seconds(20);
        assertEquals(List.of(new NodeLost("n3", 6, 4), new NodeLost("n3", 6, 4)), submitted);
    }

    @Test
    void aNodeThatNeverRegisteredHasNothingToLose() {
        epochs.clear();
        silent.addAll(others());
        lost.tick();
        seconds(20);
        assertEquals(List.of(), submitted);
    }

    @Override
    public ClusterStatus status() {
        throw new AssertionError("nothing here asks for this");
    }

    @Override
    public long leadingTerm() {
        return term;
    }

    @Override
    public boolean holdsLease() {
        return lease;
    }

    @Override
    public Collection<String> others() {
        return List.of("n2", "n3");
    }

    @Override
    public boolean ended(String node) {
        return ended.contains(node);
    }

    @Override
    public boolean reachable(String node) {
        return !silent.contains(node);
    }
}
