package io.tallymq.raft.log.config;

/** This node must not start. The message is one sentence that says why and what to do. */
public final class RaftStartException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean damage;

    public RaftStartException(String message) {
        this(message, null);
    }

    public RaftStartException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private RaftStartException(String message, Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    /**
     * The node's data is damaged, or a part of it is missing: see {@link #isDamage}.
     *
     * @param message one sentence that says what, and what to do
     */
    public static RaftStartException damage(String message) {
        return new RaftStartException(message, null, true);
    }

    /** Whether the node's data is damaged, or a part of it is missing: another start finds it so again. */
    public boolean isDamage() {
        return damage;
    }

    /** What an exception began with, as it names itself, for a sentence. */
    public static String root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.toString();
    }
}
