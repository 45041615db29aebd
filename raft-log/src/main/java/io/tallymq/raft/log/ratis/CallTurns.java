package io.tallymq.raft.log.ratis;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the other nodes ask of this one's Raft server is done one call at a time: appends, votes, snapshots, a leader's request to stand.
 *
 * <p>Ratis 3.3.0 checks an append's term and the entry before it with its lock held, lets go of the lock, and appends ({@code RaftServerImpl.appendEntriesAsync}).
 * A vote in between is given with what the log was before the append; the entries come after it and are answered as taken. So a message could be confirmed with the
 * voice of a node that has just elected somebody who lacks it, and an append of an old term could cut off entries of the next one. With one call at a time there is no "in between"
 * for votes, other leaders' appends and snapshots, as long as the append is done when the call's turn is over: {@link RatisSettings} keeps Ratis from composing appends, which would put one behind another
 * one's future. What else changes the term of a node, and why an append may come after it:
 *
 * <ul>
 *   <li>{@code Candidacy}: takes its turn here, by {@link #alone}.
 *   <li>The election timeout: Ratis does not stand while an append is neither done nor refused ({@code FollowerState.outstandingOp} is raised with the lock held, together with the check,
 *       and only a vote given, which has its turn here, makes a new one that counts from zero).
 *   <li>A pre-vote or an election that runs already: the check itself makes the node a follower, after which that election may neither begin a term nor win.
 *   <li>An answer with a higher term to this node's own request (of a leader or candidate that it was): raises the term, gives no vote and reads nothing of the log. The append is then as good as one that
 *       came before the answer.
 * </ul>
 *
 * <p>Who comes while another call is being handled leaves what it wants and goes; whoever is at it does that too. So no thread waits for its turn: they are event loops, and a vote
 * waits for an election of this node to end, which waits for answers that come by such a loop.
 */
public final class CallTurns {
    private static final Logger LOG = LoggerFactory.getLogger(CallTurns.class);

    /** A call takes less than a millisecond, with a vote's fsync some; Ratis' own timeout stands in for who did not get its turn. */
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ReentrantLock turn = new ReentrantLock();
    /** No longer than there are calls, but for their ends: a call's next message is read when this one is handled. */
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** Handles what comes of a call in its turns, in the order in which it came. */
    <Q> ServerCall.Listener<Q> of(ServerCall<Q, ?> call, ServerCall.Listener<Q> handler) {
        return new Turns<>(call, handler);
    }

    /**
     * Does something between two calls. Not on an event loop: it waits for the call that is being handled, but not for one that a hanging disk holds up.
     *
     * @return what the task returns; false if it was not done
     */
    public boolean alone(BooleanSupplier task) {
        if (!isMyTurn()) {
            return false;
        }
        try {
            return task.getAsBoolean();
        } finally {
            turn.unlock();
            work();
        }
    }

    private boolean isMyTurn() {
        try {
            return turn.tryLock(MOST_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void take(Runnable event) {
        waiting.add(event);
        if (!turn.isHeldByCurrentThread()) { // else it is done when what runs now has ended, not in the middle of it
            work();
        }
    }

    /** Who adds after the last look sees the lock free, or is seen at the next look. */
    private void work() {
        while (!waiting.isEmpty() && turn.tryLock()) {
            try {
                for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
                    next.run();
                }
            } finally {
                turn.unlock();
            }
        }
    }

    private final class Turns<Q> extends ServerCall.Listener<Q> {
        private final ServerCall<Q, ?> call;
        private final ServerCall.Listener<Q> handler;
        /** Guarded by the turn. */
        private boolean failed;

        Turns(ServerCall<Q, ?> call, ServerCall.Listener<Q> handler) {
            this.call = call;
            this.handler = handler;
        }

        @Override
        public void onMessage(Q message) {
            take(() -> run(() -> handler.onMessage(message)));
        }

        @Override
        public void onHalfClose() {
            take(() -> run(handler::onHalfClose));
        }

        @Override
        public void onCancel() {
            take(() -> run(handler::onCancel));
        }

        @Override
        public void onComplete() {
            take(() -> run(handler::onComplete));
        }

        @Override
        public void onReady() {
            take(() -> run(handler::onReady));
        }

        /** A call that fails must not end another one's thread: it ends as gRPC would end it. */
        private void run(Runnable event) {
            if (failed) {
                return;
            }
            try {
                event.run();
            } catch (RuntimeException | Error e) {
                failed = true;
                LOG.warn("A call of {} failed", call.getMethodDescriptor().getFullMethodName(), e);
                close(e);
            }
        }

        private void close(Throwable cause) {
            try {
                call.close(Status.UNKNOWN.withCause(cause), new Metadata());
            } catch (IllegalStateException closed) {
                LOG.debug("It was closed already", closed);
            }
        }
    }
}
