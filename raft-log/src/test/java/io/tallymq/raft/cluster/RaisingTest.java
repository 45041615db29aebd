package io.tallymq.raft.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.effect.Reply;
import io.tallymq.format.Versions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RaisingTest implements ClusterView {
    private long term = 4;
    private boolean lease = true;
    private int level = 1;
    private final Map<String, Versions> told = new HashMap<>();
    private final List<Command> submitted = new ArrayList<>();
    private CompletableFuture<Reply> answer = new CompletableFuture<>();
    private final Raising raising = new Raising(this, new Versions(1, 3), () -> level, c -> {
        submitted.add(c);
        return answer;
    });

    private void ticks() {
        for (int i = 0; i < 5; i++) {
            raising.tick();
        }
    }

    @Test
    void notBeforeEverybodyHasToldThatItKnows() {
        ticks();
        told.put("n2", new Versions(1, 3));
        ticks();
        assertEquals(List.of(), submitted, "n3 has not told");
        told.put("n3", new Versions(1, 1));
        ticks();
        assertEquals(List.of(), submitted, "n3 knows level 1 only");
        told.put("n3", new Versions(2, 4));
        told.remove("n2");
        ticks();
        assertEquals(List.of(), submitted, "nothing is known of n2 any more");
        told.put("n2", new Versions(1, 2));
        ticks();
        assertEquals(List.of(new Raise(2, 4)), submitted);
        level = 2;
        told.put("n2", new Versions(1, 9));
        ticks();
        assertEquals(new Raise(3, 4), submitted.get(1));
        level = 3;
        ticks();
        assertEquals(2, submitted.size());
    }

    @Test
    void whoHaveNoLevelInCommonStayWhereTheyAre() {
        told.put("n2", new Versions(3, 3));
        told.put("n3", new Versions(1, 2));
        ticks();
        assertEquals(List.of(), submitted);
    }

    @Test
    void onlyALeaderThatReachesAMajority() {
        told.put("n2", new Versions(1, 3));
        told.put("n3", new Versions(1, 3));
        lease = false;
        ticks();
        lease = true;
        term = NOT_LEADING;
        ticks();
        assertEquals(List.of(), submitted);
    }

    @Test
    void aWordThatCameTooLateIsGivenAnewInTheNextTerm() {
        told.put("n2", new Versions(1, 3));
        told.put("n3", new Versions(1, 3));
        ticks();
        term = 6;
        ticks();
        answer.complete(new Reply.Rejected(541, Reply.Reason.FENCED, "late"));
        answer = new CompletableFuture<>();
        ticks();
        assertEquals(List.of(new Raise(3, 4), new Raise(3, 6), new Raise(3, 6)), submitted);
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
    public boolean reachable(String node) {
        return told.containsKey(node);
    }

    @Override
    public Versions levels(String node) {
        return told.get(node);
    }

    @Override
    public boolean ended(String node) {
        return false;
    }
}
