package io.tallymq.raft.log;

/** This node must not start. The message is one sentence that says why and what to do. */
public final class RaftStartException extends Exception {
    public RaftStartException(String message) {
        super(message);
    }

    public RaftStartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What began it all, for a sentence. */
    static String root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
