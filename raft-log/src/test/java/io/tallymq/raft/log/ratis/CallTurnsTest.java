package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls of the other nodes, and this node's own candidacy, never overlap. */
@Timeout(60)
class CallTurnsTest {
    private static final int CALLS = 4;
    private static final int MESSAGES = 20_000;

    @TempDir
    Path dir;

    private RaftCalls calls;
    private Metadata proof;
    private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void begin() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            RaftNodeConfig config = cluster.config("n1");
            calls = new RaftCalls(config);
            proof = new Metadata();
            proof.put(RaftCalls.PROOF, RaftCalls.proof(cluster.config("n0"), "n1"));
        }
    }

    private <Q, A> ServerCall.Listener<Q> call(MethodDescriptor<Q, A> method, ServerCall.Listener<Q> handler) {
        return calls.interceptCall(new FakeCall<>(method, done), proof, (call, metadata) -> handler);
    }

    private <Q> ServerCall.Listener<Q> append(ServerCall.Listener<Q> handler) {
        @SuppressWarnings("unchecked")
        MethodDescriptor<Q, ?> method = (MethodDescriptor<Q, ?>)
                (MethodDescriptor<?, ?>) RaftServerProtocolServiceGrpc.getAppendEntriesMethod();
        return call(method, handler);
    }

    private <Q> ServerCall.Listener<Q> vote(ServerCall.Listener<Q> handler) {
        @SuppressWarnings("unchecked")
        MethodDescriptor<Q, ?> method =
                (MethodDescriptor<Q, ?>) (MethodDescriptor<?, ?>) RaftServerProtocolServiceGrpc.getRequestVoteMethod();
        return call(method, handler);
    }

    /** An append that stands between Ratis' check of its term and the log. */
    private final class SlowAppend extends ServerCall.Listener<Object> {
        final CountDownLatch checked = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public void onMessage(Object message) {
            done.add("check");
            checked.countDown();
            try {
                assertTrue(goOn.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            done.add("append");
        }
    }

    @Test
    void aVoteComesAfterTheAppendThatIsPastItsCheckAndHoldsUpNoThread() throws Exception {
        SlowAppend slow = new SlowAppend();
        ServerCall.Listener<Object> append = append(slow);
        CompletableFuture<Void> appending = CompletableFuture.runAsync(() -> append.onMessage("T1"));
        slow.checked.await();
        ServerCall.Listener<Object> vote = vote(new ServerCall.Listener<>() {
            @Override
            public void onHalfClose() {
                done.add("vote");
            }
        });
        vote.onHalfClose(); // returns, for this may be the loop that something in the append waits for
        slow.goOn.countDown();
        appending.join();
        assertEquals(List.of("check", "append", "vote"), List.copyOf(done));
    }

    @Test
    void whoStandsWaitsForTheAppendThatIsPastItsCheck() throws Exception {
        SlowAppend slow = new SlowAppend();
        ServerCall.Listener<Object> append = append(slow);
        CompletableFuture<Void> appending = CompletableFuture.runAsync(() -> append.onMessage("T1"));
        slow.checked.await();
        assertFalse(calls.turns().alone(() -> done.add("stood")), "not beside a call that does not end");
        slow.goOn.countDown();
        appending.join();
        assertTrue(calls.turns().alone(() -> {
            append(new ServerCall.Listener<Object>() {
                        @Override
                        public void onMessage(Object message) {
                            done.add("later");
                        }
                    })
                    .onMessage("T2");
            return done.add("stands");
        }));
        assertEquals(List.of("check", "append", "stands", "later"), List.copyOf(done));
    }

    @Test
    void noTwoCallsOverlapAndEachKeepsItsOrder() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        ConcurrentHashMap<Integer, List<Integer>> seen = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (int c = 0; c < CALLS; c++) {
            List<Integer> mine = new ArrayList<>(); // guarded by the turn, which is what is tested
            seen.put(c, mine);
            ServerCall.Listener<Integer> listener = append(new ServerCall.Listener<>() {
                @Override
                public void onMessage(Integer message) {
                    if (inside.incrementAndGet() != 1) {
                        overlaps.incrementAndGet();
                    }
                    mine.add(message);
                    inside.decrementAndGet();
                }
            });
            threads.add(new Thread(() -> {
                for (int i = 0; i < MESSAGES; i++) {
                    listener.onMessage(i);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(calls.turns().alone(() -> true)); // whoever was at it has ended
        assertEquals(0, overlaps.get());
        for (List<Integer> mine : seen.values()) {
            assertEquals(MESSAGES, mine.size());
            for (int i = 0; i < MESSAGES; i++) {
                assertEquals(i, mine.get(i));
            }
        }
    }

    @Test
    void aCallThatFailsEndsAloneAndTheNextOneGoesOn() {
        ServerCall.Listener<Object> bad = append(new ServerCall.Listener<>() {
            @Override
            public void onMessage(Object message) {
                throw new AssertionError("a bug");
            }

            @Override
            public void onHalfClose() {
                done.add("never");
            }
        });
        bad.onMessage("T1");
        bad.onHalfClose();
        append(new ServerCall.Listener<Object>() {
                    @Override
                    public void onMessage(Object message) {
                        done.add("next");
                    }
                })
                .onMessage("T1");
        assertEquals(List.of("closed UNKNOWN", "next"), List.copyOf(done));
    }

    /** Knows its method and how it ended. */
    private static final class FakeCall<Q, A> extends ServerCall<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final ConcurrentLinkedQueue<String> done;

        FakeCall(MethodDescriptor<Q, A> method, ConcurrentLinkedQueue<String> done) {
            this.method = method;
            this.done = done;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            done.add("closed " + status.getCode());
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
            return method;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(A message) {}

        @Override
        public boolean isCancelled() {
            return false;
        }
    }
}
