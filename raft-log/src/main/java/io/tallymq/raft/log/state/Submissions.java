package io.tallymq.raft.log.state;

import io.tallymq.raft.log.state.NotAcceptedException.Reason;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** Entries on their way from this node into Ratis, in the same process. */
public final class Submissions {
    private final RaftGroupId groupId;
    private final RaftPeerId self;
    private final int maxEntryBytes;
    private final ClientId clientId = ClientId.randomId();
    private final AtomicLong callIds = new AtomicLong();
    private final AtomicLong pending = new AtomicLong();

    /**
     * None yet.
     *
     * @param nodeId this node's, which takes them
     * @param maxEntryBytes a longer entry is refused, see {@link Reason#TOO_LARGE}
     */
    public Submissions(RaftGroupId groupId, String nodeId, int maxEntryBytes) {
        this.groupId = groupId;
        this.self = RaftPeerId.valueOf(nodeId);
        this.maxEntryBytes = maxEntryBytes;
    }

    /** Submitted here and neither applied nor failed. Any thread. */
    public long pending() {
        return pending.get();
    }

    /**
     * Appends an entry, in the order of the calls; by one thread. The array must not be modified any more. Blocks while Ratis' queue is full.
     *
     * @param target {@code null} if this node does not run
     * @return completes when the entry is applied here, on the thread that applies it; exceptionally with {@link NotAcceptedException} when it
     *     never will be, with another exception when its fate is unknown
     */
    public CompletableFuture<Position> submit(RaftServer.Division target, byte[] bytes, int off, int len) {
        if (len > maxEntryBytes) {
            return refused(
                    Reason.TOO_LARGE, "An entry of " + len + " bytes, " + maxEntryBytes + " are allowed: split it.");
        }
        if (target == null) {
            return refused(Reason.STOPPED, "This node is not running.");
        }
        Entry entry = new Entry(UnsafeByteOperations.unsafeWrap(bytes, off, len));
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(self)
                .setGroupId(groupId)
                .setCallId(callIds.incrementAndGet())
                .setMessage(entry)
                .setType(RaftClientRequest.writeRequestType())
                .build();
        pending.incrementAndGet();
        entry.future().whenComplete((position, e) -> pending.decrementAndGet());
        try {
            ((RaftClientAsynchronousProtocol) target)
                    .submitClientRequestAsync(request)
                    .whenComplete(entry::answered);
        } catch (IOException | RuntimeException e) {
            entry.answered(null, e);
        }
        return entry.future();
    }

    private static CompletableFuture<Position> refused(Reason reason, String text) {
        return CompletableFuture.failedFuture(new NotAcceptedException(reason, text));
    }
}
