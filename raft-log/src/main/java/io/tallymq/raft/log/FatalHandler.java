package io.tallymq.raft.log;

import io.tallymq.raft.log.files.NoRoomException;

/** Told once when this node can not go on, and logs it: nobody did before. The process has to end; its supervisor starts it again. */
@FunctionalInterface
public interface FatalHandler {
    /**
     * @param reason one sentence for the log and the operator
     * @param cause what was thrown, may be {@code null}; a {@link NoRoomException} when the disk is full
     */
    void onFatal(String reason, Throwable cause);
}
