package io.tallymq.raft.log;

/** This node must not start. The message is one sentence that says why and what to do. */
public final class RaftStartException extends Exception {
    public RaftStartException(String message) {
        super(message);
    }

    public RaftStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
