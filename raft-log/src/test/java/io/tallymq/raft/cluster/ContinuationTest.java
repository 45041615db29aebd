package io.tallymq.raft.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.effect.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ContinuationTest implements ClusterView {
    private final List<Command> submitted = new ArrayList<>();
    private CompletableFuture<Reply> answer = new CompletableFuture<>();
    private Error atSubmit;
    private Error atPause;
    private final Continuation continuation = new Continuation(
            this,
            () -> true,
            () -> 5,
            () -> 0,
            c -> {
                if (atSubmit != null) {
                    throw atSubmit;
                }
                submitted.add(c);
                return answer;
            },
            () -> 0,
            (nanos, next) -> {
                if (atPause != null) {
                    throw atPause;
                }
            });

    @Test
    void oneIsOnItsWayAtATime() {
        continuation.tick();
        continuation.tick();
        assertEquals(1, submitted.size());
        answer.completeExceptionally(new IllegalStateException("no leader any more"));
        answer = new CompletableFuture<>();
        continuation.tick();
        assertEquals(2, submitted.size());
    }

    /** Else the log would never go on again. */
    @Test
    void whatThrowsIsTriedAgainAtTheNextTick() {
        atSubmit = new AssertionError("a bug");
        assertThrows(AssertionError.class, continuation::tick);
        atSubmit = null;
        atPause = new AssertionError("a bug");
        continuation.tick();
        answer.complete(new Reply.Probed(1, 1));
        answer = new CompletableFuture<>();
        continuation.tick();
        assertEquals(2, submitted.size());
    }

    @Override
    public ClusterStatus status() {
        throw new AssertionError("what goes on is decided by term and lease, not by the status");
    }

    @Override
    public long leadingTerm() {
        return 4;
    }

    @Override
    public boolean holdsLease() {
        return true;
    }

    @Override
    public Collection<String> others() {
        return List.of();
    }

    @Override
    public boolean reachable(String node) {
        return true;
    }

    @Override
    public boolean ended(String node) {
        return false;
    }
}
