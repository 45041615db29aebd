package io.tallymq.node.config.value;

/** Whether the nodes speak TLS with each other. */
public enum NodesEncryption {
    /** As soon as one of them is not on this machine. */
    AUTO,
    ON,
    OFF
}
