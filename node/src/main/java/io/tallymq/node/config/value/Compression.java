package io.tallymq.node.config.value;

/** How bytes are packed: blocks of the store's files, or batches. */
public enum Compression {
    NONE,
    LZ4
}
