package io.tallymq.node;

/** The node can't or must not start; the message is one sentence for the operator: what is wrong and what to do. */
public final class NodeStartException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean damage;

    NodeStartException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /** @param damage whether what the node has stored is damaged, so that another start finds it so again */
    NodeStartException(String message, Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    boolean isDamage() {
        return damage;
    }
}
