package io.tallymq.node;

/** The node can't or must not start; the message is one sentence for the operator: what is wrong and what to do. */
public final class NodeStartException extends Exception {
    private static final long serialVersionUID = 1;

    NodeStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
