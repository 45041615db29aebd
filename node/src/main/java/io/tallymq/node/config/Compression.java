package io.tallymq.node.config;

/** How the store packs the blocks of its files. */
public enum Compression {
    NONE,
    LZ4
}
