package io.tallymq.raft.log.state;

import io.tallymq.raft.log.state.NotAcceptedException.Reason;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** A submitted entry on its way through Ratis, which hands it back to the state machine on this node. */
final class Entry implements Message {
    private final ByteString content;
    private final CompletableFuture<Position> future = new CompletableFuture<>();
    private final long submittedAt = System.nanoTime();

    /** Set before the entry is appended: from here on it may be applied whatever the answer says. */
    private volatile boolean appended;

    Entry(ByteString content) {
        this.content = content;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    /** Nanoseconds since it was submitted. */
    long age() {
        return System.nanoTime() - submittedAt;
    }

    CompletableFuture<Position> future() {
        return future;
    }

    void markAppended() {
        appended = true;
    }

    /**
     * Ratis has answered. Success was told when the entry was applied; here only what went wrong is left.
     *
     * @param reply null if something was thrown
     */
    void answered(RaftClientReply reply, Throwable thrown) {
        Throwable error = thrown != null ? thrown : reply.isSuccess() ? null : reply.getException();
        if (error == null || future.isDone()) {
            return;
        }
        if (error instanceof CompletionException && error.getCause() != null) {
            error = error.getCause();
        }
        future.completeExceptionally(
                appended ? error : new NotAcceptedException(reason(error), String.valueOf(error.getMessage())));
    }

    private static Reason reason(Throwable error) {
        if (error instanceof NotLeaderException || error instanceof LeaderSteppingDownException) {
            return Reason.NOT_LEADER;
        }
        if (error instanceof LeaderNotReadyException) {
            return Reason.LEADER_NOT_READY;
        }
        return error instanceof ResourceUnavailableException ? Reason.TOO_MANY_PENDING : Reason.STOPPED;
    }
}
