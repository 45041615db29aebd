package io.tallymq.raft.log;

import io.tallymq.raft.log.ReplicatedState.Position;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** A submitted entry on its way through Ratis, which hands it back to the state machine on this node. */
final class Entry implements Message {
    private final ByteString content;
    private final CompletableFuture<Position> future = new CompletableFuture<>();

    /** Set before the entry is appended: from here on it may be applied whatever the answer says. */
    private volatile boolean appended;

    Entry(ByteString content) {
        this.content = content;
    }

    @Override
    public ByteString getContent() {
        return content;
    }

    CompletableFuture<Position> future() {
        return future;
    }

    void markAppended() {
        appended = true;
    }

    boolean appended() {
        return appended;
    }
}
